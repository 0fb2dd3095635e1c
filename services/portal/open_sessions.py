"""Where somebody is signed in, as the account page shows it, and signing out there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.portal.neighbours import Neighbours, Unanswered

PATH = "/api/v1/sessions"


@dataclass(frozen=True)
class OpenSession:
    """One browser or device that stays signed in."""

    id: UUID
    device: str | None
    began_at: datetime
    used_at: datetime
    is_this_one: bool


async def listed(neighbours: Neighbours, token: str, now: datetime) -> Sequence[OpenSession]:
    """Those that go on, this one first and then the last used. Raises Unanswered."""
    told = await neighbours.send("GET", "directory", PATH, token=token)
    try:
        found = [_session(each) for each in told.body["items"] if _goes_on(each, now)]
    except (KeyError, TypeError, ValueError) as error:
        raise Unanswered(f"directory: {type(error).__name__}") from error
    return sorted(found, key=lambda each: (each.is_this_one, each.used_at), reverse=True)


async def end(neighbours: Neighbours, token: str, sessions: Sequence[UUID]) -> bool:
    """Sign out there; False where one of them is none of the person's. Raises Unanswered."""
    statuses = [
        (await neighbours.send("DELETE", "directory", f"{PATH}/{each}", token=token)).status
        for each in sessions
    ]
    return all(status == 204 for status in statuses)


def _goes_on(told: Mapping[str, Any], now: datetime) -> bool:
    return told["ended_at"] is None and datetime.fromisoformat(told["expires_at"]) > now


def _session(told: Mapping[str, Any]) -> OpenSession:
    return OpenSession(
        id=UUID(told["id"]),
        device=told["device"],
        began_at=datetime.fromisoformat(told["began_at"]),
        used_at=datetime.fromisoformat(told["used_at"]),
        is_this_one=bool(told["is_this_one"]),
    )

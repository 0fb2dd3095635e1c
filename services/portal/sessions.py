"""The session of a browser: its refresh token in a cookie, and what the directory gives for that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import Response

from chassis.secret_cookie import SecretCookie
from services.portal.neighbours import Neighbours, Unanswered


@dataclass(frozen=True)
class Session:
    """Somebody who is signed in."""

    id: str | None
    token: str
    display_name: str | None
    """None for somebody who has not said yet what to be called."""
    refresh_token: str
    refresh_expires_at: datetime

    def keep_in(self, response: Response, cookie: SecretCookie) -> None:
        """The browser goes on with it."""
        cookie.keep(response, self.refresh_token, self.refresh_expires_at)


async def resumed(neighbours: Neighbours, cookie: str | None) -> Session | None:
    """The session of that cookie, which is used up: the browser is to keep the new one.

    None where it is over. Raises Unanswered.
    """
    if not cookie:
        return None
    answer = await neighbours.post("directory", "/api/v1/sessions/refresh", {"refresh_token": cookie})
    return session_of(answer.body) if answer.status == 200 else None


def session_of(told: Mapping[str, Any]) -> Session:
    """The session in an answer of the directory. Raises Unanswered where it is none."""
    try:
        return Session(
            id=told.get("session_id"),
            token=str(told["token"]),
            display_name=told["display_name"],
            refresh_token=str(told["refresh_token"]),
            refresh_expires_at=datetime.fromisoformat(told["refresh_expires_at"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Unanswered(f"directory: {type(error).__name__}") from error

"""Sessions and trainings with a date in the shop's town, and whether the shop comes to them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from services.portal.neighbours import Answer
from services.portal.visitors import Visitor

SESSIONS = "/api/v1/town-sessions"
_MOST = 10


async def coming(
    visitor: Visitor, merchant_id: UUID, shop: Mapping[str, Any] | None, now: datetime
) -> Sequence[Mapping[str, Any]] | None:
    """The next ones, each with the shop's registration under `mine`; None where nobody tells."""
    if shop is None:
        return None
    since = now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    asked: dict[str, str | int] = {
        "city": str(shop["city_id"]),
        "state": "announced",
        "since": since,
        "limit": _MOST,
    }
    told = await visitor.part("assessment", SESSIONS, **asked)
    if told is None:
        return None
    mine = await asyncio.gather(
        *[visitor.part("assessment", _registration(each["id"], merchant_id)) for each in told["items"]]
    )
    return [{**each, "mine": one} for each, one in zip(told["items"], mine, strict=True)]


async def change_coming(visitor: Visitor, merchant_id: UUID, session: UUID, *, comes: bool) -> Answer:
    """Come, or wait for a seat; or do not come after all. Raises Unanswered."""
    method = "PUT" if comes else "DELETE"
    return await visitor.write(method, "assessment", _registration(session, merchant_id))


def _registration(session: UUID | str, merchant_id: UUID) -> str:
    return f"{SESSIONS}/{session}/registrations/{merchant_id}"

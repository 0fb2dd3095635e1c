"""What every page of a shop's people has: the shop's name, what is unread, and the shops they have."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.portal.visitors import Anybody, Visitor

ROLES = frozenset({"merchant", "merchant_staff"})


async def own_shops(visitor: Visitor) -> list[str]:
    """The ids of the shops that this person runs or works at. Raises Unanswered."""
    me = await visitor.found("directory", "/api/v1/people/me") or {"grants": ()}
    return list(dict.fromkeys(str(each["merchant_id"]) for each in me["grants"] if each["role"] in ROLES))


async def frame(visitor: Anybody, merchant_id: UUID) -> dict[str, Any]:
    """The head of a page of that shop's; its name is unknown where the directory does not tell."""
    shop, unread = await asyncio.gather(
        visitor.part("directory", f"/api/v1/merchants/{merchant_id}"),
        visitor.part("notifications", "/api/v1/notifications/unread", merchant=str(merchant_id)),
    )
    return {"shop_id": merchant_id, "shop": shop, "unread": (unread or {}).get("unread", 0)}


def items(told: Mapping[str, Any] | None) -> list[Mapping[str, Any]] | None:
    """The items of a list; None where nobody told it."""
    return None if told is None else list(told["items"])

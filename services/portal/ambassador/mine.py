"""What somebody's own pages have in common: names of shops, and the campaigns they have a part in."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from services.portal.ambassador.campaigns import PATH
from services.portal.visitors import Visitor

PAGE = 20
"""Of what is listed, for each shop of which the directory is asked once."""


async def shops(visitor: Visitor, items: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any] | None]:
    """The shops that these are about, by id; None for one that is listed no more, or that nobody tells of."""
    ids = list(dict.fromkeys(str(each["merchant_id"]) for each in items if each.get("merchant_id")))
    found = await asyncio.gather(*(visitor.part("directory", f"/api/v1/merchants/{each}") for each in ids))
    return dict(zip(ids, found, strict=True))


async def campaigns(visitor: Visitor, items: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The campaigns that these count for, by id, as far as they are told."""
    ids = list(dict.fromkeys(str(each["campaign_id"]) for each in items if each.get("campaign_id")))
    found = await asyncio.gather(*(visitor.part("campaigns", f"{PATH}/{each}") for each in ids))
    return {name: each for name, each in zip(ids, found, strict=True) if each is not None}

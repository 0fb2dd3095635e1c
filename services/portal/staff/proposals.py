"""Shops that somebody missed in the directory while assessing them, as the city's officers see them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from services.portal.neighbours import NotThere, part
from services.portal.shops import Shop
from services.portal.staff.shop_records import faults_of, record_of
from services.portal.towns import Result
from services.portal.visitors import Visitor

_AT_ONCE = 20
_ALIKE = 3


class Proposal(Struct):
    """What is said of a shop that waits for a decision."""

    id: UUID
    name: str | None
    street: str | None
    house_number: str | None
    postcode: str | None
    kind: str | None
    proposed_at: datetime

    @property
    def values(self) -> dict[str, str]:
        """As the form for a new shop shows it."""
        said = {name: getattr(self, name) for name in ("name", "street", "house_number", "postcode", "kind")}
        return {name: value or "" for name, value in said.items()} | {"proposal": str(self.id)}


class Proposals(Struct):
    items: list[Proposal]
    next: str | None = None


async def read_waiting(visitor: Visitor, city_id: UUID) -> list[tuple[Proposal, list[Shop]]]:
    """The first that wait, each with listed shops that are called alike. Raises NotThere, Unanswered."""
    waiting = await _page(visitor, city_id, _AT_ONCE)
    alike = await asyncio.gather(*(part(_alike(visitor, city_id, each)) for each in waiting.items))
    return [(each, shops or []) for each, shops in zip(waiting.items, alike, strict=True)]


async def find(visitor: Visitor, city_id: UUID, proposal_id: UUID) -> Proposal:
    """One that waits. Raises NotThere for any other, Unanswered."""
    cursor: str | None = None
    while True:
        some = await _page(visitor, city_id, 100, cursor)
        for each in some.items:
            if each.id == proposal_id:
                return each
        if (cursor := some.next) is None:
            raise NotThere("no such proposal waits")


async def accept(visitor: Visitor, proposal_id: str, form: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The id of the shop that it became, or by field what hinders it. Raises NotThere, Unanswered."""
    body, faults = record_of(form)
    if faults:
        return "", faults
    said = {name: value for name, value in body.items() if value is not None}
    said["owner_agrees"] = form.get("owner_agrees") == "yes"
    try:
        path = f"/api/v1/merchant-proposals/{UUID(proposal_id)}/accept"
    except ValueError:
        raise NotThere("no proposal") from None
    answer = await visitor.write("POST", "directory", path, said)
    return ("", faults_of(answer)) if answer.status >= 400 else (str(answer.body["merchant_id"]), {})


async def _page(visitor: Visitor, city_id: UUID, limit: int, cursor: str | None = None) -> Proposals:
    path = f"/api/v1/cities/{city_id}/merchant-proposals"
    return await visitor.shaped(Proposals, "directory", path, limit=limit, cursor=cursor)


async def _alike(visitor: Visitor, city_id: UUID, proposal: Proposal) -> list[Shop]:
    if not proposal.name:
        return []
    asked = {"q": proposal.name, "city": str(city_id)}
    path = "/api/v1/merchants/search"
    found = await visitor.shaped(Result, "directory", path, limit=_ALIKE, **asked)
    return [each.merchant for each in found.items]

"""Whose shop the answers are about: one that is listed, or one that is proposed with them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from chassis.access import PUBLIC
from chassis.forms import form_of
from services.portal.forms import OF_THIS_SITE, errors_of
from services.portal.merchant.assessing import Draft, proposal_of, propose, resume
from services.portal.merchant.questions import Questions
from services.portal.neighbours import Unanswered, part
from services.portal.reader import Reader
from services.portal.shops import City
from services.portal.towns import Towns
from services.portal.visitors import Anybody, Door, see_other

_MOST_FOUND = 10
_FIELDS = ("city_id", "name", "street", "house_number", "postcode", "kind")
"""What is said of a shop that is proposed; the number of its house may be left out."""


def router(door: Door, questions: Questions, towns: Towns) -> APIRouter:
    """Among the listed shops; or a form, and what became of it."""
    routes = APIRouter(prefix="/assess", include_in_schema=False, dependencies=[PUBLIC])
    pages = _Pages(door, towns)

    @routes.api_route("/shop", methods=["GET", "HEAD"])
    async def show_shops(request: Request, reader: Reader, city: str = "", q: str = "") -> Response:
        """Look one's shop up."""

        async def work(visitor: Anybody) -> Response:
            draft = await resume(visitor, questions.kept.read(request))
            if draft is None:
                return see_other(questions.address(None), reader)
            return await pages.search(visitor, draft, city, q.strip()[:100])

        return await door.welcome(request, reader, work)

    @routes.api_route("/proposal", methods=["GET", "HEAD"])
    async def show_proposal(request: Request, reader: Reader, city: str = "", name: str = "") -> Response:
        """What became of it; the form, where nothing waits."""

        async def work(visitor: Anybody) -> Response:
            draft = await resume(visitor, questions.kept.read(request))
            if draft is None:
                return see_other(questions.address(None), reader)
            page = await pages.proposal(visitor, draft, {"city_id": city, "name": name[:100]})
            questions.kept.keep(page, draft.kept_as, draft.expires_at)  # a proposal keeps it for longer
            return page

        return await door.welcome(request, reader, work)

    @routes.post("/proposal", dependencies=[OF_THIS_SITE])
    async def send_proposal(request: Request, reader: Reader) -> Response:
        """The city's officers decide."""
        form = await form_of(request)

        async def work(visitor: Anybody) -> Response:
            draft = await resume(visitor, questions.kept.read(request))
            if draft is None:
                return see_other(questions.address(None), reader)
            typed = {name: form.get(name, "").strip() for name in _FIELDS}
            answer = await propose(visitor, draft, {name: typed[name] or None for name in _FIELDS})
            if answer.status == 200:
                return see_other(reader.path, reader)
            faults = list(errors_of(answer)) if answer.status == 422 else [""]
            return await pages.proposal(visitor, draft, typed, answer.status, faults)

        return await door.welcome(request, reader, work)

    return routes


class _Pages:
    def __init__(self, door: Door, towns: Towns) -> None:
        self._door = door
        self._towns = towns

    async def search(self, visitor: Anybody, draft: Draft, city: str, q: str) -> Response:
        cities, found, proposal = await asyncio.gather(
            self._cities(visitor), _listed(visitor, city, q), proposal_of(visitor, draft)
        )
        return self._door.page(
            "merchant/whose_shop.html",
            visitor.reader,
            draft=draft,
            cities=cities,
            found=found,
            proposal=proposal,
            city=city,
            q=q,
            place=urlencode({"city": city, "q": q}) + "&" if city or q else "",
        )

    async def proposal(
        self,
        visitor: Anybody,
        draft: Draft,
        typed: Mapping[str, str],
        status: int = 200,
        faults: Sequence[str] = (),
    ) -> Response:
        """What was proposed, and the form with what was typed where nothing waits or is listed."""
        proposal, cities, kinds = await asyncio.gather(
            proposal_of(visitor, draft), self._cities(visitor), visitor.part("directory", "/api/v1/kinds")
        )
        if proposal is not None and status == 200:
            typed = proposal["shop"]
        return self._door.page(
            "merchant/proposal.html",
            visitor.reader,
            status,
            draft=draft,
            proposal=proposal,
            cities=cities,
            kinds=kinds,
            typed=typed,
            faults=faults,
            is_again=status == 409,
            is_too_often=status == 429,
        )

    async def _cities(self, visitor: Anybody) -> list[City] | None:
        cities = await part(self._towns.all())
        if cities is None:
            return None
        return sorted(cities.items, key=lambda city: city.called(visitor.language))


async def _listed(visitor: Anybody, city: str, q: str) -> list[Mapping[str, Any]] | None:
    """Those that have these words, the likeliest first; None where nobody tells."""
    if not q:
        return []
    asked: dict[str, str | int] = {"q": q, "limit": _MOST_FOUND, **({"city": city} if city else {})}
    try:
        answer = await visitor.read("directory", "/api/v1/merchants/search", **asked)
    except Unanswered:
        return None
    return [each["merchant"] for each in answer.body["items"]] if answer.status == 200 else []

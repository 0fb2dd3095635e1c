"""The assessment of a shop: one question a page, gone on with later, and handed in."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request, Response

from chassis.access import PUBLIC
from chassis.forms import form_of, pairs_of
from chassis.secret_cookie import SecretCookie
from services.portal.forms import OF_THIS_SITE
from services.portal.merchant.assessing import Draft, hand_in, resume, save, start
from services.portal.merchant.desk import frame
from services.portal.reader import Reader
from services.portal.visitors import Door, Visitor, see_other


@dataclass(frozen=True)
class _Pages:
    door: Door
    kept: SecretCookie
    """Of the draft that this browser is filling in."""

    def address(self, merchant_id: UUID, number: int | None = None) -> str:
        home = f"/shops/{merchant_id}/assessment"
        return home if number is None else f"{home}/questions/{number}"

    async def overview(self, visitor: Visitor, merchant_id: UUID, request: Request) -> Response:
        head, done, offered, draft = await asyncio.gather(
            frame(visitor, merchant_id),
            visitor.found("assessment", "/api/v1/assessments", merchant=str(merchant_id), limit=20),
            visitor.part("assessment", "/api/v1/questionnaires"),
            resume(visitor, self.kept.read(request)),
        )
        if done is None:
            return self.door.renderer.not_there(visitor.reader)
        return self.door.page(
            "merchant/assessment.html", visitor.reader, **head, done=done, offered=offered, draft=draft
        )

    async def question(
        self, visitor: Visitor, merchant_id: UUID, draft: Draft, number: int, fault: str | None = None
    ) -> Response:
        asked = draft.asked()
        number = min(max(number, 1), len(asked))
        question = asked[number - 1]
        return self.door.page(
            "merchant/question.html",
            visitor.reader,
            422 if fault else 200,
            **await frame(visitor, merchant_id),
            draft=draft,
            question=question,
            given=draft.answers.get(question["key"]),
            number=number,
            all_questions=len(asked),
            fault=fault,
        )


def router(door: Door, kept: SecretCookie) -> APIRouter:
    """Overview, questions, and handing in."""
    routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])
    pages = _Pages(door, kept)
    _add_beginning(routes, pages)
    _add_questions(routes, pages)
    return routes


def _add_beginning(routes: APIRouter, pages: _Pages) -> None:
    @routes.api_route("/shops/{merchant_id}/assessment", methods=["GET", "HEAD"])
    async def show_assessments(merchant_id: UUID, request: Request, reader: Reader) -> Response:
        """What was found out before, what was begun, and what can be begun."""
        return await pages.door.enter(
            request, reader, lambda visitor: pages.overview(visitor, merchant_id, request)
        )

    @routes.post("/shops/{merchant_id}/assessment", dependencies=[OF_THIS_SITE])
    async def begin(merchant_id: UUID, request: Request, reader: Reader) -> Response:
        """Begins with the first question, or hands in."""
        form = await form_of(request)

        async def work(visitor: Visitor) -> Response:
            if form.get("do") == "hand-in":
                return await _handed_in(pages, visitor, merchant_id, request)
            name = form.get("questionnaire", "")
            draft = await start(visitor, name) if name.replace("-", "").isalnum() else None
            if draft is None:
                return see_other(pages.address(merchant_id), reader)
            answer = see_other(pages.address(merchant_id, 1), reader)
            pages.kept.keep(answer, draft.kept_as, draft.expires_at)
            return answer

        return await pages.door.enter(request, reader, work)


def _add_questions(routes: APIRouter, pages: _Pages) -> None:
    @routes.api_route("/shops/{merchant_id}/assessment/questions/{number}", methods=["GET", "HEAD"])
    async def show_question(merchant_id: UUID, number: int, request: Request, reader: Reader) -> Response:
        """One question, with what was answered before."""

        async def work(visitor: Visitor) -> Response:
            draft = await resume(visitor, pages.kept.read(request))
            if draft is None:
                return see_other(pages.address(merchant_id), reader)
            return await pages.question(visitor, merchant_id, draft, number)

        return await pages.door.enter(request, reader, work)

    @routes.post("/shops/{merchant_id}/assessment/questions/{number}", dependencies=[OF_THIS_SITE])
    async def answer_question(merchant_id: UUID, number: int, request: Request, reader: Reader) -> Response:
        """Saved at once; on to the next, or to what it comes to."""
        pairs = await pairs_of(request)

        async def work(visitor: Visitor) -> Response:
            draft = await resume(visitor, pages.kept.read(request))
            if draft is None:
                return see_other(pages.address(merchant_id), reader)
            return await _answered(pages, visitor, merchant_id, draft, number=number, pairs=pairs)

        return await pages.door.enter(request, reader, work)


async def _answered(
    pages: _Pages,
    visitor: Visitor,
    merchant_id: UUID,
    draft: Draft,
    *,
    number: int,
    pairs: Sequence[tuple[str, str]],
) -> Response:
    asked = draft.asked()
    if not 1 <= number <= len(asked):
        return see_other(pages.address(merchant_id, 1), visitor.reader)
    question = asked[number - 1]
    values = [value for name, value in pairs if name == question["key"] and value]
    saved = await save(visitor, draft, question, [] if ("do", "skip") in pairs else values)
    if isinstance(saved, str):
        return await pages.question(visitor, merchant_id, draft, number, saved)
    is_over = number >= len(saved.asked()) or ("do", "later") in pairs
    after = pages.address(merchant_id) if is_over else pages.address(merchant_id, number + 1)
    answer = see_other(after, visitor.reader)
    pages.kept.keep(answer, saved.kept_as, saved.expires_at)
    return answer


async def _handed_in(pages: _Pages, visitor: Visitor, merchant_id: UUID, request: Request) -> Response:
    draft = await resume(visitor, pages.kept.read(request))
    if draft is None:
        return see_other(pages.address(merchant_id), visitor.reader)
    told = await hand_in(visitor, draft, merchant_id)
    if told.status not in {200, 201}:
        return await pages.question(visitor, merchant_id, draft, draft.first_open(), "answer")
    answer = see_other(f"{pages.address(merchant_id)}/{told.body['id']}", visitor.reader)
    pages.kept.forget(answer)
    return answer

"""The assessment of a shop: one question a page, gone on with later, and handed in."""

from __future__ import annotations

import asyncio
from uuid import UUID

from fastapi import APIRouter, Request, Response

from chassis.access import PUBLIC
from chassis.forms import form_of, pairs_of
from services.portal.forms import OF_THIS_SITE
from services.portal.merchant.assessing import hand_in, resume
from services.portal.merchant.desk import frame
from services.portal.merchant.questions import Questions
from services.portal.reader import Reader
from services.portal.visitors import Door, Visitor, see_other


def router(door: Door, questions: Questions) -> APIRouter:
    """Overview, questions, and handing in."""
    routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])
    _add_beginning(routes, door, questions)
    _add_questions(routes, door, questions)
    return routes


def _add_beginning(routes: APIRouter, door: Door, questions: Questions) -> None:
    @routes.api_route("/shops/{merchant_id}/assessment", methods=["GET", "HEAD"])
    async def show_assessments(merchant_id: UUID, request: Request, reader: Reader) -> Response:
        """What was found out before, what was begun, and what can be begun."""

        async def work(visitor: Visitor) -> Response:
            head, done, offered, draft = await asyncio.gather(
                frame(visitor, merchant_id),
                visitor.found("assessment", "/api/v1/assessments", merchant=str(merchant_id), limit=20),
                visitor.part("assessment", "/api/v1/questionnaires"),
                resume(visitor, questions.kept.read(request)),
            )
            if done is None:
                return door.renderer.not_there(visitor.reader)
            shown = {**head, "done": done, "offered": offered, "draft": draft}
            return door.page("merchant/assessment.html", visitor.reader, **shown)

        return await door.enter(request, reader, work)

    @routes.post("/shops/{merchant_id}/assessment", dependencies=[OF_THIS_SITE])
    async def begin(merchant_id: UUID, request: Request, reader: Reader) -> Response:
        """Begins with the first question, or hands in."""
        form = await form_of(request)

        async def work(visitor: Visitor) -> Response:
            if form.get("do") == "hand-in":
                return await _handed_in(questions, visitor, merchant_id, request)
            return await questions.begin(visitor, merchant_id, form.get("questionnaire", ""))

        return await door.enter(request, reader, work)


def _add_questions(routes: APIRouter, door: Door, questions: Questions) -> None:
    path = "/shops/{merchant_id}/assessment/questions/{number}"

    @routes.api_route(path, methods=["GET", "HEAD"])
    async def show_question(merchant_id: UUID, number: int, request: Request, reader: Reader) -> Response:
        """One question, with what was answered before."""
        return await door.enter(
            request, reader, lambda visitor: questions.show(visitor, merchant_id, request, number)
        )

    @routes.post(path, dependencies=[OF_THIS_SITE])
    async def answer_question(merchant_id: UUID, number: int, request: Request, reader: Reader) -> Response:
        """Saved at once; on to the next, or to what it comes to."""
        pairs = await pairs_of(request)
        return await door.enter(
            request, reader, lambda visitor: questions.answer(visitor, merchant_id, request, number, pairs)
        )


async def _handed_in(questions: Questions, visitor: Visitor, merchant_id: UUID, request: Request) -> Response:
    home = questions.address(merchant_id)
    draft = await resume(visitor, questions.kept.read(request))
    if draft is None:
        return see_other(home, visitor.reader)
    told = await hand_in(visitor, draft, merchant_id)
    if told.status not in {200, 201}:
        return await questions.page(visitor, merchant_id, draft, draft.first_open(), "answer")
    answer = see_other(f"{home}/{told.body['id']}", visitor.reader)
    questions.kept.forget(answer)
    return answer

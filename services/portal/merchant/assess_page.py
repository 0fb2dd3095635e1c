"""An assessment that anybody begins without an account: its questions, and what it comes to."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request, Response

from chassis.access import PUBLIC
from chassis.forms import form_of, pairs_of
from services.portal.forms import OF_THIS_SITE
from services.portal.merchant.assessing import outcome_of, resume
from services.portal.merchant.questions import Questions
from services.portal.reader import Reader
from services.portal.visitors import Anybody, Door, see_other


def router(door: Door, questions: Questions) -> APIRouter:
    """Where one begins, one question a page, and the result before anybody knows whose it is."""
    routes = APIRouter(prefix="/assess", include_in_schema=False, dependencies=[PUBLIC])
    _add_beginning(routes, door, questions)
    _add_questions(routes, door, questions)
    return routes


def _add_beginning(routes: APIRouter, door: Door, questions: Questions) -> None:
    @routes.api_route("", methods=["GET", "HEAD"])
    async def show_beginning(request: Request, reader: Reader) -> Response:
        """What can be begun, and what this browser has begun."""

        async def work(visitor: Anybody) -> Response:
            offered, draft = await asyncio.gather(
                visitor.part("assessment", "/api/v1/questionnaires"),
                resume(visitor, questions.kept.read(request)),
            )
            return door.page("merchant/assess.html", reader, offered=offered, draft=draft)

        return await door.welcome(request, reader, work)

    @routes.post("", dependencies=[OF_THIS_SITE])
    async def begin(request: Request, reader: Reader) -> Response:
        """On to the first question."""
        name = (await form_of(request)).get("questionnaire", "")
        return await door.welcome(request, reader, lambda visitor: questions.begin(visitor, None, name))

    @routes.api_route("/result", methods=["GET", "HEAD"])
    async def show_result(request: Request, reader: Reader) -> Response:
        """What the answers come to so far."""

        async def work(visitor: Anybody) -> Response:
            draft = await resume(visitor, questions.kept.read(request))
            found = await outcome_of(visitor, draft) if draft else None
            if found is None:
                return see_other(questions.address(None), reader)
            return door.page("merchant/assess_result.html", reader, draft=draft, found=found)

        return await door.welcome(request, reader, work)


def _add_questions(routes: APIRouter, door: Door, questions: Questions) -> None:
    @routes.api_route("/questions/{number}", methods=["GET", "HEAD"])
    async def show_question(number: int, request: Request, reader: Reader) -> Response:
        """One question, with what was answered before."""
        return await door.welcome(
            request, reader, lambda visitor: questions.show(visitor, None, request, number)
        )

    @routes.post("/questions/{number}", dependencies=[OF_THIS_SITE])
    async def answer_question(number: int, request: Request, reader: Reader) -> Response:
        """Saved at once; on to the next, or to where one began."""
        pairs = await pairs_of(request)
        return await door.welcome(
            request, reader, lambda visitor: questions.answer(visitor, None, request, number, pairs)
        )

"""The hall's screen while forms come in: their number at once, how they lie in steps of five."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from chassis.ids import new_id
from chassis.service import Mode, Service, create_app
from services.assessment.sessions.live import STEP, Watcher, look_at, picture_of
from services.assessment.sessions.live import Hall as Standing
from tests.integration.assessment.conftest import token
from tests.integration.assessment.hall import ANSWERS, SCORE, Hall, consultant


async def standing(hall: Hall) -> Standing:
    session = UUID(hall.session["id"])
    return (await look_at(hall.service.database, [session]))[session]


async def test_below_five_forms_only_their_number_is_shown(hall: Hall) -> None:
    assert await standing(hall) == Standing(0, None)
    for _ in range(STEP - 1):
        await hall.hand_in()
    assert await standing(hall) == Standing(4, None)
    await hall.hand_in()
    shown = (await standing(hall)).picture
    assert shown is not None
    assert (shown.forms, shown.mean, sum(shown.tenths), shown.tenths[SCORE // 10]) == (5, SCORE, 5, 5)


async def test_one_more_form_changes_the_number_and_not_the_picture_until_five_more_came(hall: Hall) -> None:
    for _ in range(STEP):
        await hall.hand_in()
    first = (await standing(hall)).picture
    for more in range(1, STEP):
        assert (await hall.hand_in(answers=ANSWERS | {"ease": 5, "posts": 5})).status_code == 201
        assert await standing(hall) == Standing(STEP + more, first)
    await hall.hand_in()
    last = (await standing(hall)).picture
    assert last is not None
    assert last.forms == 2 * STEP
    assert last != first


async def test_two_processes_at_once_and_a_late_screen_show_one_picture(hall: Hall, service: Service) -> None:
    for _ in range(STEP + 2):
        await hall.hand_in()
    session = UUID(hall.session["id"])
    halls = await asyncio.gather(*(look_at(service.database, [session]) for _ in range(6)))
    assert len({each[session] for each in halls}) == 1
    await hall.hand_in()
    assert (await standing(hall)).picture == halls[0][session].picture
    async with service.database.transaction() as tx:  # an erasure
        await tx.execute(
            text("DELETE FROM assessments WHERE id = (SELECT min(id::text)::uuid FROM assessments)")
        )
    assert (await standing(hall)).picture == halls[0][session].picture


@given(st.lists(st.integers(0, 100), min_size=STEP, max_size=60))
def test_a_picture_counts_every_score_once_and_its_mean_is_theirs(scores: list[int]) -> None:
    picture = picture_of(scores)
    assert sum(picture.tenths) == picture.forms == len(scores)
    assert picture.tenths[9] == sum(score >= 90 for score in scores)
    assert picture.tenths[0] == sum(score < 10 for score in scores)
    assert abs(picture.mean - sum(scores) / len(scores)) <= 0.5


async def test_a_screen_that_reconnects_is_shown_what_it_has_not_seen() -> None:
    seen, behind = Watcher(new_id(), 3), Watcher(new_id(), 2)
    for watcher in (seen, behind):
        watcher.show(Standing(3, None))
    assert await seen.next(0.01) is None
    assert await behind.next(0.01) == Standing(3, None)
    seen.show(Standing(4, None))
    assert await seen.next(0.01) == Standing(4, None)


@asynccontextmanager
async def watching(
    service: Service, path: str, who: dict[str, str], **headers: str
) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
    """Events of the stream as the browser's parser gives them; the transport of tests reads to the end."""
    app = create_app(service, Mode.api)
    sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    gone = asyncio.Event()

    async def receive() -> dict[str, Any]:
        await gone.wait()
        return {"type": "http.disconnect"}

    scope = {
        "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in {**who, **headers}.items()],
        "http_version": "1.1", "scheme": "http", "client": ("127.0.0.1", 1), "server": ("assessment", 80),
        "asgi": {"version": "3.0"},
    }  # fmt: skip

    async def events() -> AsyncIterator[dict[str, Any]]:
        while True:
            message = await asyncio.wait_for(sent.get(), 20)
            for line in message.get("body", b"").decode().splitlines():
                if line.startswith("data: "):
                    yield json.loads(line.removeprefix("data: "))

    async with app.router.lifespan_context(app):
        serving = asyncio.create_task(app(scope, receive, sent.put))  # type: ignore[arg-type]
        try:
            yield events()
        finally:
            gone.set()
            app.state.stopping.set()
            await asyncio.wait_for(serving, 20)


async def test_an_open_screen_is_told_of_each_form_and_of_each_picture(hall: Hall, service: Service) -> None:
    async with watching(service, f"{hall.path}/live", consultant()) as events:
        assert await anext(events) == {"forms": 0, "picture": None}
        for _ in range(STEP):
            await hall.hand_in()
        while (event := await anext(events))["forms"] < STEP:
            assert event["picture"] is None
    assert event["picture"]["mean"] == SCORE
    assert len(event["picture"]["tenths"]) == 10


@pytest.mark.parametrize("who", [consultant(new_id()), token(), token({"role": "operator"})])
async def test_only_consultants_of_the_city_watch(
    hall: Hall, client: httpx.AsyncClient, who: dict[str, str]
) -> None:
    assert (await client.get(f"{hall.path}/live", headers=who)).status_code == 403

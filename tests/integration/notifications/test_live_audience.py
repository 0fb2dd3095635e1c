"""An open page shows the audience grow, whichever process counts and whichever serves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
import pytest

from chassis.identity import Grant, Role
from chassis.ids import new_id
from chassis.service import Mode
from services.notifications.audience import live
from tests.support.notifications import Notifications

Figures = AsyncIterator[dict[str, Any]]


@asynccontextmanager
async def watching(
    notifications: Notifications, client: httpx.AsyncClient, merchant: UUID
) -> AsyncIterator[Figures]:
    async with client.stream(
        "GET", f"/api/v1/audience/{merchant}/stream", headers=notifications.owner(merchant)
    ) as answer:
        assert answer.status_code == 200, await answer.aread()
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield _figures(answer.aiter_lines())


async def _figures(lines: AsyncIterator[str]) -> Figures:
    async for line in lines:
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


async def until(figures: Figures, totals: dict[str, int]) -> dict[str, Any]:
    """The first that shows these totals."""
    async with asyncio.timeout(60):
        async for shown in figures:
            if shown["totals"] == totals:
                return shown
    raise AssertionError("the stream ended")


@pytest.fixture
def only_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """No page looks by itself: what it shows, it was told."""
    monkeypatch.setattr(live, "LOOK_SECONDS", 3_600)


@pytest.mark.usefixtures("only_told")
async def test_a_page_shows_how_things_stand_and_every_change(notifications: Notifications) -> None:
    async with notifications.running() as client:
        merchant = await notifications.a_merchant()
        first = notifications.review(merchant)
        await notifications.publish(first)
        await notifications.caught_up()
        async with watching(notifications, client, merchant) as figures:
            shown = await until(figures, {"review": 1})
            assert shown == {"merchant_id": str(merchant), "totals": {"review": 1}, "today": {"review": 1}}
            await notifications.publish(notifications.share(merchant))
            await until(figures, {"review": 1, "share": 1})
            await notifications.publish(notifications.withdrawal(first))
            await until(figures, {"share": 1})


@pytest.mark.usefixtures("only_told")
async def test_a_page_is_told_by_another_process_that_counted(notifications: Notifications) -> None:
    async with notifications.running(Mode.worker), notifications.running(Mode.api) as client:
        merchant = await notifications.a_merchant()
        async with watching(notifications, client, merchant) as figures:
            await until(figures, {})
            await asyncio.sleep(0.5)  # the process listens once somebody watches
            await notifications.publish(notifications.review(merchant))
            await until(figures, {"review": 1})
            # Too many for one NOTIFY to name: those who listen look at all they show.
            others = [notifications.review(new_id()) for _ in range(450)]
            await notifications.publish(*others, notifications.share(merchant))
            await until(figures, {"review": 1, "share": 1})


async def test_a_page_that_nobody_told_looks_by_itself(
    notifications: Notifications, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LOOK_SECONDS", 0.2)
    async with notifications.running() as client:
        merchant = await notifications.a_merchant()
        async with watching(notifications, client, merchant) as figures:
            await until(figures, {})
            await notifications.execute(
                "INSERT INTO audience_day_blue VALUES (:merchant, '2026-01-01', 'review', :city, 7)",
                merchant=merchant,
                city=notifications.city,
            )
            assert (await until(figures, {"review": 7}))["today"] == {}


async def test_only_those_who_may_read_an_audience_watch_it(notifications: Notifications) -> None:
    async with notifications.running() as client:
        merchant = await notifications.a_merchant()
        path = f"/api/v1/audience/{merchant}/stream"
        stranger = notifications.somebody(Grant(Role.merchant, notifications.city, new_id()))
        assert (await client.get(path)).status_code == 401
        assert (await client.get(path, headers=stranger)).status_code == 403
        unknown = await client.get(f"/api/v1/audience/{new_id()}/stream", headers=stranger)
        assert unknown.status_code == 404


async def test_open_pages_are_limited_per_person(notifications: Notifications) -> None:
    async with notifications.running() as client:
        merchant = await notifications.a_merchant()
        close = asyncio.Event()

        async def hold(opened: asyncio.Event) -> None:
            async with watching(notifications, client, merchant):
                opened.set()
                await close.wait()

        async with asyncio.TaskGroup() as group:
            doors = [asyncio.Event() for _ in range(5)]
            for door in doors:
                group.create_task(hold(door))
            for door in doors:
                await door.wait()
            refused = await client.get(
                f"/api/v1/audience/{merchant}/stream", headers=notifications.owner(merchant)
            )
            assert refused.json()["type"] == "urn:cococity:problem:too-many-streams"
            close.set()

"""The audience is rebuilt beside the live one, under load, with two workers; nobody is told anything."""

from __future__ import annotations

import asyncio
import random
from uuid import uuid4

import httpx
import pytest

from chassis.clock import utc_now
from chassis.identity import Grant, Role
from chassis.service import Mode
from operations.streams import recreate_durable
from services.notifications.audience import rebuild
from services.notifications.audience.slots import Slot
from services.notifications.audience.state import AudienceState, read_state
from tests.support.notifications import Notifications

pytestmark = pytest.mark.slow

MERCHANTS = 6


async def figures(notifications: Notifications, slot: Slot) -> list[tuple[object, ...]]:
    return await notifications.rows(
        f"SELECT merchant_id, day, kind, count FROM {slot.days} WHERE count > 0 ORDER BY 1, 2, 3"
    )


async def contributions(notifications: Notifications, slot: Slot) -> list[tuple[object, ...]]:
    return await notifications.rows(f"SELECT * FROM {slot.contributions} ORDER BY 1, 2")


async def load(notifications: Notifications, merchants: list[object], stop: asyncio.Event) -> int:
    """Reviews, shares and withdrawals until `stop`; how many contributions stand in the end."""
    standing = 0
    while not stop.is_set():
        posted = [
            random.choice((notifications.review, notifications.share))(random.choice(merchants))  # type: ignore[arg-type]
            for _ in range(20)
        ]
        await notifications.publish(*posted, *(notifications.withdrawal(each) for each in posted[:4]))
        standing += 16
        await asyncio.sleep(0.02)
    return standing


def as_operator(notifications: Notifications) -> dict[str, str]:
    return notifications.somebody(Grant(Role.operator)) | {"Idempotency-Key": uuid4().hex}


async def send_to_the_start(notifications: Notifications, state: AudienceState) -> None:
    """What `cococity rebuild audience` does with the deploy step's password."""
    assert state.rebuilding is not None
    await recreate_durable(notifications.jetstream, state.rebuilding.durable)


async def switched(client: httpx.AsyncClient, headers: dict[str, str]) -> bool:
    answer = await client.post("/api/v1/audience/rebuilds/switch", headers=headers)
    assert answer.status_code in {200, 409}, answer.text
    return answer.status_code == 200


async def test_rebuilt_under_load_with_two_workers_it_is_equal_and_nobody_is_told(
    notifications: Notifications,
) -> None:
    async with notifications.running() as client, notifications.running(Mode.worker):
        merchants = [await notifications.a_merchant() for _ in range(MERCHANTS)]
        for number, merchant in enumerate(merchants):
            await notifications.agree(client, merchant, "fr", f"shop-{number}@shop.example")
        # History, told and mailed while it happened.
        await notifications.publish(*(notifications.review(each) for each in merchants * 120))
        await notifications.caught_up()
        mails = "SELECT count(*) FROM delivery WHERE state <> 'sent'"
        await notifications.eventually(lambda: _none(notifications, mails))
        told_before = await _told(notifications)
        mailed_before = len(notifications.mailbox.raw)
        # Load that reaches no further milestone: below 250 reviews, and shares of other merchants.
        quiet = [await notifications.a_merchant(claimed=False) for _ in range(MERCHANTS)]
        stop = asyncio.Event()
        loading = asyncio.create_task(load(notifications, list(quiet), stop))

        operator = as_operator(notifications)
        started = await client.post("/api/v1/audience/rebuilds", headers=operator)
        assert started.status_code == 201, started.text
        assert started.json()["rebuilding"] == "green"
        again = await client.post("/api/v1/audience/rebuilds", headers=as_operator(notifications))
        assert again.status_code == 409
        assert not await switched(client, operator)  # its durable was not sent to the start yet
        async with notifications.database.connection() as connection:
            state = await read_state(connection)
        await send_to_the_start(notifications, state)
        await asyncio.sleep(1)
        await notifications.eventually(lambda: switched(client, operator), 60)
        switched_under_load = not loading.done()
        await asyncio.sleep(0.5)
        stop.set()
        standing = await loading
        await notifications.caught_up("notifications__audience_green", "notifications__reactions")

        assert switched_under_load
        assert (await client.get("/api/v1/audience/rebuilds", headers=operator)).json()["live"] == "green"
        counted = await notifications.value("SELECT sum(count) FROM audience_day_green")
        assert counted == MERCHANTS * 120 + standing
        assert await _told(notifications) == told_before
        assert len(notifications.mailbox.raw) == mailed_before >= MERCHANTS
        await _let_the_old_slot_catch_up(notifications)
        assert await contributions(notifications, Slot.green) == await contributions(notifications, Slot.blue)
        assert await figures(notifications, Slot.green) == await figures(notifications, Slot.blue)
    assert await notifications.value("SELECT count(*) FROM dead_letter") == 0


async def _told(notifications: Notifications) -> int:
    claimed = "recipient_id IN (SELECT merchant_id FROM merchant WHERE claimed_version > 0)"
    return int(await notifications.value(f"SELECT count(*) FROM notification WHERE {claimed}"))


async def _none(notifications: Notifications, statement: str) -> bool:
    return bool(await notifications.value(statement) == 0)


async def _let_the_old_slot_catch_up(notifications: Notifications) -> None:
    """The slot that is no longer live stands still; for the comparison it reads on, as a rebuild would."""
    await notifications.execute(
        "UPDATE projection SET last_generation = 99, rebuild_generation = 99, rebuild_started_at = now()"
    )
    await notifications.caught_up("notifications__audience_blue")
    await rebuild.abandon_rebuild(notifications.database)


async def test_a_rebuild_given_up_leaves_the_live_slot_and_can_begin_again(
    notifications: Notifications,
) -> None:
    async with notifications.running() as client:
        merchant = await notifications.a_merchant()
        await notifications.publish(*(notifications.review(merchant) for _ in range(7)))
        await notifications.caught_up("notifications__audience_blue")
        operator = as_operator(notifications)
        for _ in range(2):
            state = await rebuild.start_rebuild(notifications.database, utc_now())
            await send_to_the_start(notifications, state)
            await notifications.caught_up("notifications__audience_green")
            assert (await client.delete("/api/v1/audience/rebuilds", headers=operator)).status_code == 204
        state = await rebuild.start_rebuild(notifications.database, utc_now())
        assert state.rebuild_generation == 4
        await send_to_the_start(notifications, state)
        await notifications.caught_up("notifications__audience_green")
        assert await notifications.eventually(lambda: switched(client, operator))
        assert await figures(notifications, Slot.green) == await figures(notifications, Slot.blue)


async def test_slots_switch_back_and_forth(notifications: Notifications) -> None:
    async with notifications.running() as client, notifications.running(Mode.worker):
        merchant = await notifications.a_merchant()
        operator, live = as_operator(notifications), Slot.blue
        for round_ in range(1, 4):
            await notifications.publish(*(notifications.review(merchant) for _ in range(50)))
            # What the live slot has not applied yet, a switch may do without, too.
            await notifications.caught_up(live.durable.name)
            state = await rebuild.start_rebuild(notifications.database, utc_now())
            await send_to_the_start(notifications, state)
            assert state.rebuilding is not None
            await notifications.eventually(lambda: switched(client, operator))
            live = Slot((await client.get("/api/v1/audience/rebuilds", headers=operator)).json()["live"])
            assert live is state.rebuilding
            shown = await client.get(f"/api/v1/audience/{merchant}", headers=notifications.owner(merchant))
            assert shown.json()["totals"] == {"review": 50 * round_}


async def test_only_operators_rebuild(notifications: Notifications) -> None:
    async with notifications.running() as client:
        officer = notifications.somebody(Grant(Role.city_officer, city_id=notifications.city))
        headers = officer | {"Idempotency-Key": "one"}
        assert (await client.post("/api/v1/audience/rebuilds", headers=headers)).status_code == 403
        assert (await client.get("/api/v1/audience/rebuilds", headers=headers)).status_code == 403
        assert (await client.get("/api/v1/audience/rebuilds")).status_code == 401

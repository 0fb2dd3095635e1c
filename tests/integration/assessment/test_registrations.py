"""Who comes to a session: seats, a waiting list, and never more than there are seats."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from icalendar import Calendar
from sqlalchemy import text

from chassis.clock import utc_now
from chassis.ids import new_id
from chassis.retention import enforce
from chassis.service import Service
from contracts.assessment.v1 import SessionSeatGiven
from contracts.envelope import Decoder, encode
from services.assessment import merchants
from services.assessment.main import HISTORY
from services.assessment.sessions.registrations import KEPT
from tests.integration.assessment.conftest import CITY, closed, listed, news, owner_of, token
from tests.integration.assessment.hall import Hall, consultant
from tests.support.delivered import deliver
from tests.support.erasures import erasure_of


async def shops(service: Service, count: int) -> list[UUID]:
    made = [new_id() for _ in range(count)]
    async with service.database.transaction() as tx:
        await merchants.apply(tx, [news(listed(each)) for each in sorted(made)])
    return made


def path_of(hall: Hall, shop: UUID) -> str:
    return f"{hall.path}/registrations/{shop}"


async def register(hall: Hall, shop: UUID, who: dict[str, str] | None = None) -> httpx.Response:
    return await hall.client.put(path_of(hall, shop), headers=who or owner_of(shop))


async def withdraw(hall: Hall, shop: UUID) -> httpx.Response:
    return await hall.client.delete(path_of(hall, shop), headers=owner_of(shop))


async def told(service: Service) -> list[SessionSeatGiven]:
    """What the outbox holds of seats that were given, in its order."""
    decoder = Decoder({SessionSeatGiven.TYPE: SessionSeatGiven})
    async with service.database.connection() as connection:
        bodies = await connection.scalars(text("SELECT body FROM outbox ORDER BY id"))
        read = [decoder.decode(bytes(body)) for body in bodies]
    return [event.fact for event in read if event and isinstance(event.fact, SessionSeatGiven)]


async def listing(hall: Hall) -> list[tuple[UUID, bool, int]]:
    answer = await hall.client.get(f"{hall.path}/registrations", headers=consultant())
    assert answer.status_code == 200, answer.text
    items = answer.json()["items"]
    return [(UUID(each["merchant_id"]), each["is_waiting"], each["ahead"]) for each in items]


async def test_beyond_the_seats_shops_wait_in_the_order_in_which_they_came(
    hall: Hall, service: Service
) -> None:
    await hall.revise(capacity=2)
    first, second, third, fourth = await shops(service, 4)
    for shop in (first, second, third, fourth, first):
        answer = await register(hall, shop)
        assert answer.status_code == 200, answer.text
    assert not answer.json()["is_waiting"], "asked again, a shop keeps its seat"
    seats = [(first, False, 0), (second, False, 0), (third, True, 0), (fourth, True, 1)]
    assert await listing(hall) == seats
    mine = await hall.client.get(path_of(hall, fourth), headers=owner_of(fourth))
    assert mine.json()["ahead"] == 1

    assert (await withdraw(hall, first)).status_code == 204
    assert await listing(hall) == [(second, False, 0), (third, False, 0), (fourth, True, 0)]
    assert (await hall.revise(capacity=3)).status_code == 200
    assert [each[1] for each in await listing(hall)] == [False] * 3
    refused = await hall.revise(capacity=2)
    assert (refused.status_code, refused.json()["field"]) == (422, "capacity")


async def test_who_moves_up_is_told_once_in_the_same_commit_and_again_to_the_byte(
    hall: Hall, service: Service
) -> None:
    await hall.revise(capacity=1)
    first, second, third, fourth = await shops(service, 4)
    for shop in (first, second, third, fourth):
        await register(hall, shop)
    assert await told(service) == [], "a seat at once is in the answer"
    refused = await hall.client.delete(path_of(hall, first), headers=owner_of(second))
    assert (refused.status_code, await told(service)) == (403, [])

    await withdraw(hall, first)
    await withdraw(hall, first)
    assert await hall.revise(capacity=3)
    assert await hall.revise(starts_at=(begins := utc_now() + timedelta(minutes=1)).isoformat())
    assert {fact.merchant_id for fact in await told(service)} == {second, third, fourth}
    assert len(await told(service)) == 3
    assert {fact.session_id for fact in await told(service)} == {UUID(hall.session["id"])}
    assert {fact.starts_at < begins for fact in await told(service)} == {True}, "as it was planned then"
    async with service.database.connection() as connection:
        bodies = [bytes(body) for body in await connection.scalars(text("SELECT body FROM outbox"))]
        again = [encode(event) async for event in HISTORY(connection)]
    assert sorted(again) == sorted(bodies)


async def test_nobody_is_given_a_seat_in_a_session_that_is_over(hall: Hall, service: Service) -> None:
    await hall.revise(capacity=1)
    came, waits = await shops(service, 2)
    for shop in (came, waits):
        await register(hall, shop)
    hall.at(utc_now() + timedelta(hours=3))
    assert (await withdraw(hall, came)).status_code == 204
    assert await told(service) == []
    assert await listing(hall) == [(waits, True, 0)]


async def test_never_more_shops_have_a_seat_than_there_are_however_many_come_and_go_at_once(
    hall: Hall, service: Service
) -> None:
    await hall.revise(capacity=3)
    everybody, chance = await shops(service, 8), random.Random("a busy evening")

    async def come_and_go(shop: UUID) -> None:
        for _ in range(3):
            await until(200, lambda: register(hall, shop))
            if chance.random() < 0.5:
                await until(204, lambda: withdraw(hall, shop))
        await until(200, lambda: register(hall, shop))

    async def until(wanted: int, send: Callable[[], Awaitable[httpx.Response]]) -> None:
        """A busy service says 503: nothing was decided, send it again."""
        answer = await send()
        if answer.status_code == 503:
            await until(wanted, send)
        else:
            assert answer.status_code == wanted

    async def watch(done: asyncio.Event) -> list[int]:
        seen = []
        while not done.is_set():
            seen.append(sum(not waits for _, waits, _ in await listing(hall)))
        return seen

    done = asyncio.Event()
    watching = asyncio.create_task(watch(done))
    await asyncio.gather(*map(come_and_go, everybody))
    done.set()
    assert max(await watching) <= 3
    final = await listing(hall)
    assert len(final) == 8
    assert [waits for _, waits, _ in final] == [False] * 3 + [True] * 5, "in order, with no seat left empty"
    given = [fact.registration_id for fact in await told(service)]
    assert len(given) == len(set(given)), "each of them is told once"
    async with service.database.connection() as connection:
        query = text("SELECT id FROM registrations WHERE seat_given_at IS NOT NULL")
        assert {*await connection.scalars(query)} <= {*given}


async def test_consultants_register_a_shop_and_note_who_came(hall: Hall, service: Service) -> None:
    shop, absent = await shops(service, 2)
    assert (await register(hall, shop, consultant())).status_code == 200
    path = path_of(hall, shop) + "/attendance"
    noted = await hall.client.put(path, json={"attended": True}, headers=consultant())
    assert noted.json()["attended"] is True
    assert (await hall.client.put(path, json={"attended": True}, headers=owner_of(shop))).status_code == 403
    other = path_of(hall, absent) + "/attendance"
    assert (await hall.client.put(other, json={"attended": True}, headers=consultant())).status_code == 404


async def test_only_a_shop_and_consultants_decide_whether_it_comes(hall: Hall, service: Service) -> None:
    shop, other = await shops(service, 2)
    staff = token({"role": "merchant_staff", "city": str(CITY), "merchant": str(shop)})
    for who, status in ((owner_of(other), 403), (consultant(new_id()), 403), (token(), 403), (staff, 200)):
        assert (await register(hall, shop, who)).status_code == status
    strangers = await hall.client.get(path_of(hall, shop), headers=owner_of(other))
    assert strangers.status_code == 403
    everyone = await hall.client.get(f"{hall.path}/registrations", headers=owner_of(shop))
    assert everyone.status_code == 403
    assert (await hall.client.delete(path_of(hall, shop), headers=owner_of(other))).status_code == 403
    assert (await withdraw(hall, other)).status_code == 204, "it does not come, as before"
    assert (await register(hall, new_id(), consultant())).status_code == 404


async def test_nobody_comes_to_what_is_over_nor_with_a_shop_that_is_closed(
    hall: Hall, service: Service
) -> None:
    shop, gone = await shops(service, 2)
    async with service.database.transaction() as tx:
        await merchants.apply(tx, [news(closed(gone))])
    assert (await register(hall, gone)).json()["type"].endswith("merchant-closed")
    hall.at(utc_now() + timedelta(hours=3))
    assert (await register(hall, shop)).json()["type"].endswith("session-over")
    hall.at(utc_now())
    await hall.post("/cancel")
    assert (await register(hall, shop)).json()["type"].endswith("session-over")


async def test_a_shop_that_is_erased_leaves_its_seat_to_the_next(hall: Hall, service: Service) -> None:
    await hall.revise(capacity=1)
    leaves, stays = await shops(service, 2)
    await register(hall, leaves)
    await register(hall, stays)
    path = "/api/v1/people/me/data/assessment"
    own = (await hall.client.get(path, headers=owner_of(leaves))).json()["data"]["session_registrations"]
    assert [each["merchant_id"] for each in own] == [str(leaves)]
    for _ in range(2):
        await deliver(service, erasure_of(new_id(), closed=[leaves]))
    assert await listing(hall) == [(stays, False, 0)]
    assert [fact.merchant_id for fact in await told(service)] == [stays]


async def test_after_a_year_and_a_month_nobody_knows_who_came(hall: Hall, service: Service) -> None:
    (shop,) = await shops(service, 1)
    await register(hall, shop)
    for later, left in ((KEPT - timedelta(days=1), 1), (KEPT + timedelta(days=1), 0)):
        await enforce(service.database, service.retention, utc_now() + later)
        async with service.database.connection() as connection:
            assert await connection.scalar(text("SELECT count(*) FROM registrations")) == left


async def in_calendar(hall: Hall) -> Any:
    answer = await hall.client.get(f"{hall.path}/session.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    calendar = Calendar.from_ical(answer.content)
    (event,) = calendar.walk("VEVENT")
    return str(calendar["method"]), event


async def test_a_calendar_replaces_a_session_that_changed_and_strikes_out_one_that_was_called_off(
    hall: Hall,
) -> None:
    method, first = await in_calendar(hall)
    assert (method, first["status"], first["sequence"]) == ("PUBLISH", "CONFIRMED", 0)
    assert first["dtstart"].dt.isoformat()[:19] == hall.session["starts_at"][:19]
    hostile = "Salle A; B, \\ C:X BEGIN:VEVENT"
    await hall.revise(place=hostile)
    _, changed = await in_calendar(hall)
    assert (changed["uid"], changed["sequence"]) == (first["uid"], 1)
    assert changed["location"] == hostile
    await hall.post("/cancel")
    method, cancelled = await in_calendar(hall)
    assert (method, cancelled["status"], cancelled["sequence"]) == ("CANCEL", "CANCELLED", 2)
    assert cancelled["uid"] == first["uid"]


@pytest.mark.parametrize("body", [{}, {"attended": "perhaps"}, {"attended": None}])
async def test_whether_somebody_came_is_yes_or_no(hall: Hall, service: Service, body: dict[str, Any]) -> None:
    (shop,) = await shops(service, 1)
    await register(hall, shop)
    answer = await hall.client.put(path_of(hall, shop) + "/attendance", json=body, headers=consultant())
    assert answer.status_code == 422
    assert answer.json()["field"] == "attended"

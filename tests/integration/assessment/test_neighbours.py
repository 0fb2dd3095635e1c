"""A shop of the neighbouring city comes to a session: it has its place, and its form counts where it sat."""

from __future__ import annotations

from random import Random
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio
from msgspec import structs
from sqlalchemy import select

from chassis.clock import utc_now
from chassis.ids import new_id
from chassis.service import Service
from contracts.assessment.v1 import AssessmentCompleted
from contracts.envelope import Decoder, Event, encode
from services.assessment.main import HISTORY
from services.assessment.reports.closing import close_units
from services.assessment.sessions.live import STEP, look_at
from services.assessment.sessions.tables import live_figures
from tests.integration.assessment.conftest import CITY, listed, owner_of, token
from tests.integration.assessment.hall import Hall, consultant
from tests.integration.assessment.populations import (
    CATALOGUE,
    CLOSED,
    Somebody,
    hand_in,
    held_session,
    some,
)
from tests.integration.assessment.test_registrations import listing, path_of, register, shops, withdraw
from tests.integration.assessment.test_session_forms import attach
from tests.integration.assessment.test_submission import outbox_bodies
from tests.support.delivered import deliver

NEXT_DOOR = new_id()
OPERATOR = token({"role": "operator"})


def owner_next_door(shop: UUID) -> dict[str, str]:
    return token({"role": "merchant", "city": str(NEXT_DOOR), "merchant": str(shop)})


@pytest_asyncio.fixture
async def neighbour(service: Service) -> UUID:
    """A shop of the city next door."""
    shop = new_id()
    await deliver(service, Event.of(structs.replace(listed(shop), city_id=NEXT_DOOR), utc_now()))
    return shop


async def statuses(client: httpx.AsyncClient, path: str, *who: dict[str, str]) -> list[int]:
    return [(await client.get(path, headers=each)).status_code for each in who]


async def test_it_waits_for_its_seat_with_the_shops_of_the_sessions_city(
    hall: Hall, service: Service, neighbour: UUID
) -> None:
    await hall.revise(capacity=1)
    first, second = await shops(service, 2)
    who = owner_next_door(neighbour)
    for shop, its in ((first, owner_of(first)), (second, owner_of(second)), (neighbour, who)):
        assert (await register(hall, shop, its)).status_code == 200
    its_own = await hall.client.get(path_of(hall, neighbour), headers=who)
    assert (its_own.json()["is_waiting"], its_own.json()["ahead"]) == (True, 1)
    assert await listing(hall) == [(first, False, 0), (second, True, 0), (neighbour, True, 1)]

    for shop in (first, second):
        await withdraw(hall, shop)
    its_own = await hall.client.get(path_of(hall, neighbour), headers=consultant(NEXT_DOOR))
    assert its_own.json()["is_waiting"] is False
    path = path_of(hall, neighbour)
    assert await statuses(hall.client, path, owner_of(first), consultant(new_id()), token()) == [403] * 3
    assert await statuses(hall.client, f"{hall.path}/registrations", consultant(NEXT_DOOR), who) == [403, 403]
    noted = await hall.client.put(f"{path}/attendance", json={"attended": True}, headers=consultant())
    assert noted.json()["attended"] is True


async def test_what_it_says_of_itself_is_read_in_its_own_city(
    hall: Hall, client: httpx.AsyncClient, service: Service, neighbour: UUID
) -> None:
    who = owner_next_door(neighbour)
    named = await hall.hand_in(who, merchant_id=str(neighbour))
    assert named.status_code == 201, named.text
    attached = await attach(client, (await hall.hand_in()).json(), neighbour)
    assert attached.status_code == 200, attached.text
    for form in (named.json(), attached.json()):
        path = f"/api/v1/assessments/{form['id']}"
        assert await statuses(client, path, who, consultant(NEXT_DOOR), consultant()) == [200, 200, 404]
    its_own = await client.get(f"/api/v1/assessments?merchant={neighbour}", headers=who)
    assert len(its_own.json()["items"]) == 2
    assert (await client.get(hall.path + "/join", headers=consultant())).status_code == 200

    decoder = Decoder({AssessmentCompleted.TYPE: AssessmentCompleted})
    bodies = await outbox_bodies(service)
    told = [event.fact for body in bodies if (event := decoder.decode(body))]
    assert {fact.city_id for fact in told} == {NEXT_DOOR}
    async with service.database.connection() as connection:
        again = [encode(event) async for event in HISTORY(connection)]
    assert sorted(again) == sorted(bodies)


async def test_the_halls_picture_is_of_the_sessions_city_whoever_handed_in_first(
    hall: Hall, service: Service, neighbour: UUID
) -> None:
    await hall.hand_in(owner_next_door(neighbour), merchant_id=str(neighbour))
    for _ in range(STEP - 1):
        await hall.hand_in()
    await look_at(service.database, [UUID(hall.session["id"])])
    async with service.database.connection() as connection:
        assert [*await connection.scalars(select(live_figures.c.city_id))] == [CITY]


async def test_its_form_counts_in_the_session_also_when_it_is_corrected(
    client: httpx.AsyncClient, service: Service, neighbour: UUID
) -> None:
    async with service.database.transaction() as tx:
        session = await held_session(tx)
    people = some(Random(7), 6, session=session)
    visitor = people[-1]
    visitor.merchant, visitor.city = neighbour, NEXT_DOOR
    forms = await hand_in(service, people)
    again = Somebody(visitor.answers, merchant=neighbour, city=NEXT_DOOR, corrects=forms[-1].id)
    await hand_in(service, [again])
    await close_units(service.database, CATALOGUE, CLOSED)

    async def participants(**asked: Any) -> int:
        answer = await client.get("/api/v1/reports", params=asked, headers=OPERATOR)
        count: int = answer.json()["participants"]
        return count

    assert await participants(session=str(session)) == 6
    assert await participants(city=str(CITY)) == 6
    assert await participants(city=str(NEXT_DOOR)) == 0

"""Who came to the training it asked for has been served: called no more, and free to ask again."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from msgspec import structs
from sqlalchemy import text

from chassis.clock import utc_now
from chassis.ids import new_id
from chassis.service import Service
from contracts.envelope import Event
from services.assessment.requests.call_list import Wanted, askers
from tests.integration.assessment.conftest import CITY, listed, owner_of
from tests.integration.assessment.hall import Hall, consultant
from tests.integration.assessment.test_registrations import path_of, register
from tests.integration.assessment.test_training_requests import PATH, ask, wanted
from tests.support.delivered import deliver

TRAINING = "better-website"


@pytest_asyncio.fixture
async def training(client: httpx.AsyncClient, service: Service) -> Hall:
    """A session in which that training is given, and has just begun."""
    hall = Hall(client, service)
    answer = await hall.announce(kind="training", training=TRAINING)
    assert answer.status_code == 201, answer.text
    return hall


async def asked(client: httpx.AsyncClient, shop: UUID, wish: str = TRAINING) -> httpx.Response:
    return await ask(client, wanted(shop, wish=wish), owner_of(shop))


async def attendance(hall: Hall, shop: UUID, attended: bool = True) -> httpx.Response:
    path = path_of(hall, shop) + "/attendance"
    return await hall.client.put(path, json={"attended": attended}, headers=consultant())


async def open_wishes(client: httpx.AsyncClient, shop: UUID) -> list[str]:
    answer = await client.get(PATH, params={"merchant": str(shop)}, headers=owner_of(shop))
    return sorted(each["wish"] for each in answer.json()["items"] if each["served_at"] is None)


async def called(service: Service, city: UUID = CITY) -> list[str]:
    async with service.database.connection() as connection:
        return sorted(asker.wish for asker in await askers(connection, Wanted(city), 10))


async def test_who_came_to_the_training_it_asked_for_is_called_no_more_and_may_ask_again(
    training: Hall, client: httpx.AsyncClient, service: Service, merchant: UUID
) -> None:
    for wish in (TRAINING, "visit", "free-visibility"):
        assert (await asked(client, merchant, wish)).status_code == 201
    await register(training, merchant)
    assert TRAINING in await called(service), "a seat alone is no training"
    for _ in range(2):
        assert (await attendance(training, merchant)).status_code == 200
    assert await called(service) == ["free-visibility", "visit"], "what it asked for besides is still to come"
    assert (await asked(client, merchant)).status_code == 201
    assert TRAINING in await open_wishes(client, merchant)


@pytest.mark.parametrize("plan", [{}, {"kind": "training", "training": "free-visibility"}])
async def test_another_session_ends_no_request(
    client: httpx.AsyncClient, service: Service, merchant: UUID, plan: dict[str, Any]
) -> None:
    hall = Hall(client, service)
    await hall.announce(**plan)
    await asked(client, merchant)
    await register(hall, merchant)
    assert (await attendance(hall, merchant)).status_code == 200
    assert await called(service) == [TRAINING]


async def test_a_slip_of_who_came_is_put_right(
    training: Hall, client: httpx.AsyncClient, service: Service, merchant: UUID
) -> None:
    await asked(client, merchant)
    await register(training, merchant)
    await attendance(training, merchant)
    await attendance(training, merchant, attended=False)
    assert await called(service) == [TRAINING]
    assert (await asked(client, merchant)).json()["type"].endswith("already-requested")

    await attendance(training, merchant)
    assert (await asked(client, merchant)).status_code == 201
    assert (await attendance(training, merchant, attended=False)).status_code == 200
    assert await open_wishes(client, merchant) == [TRAINING], "asked anew, it is the newer one"


async def test_what_is_asked_for_after_the_training_waits_for_another(
    training: Hall, client: httpx.AsyncClient, service: Service, merchant: UUID
) -> None:
    await register(training, merchant)
    training.at(utc_now() + timedelta(hours=3))
    await asked(client, merchant)
    assert (await attendance(training, merchant)).status_code == 200
    assert await called(service) == [TRAINING]


async def test_a_training_in_the_neighbouring_city_serves_a_shop_as_well(
    training: Hall, client: httpx.AsyncClient, service: Service
) -> None:
    city, shop = new_id(), new_id()
    await deliver(service, Event.of(structs.replace(listed(shop), city_id=city), utc_now()))
    await asked(client, shop)
    await register(training, shop)
    assert await called(service, city) == [TRAINING]
    assert (await attendance(training, shop)).status_code == 200
    assert await called(service, city) == []


async def test_however_many_note_serve_withdraw_and_ask_at_once_one_request_is_open_at_most(
    training: Hall, client: httpx.AsyncClient, service: Service, merchant: UUID
) -> None:
    await register(training, merchant)
    for _ in range(4):
        made = (await asked(client, merchant)).json()
        path = f"{PATH}/{made.get('id', new_id())}"
        answers = await asyncio.gather(
            *(attendance(training, merchant, attended) for attended in (True, False, True)),
            asked(client, merchant),
            client.put(f"{path}/served", headers=consultant()),
            client.delete(path, headers=owner_of(merchant)),
            asked(client, merchant),
        )
        assert max(answer.status_code for answer in answers) < 500
    async with service.database.connection() as connection:
        query = "SELECT count(*) FROM training_requests WHERE withdrawn_at IS NULL AND served_at IS NULL"
        assert await connection.scalar(text(query)) in {0, 1}

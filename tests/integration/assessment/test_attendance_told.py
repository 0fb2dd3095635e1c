"""That a shop came to a training is told, and told again where it is corrected."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from chassis.service import Service
from contracts.assessment.v1 import TrainingAttendanceNoted
from contracts.envelope import Decoder, Event, encode
from services.assessment.main import HISTORY
from tests.integration.assessment.coaching_room import CONSULTANT, GROUPS, opened, step, take
from tests.integration.assessment.conftest import owner_of
from tests.integration.assessment.hall import Hall
from tests.integration.assessment.test_registrations import register, shops
from tests.integration.assessment.test_training_requests import ask, wanted
from tests.integration.assessment.test_trainings_served import TRAINING, attendance


async def noted(service: Service) -> list[Event[Any]]:
    """What the outbox holds of it. Of each seat, history tells the newest again, to the byte."""
    decoder = Decoder({TrainingAttendanceNoted.TYPE: TrainingAttendanceNoted})
    async with service.database.connection() as connection:
        bodies = await connection.scalars(text("SELECT body FROM outbox ORDER BY id"))
        read = [event for body in bodies if (event := decoder.decode(bytes(body)))]
        history = [event async for event in HISTORY(connection)]
    told = sorted(read, key=lambda event: event.fact.version)  # type: ignore[attr-defined]
    again = [encode(event) for event in history if isinstance(event.fact, TrainingAttendanceNoted)]
    assert sorted(again) == sorted({event.fact.aggregate_id(): encode(event) for event in told}.values())
    return told


@pytest.mark.parametrize(("kind", "expected"), [("training", [(1, True), (2, False)]), ("awareness", [])])
async def test_a_session_tells_who_came_to_a_training_once_and_each_correction(
    client: httpx.AsyncClient,
    service: Service,
    merchant: UUID,
    kind: str,
    expected: list[tuple[int, bool]],
) -> None:
    hall = Hall(client, service)
    announced = await hall.announce(kind=kind, training=TRAINING if kind == "training" else None)
    assert announced.status_code == 201, announced.text
    await register(hall, merchant)
    for came in (True, True, False):
        assert (await attendance(hall, merchant, came)).status_code == 200
    told = [event.fact for event in await noted(service)]
    assert [(fact.version, fact.attended) for fact in told] == expected
    began = datetime.fromisoformat(announced.json()["starts_at"])
    assert all((fact.merchant_id, fact.began_at) == (merchant, began) for fact in told)


async def test_a_coaching_group_tells_who_came(client: httpx.AsyncClient, service: Service) -> None:
    requests = [
        (await ask(client, wanted(shop, wish=TRAINING), owner_of(shop))).json()["id"]
        for shop in await shops(service, 2)
    ]
    known = await opened(client, requests)
    for seat in known["seats"]:
        await take(client, seat)
    await step(client, known, "formation")
    service.clock = lambda: datetime.fromisoformat(known["ends_at"])
    path, headers = f"{GROUPS}/{known['id']}/attendance", {**CONSULTANT, "If-Match": "*"}
    for came in (requests[:1], requests[:1], requests):
        assert (await client.put(path, json={"came": came}, headers=headers)).status_code == 200
    first, second = (UUID(seat["merchant_id"]) for seat in known["seats"])
    told = [event.fact for event in await noted(service)]
    assert {(fact.merchant_id, fact.version, fact.attended) for fact in told} == {
        (first, 1, True), (second, 1, False), (second, 2, True),
    }  # fmt: skip

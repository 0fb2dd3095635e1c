"""What the assessment forgets of whoever handed one in, and of a shop that is closed with its owner."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError
from sqlalchemy import text

from chassis import outbox
from chassis.clock import utc_now
from chassis.ids import new_id
from chassis.relay import Relay
from chassis.retention import enforce
from chassis.service import Service
from contracts.assessment.v1 import AssessmentCompleted
from contracts.envelope import Event
from operations.streams import create_streams
from services.assessment.retention import NAMED_FOR
from tests.integration.assessment.conftest import CITY, service_on, submission, token
from tests.support.delivered import deliver
from tests.support.erasures import erasure_of
from tests.support.one_service import running, until
from tests.support.servers import Nats, Postgres

NOTHING: dict[str, Any] = {
    "assessments": [],
    "training_requests": [],
    "declared_done": [],
    "session_registrations": [],
    "coaching_seats": [],
    "coaching_groups made": [],
}


async def rows(service: Service, query: str) -> list[Any]:
    async with service.database.connection() as connection:
        return [tuple(row) for row in await connection.execute(text(query))]


def owner(merchant: UUID, person: UUID) -> dict[str, str]:
    return token({"role": "merchant", "city": str(CITY), "merchant": str(merchant)}, person=person)


async def test_after_three_years_an_assessment_no_longer_says_who_handed_it_in(
    service: Service, submit: Callable[..., Any], merchant: UUID
) -> None:
    person = new_id()
    assert (await submit(submission(merchant), owner(merchant, person))).status_code == 201

    await enforce(service.database, service.retention, utc_now() + NAMED_FOR - timedelta(days=1))
    assert await rows(service, "SELECT completed_by FROM assessments") == [(person,)]

    await enforce(service.database, service.retention, utc_now() + NAMED_FOR + timedelta(days=1))
    assert await rows(service, "SELECT completed_by, score > 0 FROM assessments") == [(None, True)]


async def test_the_assessment_of_a_shop_that_goes_on_no_longer_says_by_whom(
    service: Service, submit: Callable[..., Any], merchant: UUID
) -> None:
    person = new_id()
    assert (await submit(submission(merchant), owner(merchant, person))).status_code == 201

    await deliver(service, erasure_of(person, left=[merchant]))

    ((completed_by, score),) = await rows(service, "SELECT completed_by, score FROM assessments")
    assert completed_by is None
    assert score > 0
    assert await rows(service, "SELECT * FROM idempotency") == []


async def test_a_shop_that_is_closed_with_its_owner_takes_its_assessments_along(
    service: Service, submit: Callable[..., Any], merchant: UUID
) -> None:
    person, consultant = new_id(), token({"role": "consultant"})
    await submit(submission(merchant), owner(merchant, person))
    await submit(submission(merchant), consultant)

    await deliver(service, erasure_of(person, closed=[merchant]))

    assert await rows(service, "SELECT * FROM assessments") == []
    assert await rows(service, "SELECT * FROM outbox") == [], "what was sent is not to be replayed"


async def test_a_person_sees_their_shops_assessments_and_those_they_handed_in(
    client: httpx.AsyncClient, submit: Callable[..., Any], merchant: UUID
) -> None:
    person = new_id()
    await submit(submission(merchant), token({"role": "consultant"}))
    own = await client.get("/api/v1/people/me/data/assessment", headers=owner(merchant, person))
    strange = await client.get("/api/v1/people/me/data/assessment", headers=token(person=new_id()))

    assert [each["merchant_id"] for each in own.json()["data"]["assessments"]] == [str(merchant)]
    assert strange.json() == {"service": "assessment", "data": NOTHING}


async def test_an_erased_shops_scores_leave_the_bus_before_it_is_told_as_done(
    postgres: Postgres, migrated: str, nats: Nats
) -> None:
    service = service_on(await postgres.create_database(template=migrated), nats)
    erased, other, person = new_id(), new_id(), new_id()
    request = erasure_of(person, closed=[erased])
    bus = await nats.connect()
    await create_streams(bus.jetstream())
    await bus.jetstream().purge_stream("ASSESSMENT")
    try:
        for shop in (erased, other, erased):
            await handed_in(service, shop, person)
        await publish_all(service)

        await deliver(service, request)

        assert await rows(service, "SELECT count(*) FROM outbox WHERE published_at IS NULL") == [(0,)]
        jobs = [each for each in service.jobs if each.name == "erasures on the bus"]
        async with running(*jobs, *jobs):
            await until(lambda: told(service))
        assert await shops_on(bus.jetstream()) == [str(other)]
        # A database that was restored since is told again, and nothing changes.
        await deliver(service, Event.of(request.fact, utc_now()))
        async with running(*jobs):
            await until(lambda: told(service))
        assert await rows(service, "SELECT count(*) FROM outbox WHERE subject LIKE '%personal-data%'") == [
            (1,)
        ]
    finally:
        await bus.close()
        await service.database.close()


async def handed_in(service: Service, shop: UUID, person: UUID) -> None:
    async with service.database.transaction() as tx:
        fact = AssessmentCompleted(
            city_id=CITY,
            assessment_id=new_id(),
            merchant_id=shop,
            questionnaire="digital-maturity",
            questionnaire_version=1,
            score=29,
        )
        await outbox.record(tx, Event.of(fact, utc_now()))


async def publish_all(service: Service) -> None:
    relay = Relay(service.database, service.settings)
    async with running(relay):
        await until(lambda: nothing_waits(service))


async def nothing_waits(service: Service) -> bool:
    return await rows(service, "SELECT count(*) FROM outbox WHERE published_at IS NULL") == [(0,)]


async def told(service: Service) -> bool:
    return await rows(service, "SELECT count(*) FROM erased_person WHERE on_bus IS NULL") == [(1,)]


async def shops_on(jetstream: JetStreamContext) -> list[str]:
    """The shops whose assessments are still in the stream."""
    state = (await jetstream.stream_info("ASSESSMENT")).state
    found = []
    for sequence in range(state.first_seq, state.last_seq + 1):
        with suppress(NotFoundError):
            message = await jetstream.get_msg("ASSESSMENT", seq=sequence)
            found.append(json.loads(message.data or b"")["data"]["merchant_id"])
    return found

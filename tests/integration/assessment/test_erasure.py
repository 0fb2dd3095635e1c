"""What the assessment forgets of whoever handed one in, and of a shop that is closed with its owner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from chassis.ids import new_id
from chassis.service import Service
from tests.integration.assessment.conftest import CITY, submission, token
from tests.support.delivered import deliver
from tests.support.erasures import erasure_of


async def rows(service: Service, query: str) -> list[Any]:
    async with service.database.connection() as connection:
        return [tuple(row) for row in await connection.execute(text(query))]


def owner(merchant: UUID, person: UUID) -> dict[str, str]:
    return token({"role": "merchant", "city": str(CITY), "merchant": str(merchant)}, person=person)


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
    bodies = [bytes(body).decode() for (body,) in await rows(service, "SELECT body FROM outbox")]
    assert len(bodies) == 1, "what was sent is not to be replayed; that it is done, is told"
    assert "personal-data-erased" in bodies[0]


async def test_a_person_sees_their_shops_assessments_and_those_they_handed_in(
    client: httpx.AsyncClient, submit: Callable[..., Any], merchant: UUID
) -> None:
    person = new_id()
    await submit(submission(merchant), token({"role": "consultant"}))
    own = await client.get("/api/v1/people/me/data/assessment", headers=owner(merchant, person))
    strange = await client.get("/api/v1/people/me/data/assessment", headers=token(person=new_id()))

    assert [each["merchant_id"] for each in own.json()["data"]["assessments"]] == [str(merchant)]
    assert strange.json() == {"service": "assessment", "data": {"assessments": []}}

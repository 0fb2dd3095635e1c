"""What campaigns forgets of a person, what goes on counting, and what cannot bring them back."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from chassis.clock import utc_now
from chassis.replay import republish
from chassis.retention import enforce
from contracts.campaigns.v1 import AmbassadorReviewPosted, PersonalDataErased
from contracts.envelope import Event
from services.campaigns.main import HISTORY
from services.campaigns.retention import NAMED_FOR
from tests.support.campaigns import Campaigns
from tests.support.delivered import deliver
from tests.support.erasures import erasure_of


async def rows(campaigns: Campaigns, query: str, **values: Any) -> list[Any]:
    async with campaigns.database.connection() as connection:
        return [tuple(row) for row in await connection.execute(text(query), values)]


async def test_the_link_and_the_words_go_and_the_counts_remain(campaigns: Campaigns) -> None:
    person, merchant = uuid4(), await campaigns.a_merchant()
    campaign = await campaigns.a_campaign("schedule", "start")
    await campaigns.join(campaign, person)
    review = (await campaigns.review(merchant, person, text="Sophie vous salue")).json()
    await campaigns.share(merchant, person)

    await deliver(campaigns.service, erasure_of(person))

    assert await rows(campaigns, "SELECT * FROM contributor") == []
    assert await rows(campaigns, "SELECT rating, text, language, tie FROM review") == [(4, "", None, "none")]
    assert await rows(campaigns, "SELECT count(*) FROM contribution WHERE withdrawn_at IS NULL") == [(2,)]
    assert await rows(campaigns, "SELECT count(*) FROM enrolment") == [(1,)]
    shown = (await campaigns.client.get(f"/api/v1/contributions/{review['id']}")).json()
    assert (shown["rating"], shown["text"]) == (4, "")


async def test_answers_that_wait_to_be_repeated_go_too(campaigns: Campaigns) -> None:
    person, other, merchant = uuid4(), uuid4(), await campaigns.a_merchant()
    await campaigns.review(merchant, person, text="Sophie vous salue")
    await campaigns.review(merchant, other, text="Tom vous salue")

    await deliver(campaigns.service, erasure_of(person))

    (kept,) = await rows(campaigns, "SELECT principal, CAST(body AS text) FROM idempotency")
    assert kept[0] == str(other)
    assert "Tom vous salue" in kept[1]


async def test_after_three_years_a_campaign_no_longer_says_who_planned_it(campaigns: Campaigns) -> None:
    await campaigns.a_campaign("schedule")
    changes = "SELECT state, person_id FROM campaign_change ORDER BY version"

    await enforce(campaigns.database, campaigns.service.retention, utc_now() + NAMED_FOR - timedelta(days=1))
    before = await rows(campaigns, changes)
    assert [who for _, who in before] == [campaigns.officer] * len(before)

    await enforce(campaigns.database, campaigns.service.retention, utc_now() + NAMED_FOR + timedelta(days=1))
    assert await rows(campaigns, changes) == [(state, None) for state, _ in before]


async def test_an_officer_who_is_erased_leaves_what_the_city_decided(campaigns: Campaigns) -> None:
    await campaigns.a_campaign("schedule")

    await deliver(campaigns.service, erasure_of(campaigns.officer))

    assert await rows(campaigns, "SELECT version, state, person_id FROM campaign_change ORDER BY 1") == [
        (1, "draft", None),
        (2, "scheduled", None),
    ]


async def test_a_token_that_outlives_the_person_does_not_bring_them_back(campaigns: Campaigns) -> None:
    person, merchant = uuid4(), await campaigns.a_merchant()
    await deliver(campaigns.service, erasure_of(person))

    answer = await campaigns.review(merchant, person, text="Sophie est de retour")

    assert answer.status_code == 401
    assert await rows(campaigns, "SELECT * FROM contributor") == []
    assert await rows(campaigns, "SELECT * FROM review") == []
    assert await campaigns.recorded(AmbassadorReviewPosted) == []


async def test_no_request_of_any_kind_writes_for_somebody_who_was_erased(campaigns: Campaigns) -> None:
    campaign = await campaigns.a_draft()
    await deliver(campaigns.service, erasure_of(campaigns.officer))

    answer = await campaigns.post(f"campaigns/{campaign['id']}/schedule", campaigns.as_officer())

    assert answer.status_code == 401
    assert "erased" in answer.json()["detail"]
    assert await rows(campaigns, "SELECT state, person_id FROM campaign_change") == [("draft", None)]


async def test_an_officer_who_acts_while_they_are_erased_leaves_no_name_on_it(campaigns: Campaigns) -> None:
    drafts = [await campaigns.a_draft() for _ in range(12)]

    async def erase() -> None:
        await asyncio.sleep(0.02)
        await deliver(campaigns.service, erasure_of(campaigns.officer))

    scheduling = (
        campaigns.post(f"campaigns/{each['id']}/schedule", campaigns.as_officer()) for each in drafts
    )
    *answers, _ = await asyncio.gather(*scheduling, erase())

    assert {answer.status_code for answer in answers if answer is not None} <= {200, 401}
    assert await rows(campaigns, "SELECT * FROM campaign_change WHERE person_id IS NOT NULL") == []


async def test_whoever_posts_while_they_are_erased_leaves_no_words(campaigns: Campaigns) -> None:
    person = uuid4()
    merchants = [await campaigns.a_merchant() for _ in range(12)]
    await campaigns.review(merchants[0], person)

    async def erase() -> None:
        await asyncio.sleep(0.02)
        await deliver(campaigns.service, erasure_of(person))

    answers = await asyncio.gather(
        *(campaigns.review(each, person, text="Sophie vous salue") for each in merchants[1:]), erase()
    )

    assert {answer.status_code for answer in answers if answer is not None} <= {201, 401}
    assert await rows(campaigns, "SELECT * FROM review WHERE text <> ''") == []
    assert await rows(campaigns, "SELECT * FROM contributor") == []
    assert await rows(campaigns, "SELECT * FROM idempotency WHERE principal = :p", p=str(person)) == []


async def test_it_is_told_once_and_told_again_the_same(campaigns: Campaigns) -> None:
    person = uuid4()
    request = erasure_of(person)

    await deliver(campaigns.service, request)
    await deliver(campaigns.service, request)
    # Its inbox has forgotten it after five weeks, or never knew it by this id: applied again.
    await deliver(campaigns.service, Event.of(request.fact, utc_now() - timedelta(days=40)))

    (told,) = await campaigns.recorded(PersonalDataErased)
    assert told.fact.aggregate_id() == request.fact.erasure_id
    async with campaigns.database.transaction() as tx:
        await tx.execute(text("DELETE FROM outbox"))
    assert [count async for count in republish(campaigns.database, HISTORY)] == [1]
    assert await campaigns.recorded(PersonalDataErased) == [told]


async def test_after_a_restore_the_erasure_is_applied_again(campaigns: Campaigns) -> None:
    person, merchant = uuid4(), await campaigns.a_merchant()
    await campaigns.review(merchant, person, text="Sophie vous salue")
    request = erasure_of(person, at=utc_now() - timedelta(days=50))
    backup = {
        table: await rows(campaigns, f"SELECT CAST(t AS text) FROM {table} t")
        for table in ("contributor", "review", "inbox", "erased_person")
    }
    await deliver(campaigns.service, request)

    async with campaigns.database.transaction() as tx:
        for table, kept in backup.items():
            await tx.execute(text(f"DELETE FROM {table}"))
            for (row,) in kept:
                await tx.execute(
                    text(f"INSERT INTO {table} SELECT (CAST(CAST(:row AS text) AS {table})).*"), {"row": row}
                )
    assert await rows(campaigns, "SELECT text FROM review") == [("Sophie vous salue",)]
    await deliver(campaigns.service, request)

    assert await rows(campaigns, "SELECT text FROM review") == [("",)]
    assert await rows(campaigns, "SELECT * FROM contributor") == []


async def test_a_person_sees_all_that_is_held_about_them_and_nothing_of_others(campaigns: Campaigns) -> None:
    person, merchant = uuid4(), await campaigns.a_merchant()
    campaign = await campaigns.a_campaign("schedule", "start")
    await campaigns.join(campaign, person)
    await campaigns.review(merchant, person, text="Sophie vous salue")
    await campaigns.share(merchant, person)
    await campaigns.review(merchant, uuid4(), text="Tom vous salue")

    answer = await campaigns.client.get(
        "/api/v1/people/me/data/campaigns", headers=campaigns.as_person(person)
    )

    held = answer.json()["data"]
    assert [each["text"] for each in held["contributions"]] == ["Sophie vous salue", None]
    assert [each["campaign_id"] for each in held["enrolments"]] == [campaign["id"]]
    assert len(held["pseudonym"]) == 1

"""Officers decide within a stated time, once, with reasons."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import httpx

from chassis.clock import utc_now
from chassis.identity import Grant, Role
from contracts.campaigns.moderation import (
    ContributionReported,
    ModerationDecided,
    ModerationQueueWaited,
)
from services.campaigns.moderation.domain import DUE, LEASE
from services.campaigns.moderation.waiting import tell_waiting
from tests.support.campaigns import Campaigns
from tests.support.delivered import deliver
from tests.support.erasures import erasure_of

REMOVAL = {"outcome": "removed", "ground": "insult", "statement": "Il traite la boulangère de voleuse."}
PUBLICATION = {"outcome": "published"}


def officer(campaigns: Campaigns, city: UUID | None = None) -> dict[str, str]:
    """Another one each time."""
    return campaigns.issuer.headers(uuid4(), Grant(Role.city_officer, city_id=city or campaigns.city))


async def a_held_review(campaigns: Campaigns, person: UUID | None = None) -> str:
    merchant = await campaigns.a_merchant()
    posted = await campaigns.review(merchant, person or uuid4(), text="Voir www.example.be")
    assert posted.json()["standing"] == "held"
    return str(posted.json()["id"])


async def a_review(campaigns: Campaigns, person: UUID | None = None) -> str:
    return str((await campaigns.review(await campaigns.a_merchant(), person or uuid4())).json()["id"])


async def queue(campaigns: Campaigns, headers: dict[str, str], **query: Any) -> list[dict[str, Any]]:
    asked = {"city": str(campaigns.city), **query}
    answer = await campaigns.client.get("/api/v1/moderation/cases", params=asked, headers=headers)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def decided(
    campaigns: Campaigns, case: dict[str, Any], headers: dict[str, str], body: dict[str, str]
) -> httpx.Response:
    return await campaigns.post(f"moderation/cases/{case['id']}/decision", headers, body)


async def reported(campaigns: Campaigns, review: str, person: UUID | None = None) -> httpx.Response:
    headers = campaigns.as_person(person) if person else {}
    body = {"ground": "no-own-experience", "text": "Elle n'y est jamais allée."}
    key = str(uuid4())
    return await campaigns.post(f"contributions/{review}/reports", headers, body, key)


def slug(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rsplit(":", 1)[1]


async def test_what_is_held_waits_in_the_queue_of_its_city_oldest_first_with_its_reasons(
    campaigns: Campaigns,
) -> None:
    campaigns.now = utc_now()
    held = [await a_held_review(campaigns) for _ in range(2)]
    of_city = officer(campaigns) | {"Accept-Language": "nl"}
    found = await queue(campaigns, of_city, reason="link")
    assert [case["contribution"]["id"] for case in found] == held
    assert found[0]["reasons"] == [{"key": "link", "text": "De tekst bevat een web- of mailadres."}]
    assert (
        await queue(campaigns, of_city, kind="appeal") == await queue(campaigns, of_city, overdue=True) == []
    )
    elsewhere, path = officer(campaigns, uuid4()), f"/api/v1/moderation/cases/{found[0]['id']}"
    asked = {"city": str(campaigns.city)}
    refused = [
        await campaigns.client.get("/api/v1/moderation/cases", params=asked, headers=elsewhere),
        await campaigns.client.get("/api/v1/moderation/figures", params=asked, headers=elsewhere),
        await campaigns.client.get(path, headers=elsewhere),
        await decided(campaigns, found[0], elsewhere, PUBLICATION),
    ]
    assert [answer.status_code for answer in refused] == [403] * 4
    campaigns.now += DUE + timedelta(seconds=1)
    figures = await campaigns.client.get("/api/v1/moderation/figures", params=asked, headers=of_city)
    assert (figures.json()["open"], figures.json()["overdue"], figures.json()["appeals"]) == (2, 2, 0)
    assert len(await queue(campaigns, of_city, overdue=True)) == 2


async def test_a_city_is_told_once_a_day_how_much_waits_where_something_has_waited_for_more_than_a_day(
    campaigns: Campaigns,
) -> None:
    campaigns.now = datetime(2026, 11, 23, 6, tzinfo=UTC)  # seven on clocks in Brussels
    await a_held_review(campaigns)
    look = partial(tell_waiting, campaigns.database)
    tuesday, wednesday = (datetime(2026, 11, day, 5, tzinfo=UTC) for day in (24, 25))
    told = [await look(tuesday), await look(tuesday + timedelta(hours=18))]
    assert told == [0, 0], "at six it had waited for 23 hours, and the day is told of as it was at six"
    campaigns.now = wednesday - timedelta(hours=1)
    await a_held_review(campaigns)
    await reported(campaigns, await a_review(campaigns))
    assert await look(wednesday - timedelta(seconds=1)) == 0, "not before six"
    told = await asyncio.gather(*(look(wednesday + timedelta(hours=2)) for _ in range(5)))
    assert sum(told) == 1
    assert await look(wednesday + timedelta(hours=17)) == 0
    (event,) = await campaigns.recorded(ModerationQueueWaited)
    assert isinstance(event.fact, ModerationQueueWaited)
    waited = event.fact
    assert (waited.city_id, str(waited.day)) == (campaigns.city, "2026-11-25")
    assert (waited.held, waited.reported, waited.appeals, waited.overdue) == (2, 1, 0, 1)
    assert waited.oldest_since == datetime(2026, 11, 23, 6, tzinfo=UTC)
    campaigns.now = wednesday
    for case in await queue(campaigns, officer(campaigns)):
        assert (await decided(campaigns, case, officer(campaigns), PUBLICATION)).status_code == 201
    assert await look(wednesday + timedelta(days=1)) == 0, "nothing waits any more"
    author = uuid4()
    review = await a_held_review(campaigns, author)
    (case,) = await queue(campaigns, officer(campaigns))
    await decided(campaigns, case, officer(campaigns), REMOVAL)
    asked = {"text": "Je n'ai insulté personne."}
    answer = await campaigns.post(f"contributions/{review}/appeal", campaigns.as_person(author), asked)
    assert answer.status_code == 201
    told = [await look(wednesday + timedelta(days=days)) for days in (2, 3, 4)]
    assert told == [0, 0, 1], "an appeal has seven days, of which three and a half are over then"
    assert (waited.deputy_city_id, waited.oldest_appeal_since) == (None, None)
    deputy, path = uuid4(), f"/api/v1/moderation/deputies/{campaigns.city}"
    named = {"deputy_city_id": str(deputy)}
    answer = await campaigns.client.put(path, json=named, headers=officer(campaigns))
    assert answer.is_success, answer.text
    assert await look(wednesday + timedelta(days=5)) == 1
    *_, unnamed, last = [event.fact for event in await campaigns.recorded(ModerationQueueWaited)]
    assert isinstance(unnamed, ModerationQueueWaited)
    assert isinstance(last, ModerationQueueWaited)
    assert (unnamed.deputy_city_id, unnamed.oldest_appeal_since) == (None, wednesday)
    assert (last.deputy_city_id, last.oldest_appeal_since) == (deputy, wednesday)


async def test_of_two_officers_who_decide_at_the_same_time_one_does(campaigns: Campaigns) -> None:
    review = await a_held_review(campaigns)
    (case,) = await queue(campaigns, officer(campaigns))
    tries = [
        decided(campaigns, case, officer(campaigns), REMOVAL if number % 2 else PUBLICATION)
        for number in range(10)
    ]
    answers = await asyncio.gather(*tries)
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
    (made,) = [answer.json() for answer in answers if answer.status_code == 201]
    (told,) = await campaigns.recorded(ModerationDecided)
    assert isinstance(told.fact, ModerationDecided)
    assert (str(told.fact.contribution_id), told.fact.outcome) == (review, made["outcome"])
    assert (told.fact.reported, await campaigns.recorded(ContributionReported)) == (False, [])
    assert await queue(campaigns, officer(campaigns)) == []


async def test_a_case_that_one_took_is_no_others_until_it_is_given_back_or_forgotten(
    campaigns: Campaigns,
) -> None:
    campaigns.now = utc_now()
    await a_held_review(campaigns)
    one, other = officer(campaigns), officer(campaigns)
    (case,) = await queue(campaigns, one)
    lease = f"/api/v1/moderation/cases/{case['id']}/lease"
    assert (await campaigns.client.put(lease, headers=one)).status_code == 204
    assert slug(await campaigns.client.put(lease, headers=other)) == (409, "case-taken")
    assert slug(await decided(campaigns, case, other, PUBLICATION)) == (409, "case-taken")
    assert await queue(campaigns, other, untaken=True) == []
    assert [each["taken_by_me"] for each in await queue(campaigns, one)] == [True]
    await campaigns.client.delete(lease, headers=other)  # not theirs to give back
    assert (await queue(campaigns, other))[0]["taken"]
    campaigns.now += LEASE
    assert (await campaigns.client.put(lease, headers=other)).status_code == 204
    await campaigns.client.delete(lease, headers=other)
    assert (await decided(campaigns, case, one, PUBLICATION)).status_code == 201


async def test_a_removal_names_a_rule_and_tells_the_author_in_their_language(campaigns: Campaigns) -> None:
    author = uuid4()
    review = await a_held_review(campaigns, author)
    (case,) = await queue(campaigns, officer(campaigns))
    for incomplete in ({"outcome": "removed"}, {"outcome": "removed", "ground": "other"}, {"outcome": "x"}):
        assert (await decided(campaigns, case, officer(campaigns), incomplete)).status_code == 422
    assert (await decided(campaigns, case, officer(campaigns), REMOVAL)).status_code == 201
    headers = campaigns.as_person(author) | {"Accept-Language": "de"}
    told = (await campaigns.client.get(f"/api/v1/contributions/{review}", headers=headers)).json()
    assert told["reasons"] == [{"key": "insult", "text": "Der Text beleidigt oder bedroht jemanden."}]
    assert (told["standing"], told["statement"]) == ("removed", REMOVAL["statement"])
    assert (await campaigns.client.get(f"/api/v1/contributions/{review}")).status_code == 404


async def test_who_is_erased_leaves_no_words_in_reports_and_no_name_under_decisions(
    campaigns: Campaigns,
) -> None:
    review, reader, decider = await a_review(campaigns), uuid4(), uuid4()
    await reported(campaigns, review, reader)
    headers = campaigns.issuer.headers(decider, Grant(Role.city_officer, city_id=campaigns.city))
    (case,) = await queue(campaigns, headers)
    await decided(campaigns, case, headers, REMOVAL)
    own = await campaigns.client.get("/api/v1/people/me/data/campaigns", headers=campaigns.as_person(reader))
    assert "Elle n'y est jamais allée." in own.text
    for person in (reader, decider):
        await deliver(campaigns.service, erasure_of(person))
    path = f"/api/v1/moderation/cases/{case['id']}"
    left = (await campaigns.client.get(path, headers=officer(campaigns))).json()
    assert [each["text"] for each in left["reports"]] == [None]
    assert [each["person_id"] for each in left["decisions"]] == [None]
    assert left["decisions"][0]["statement"] == REMOVAL["statement"]

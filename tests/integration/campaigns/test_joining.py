"""Joining: what is promised and declared, who may, and what an officer decides."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from contracts.campaigns.v1 import AmbassadorEnrolled
from services.campaigns.retention import UNDECIDED_FOR
from tests.support.campaigns import JOINING, Campaigns
from tests.support.delivered import deliver
from tests.support.erasures import erasure_of


async def decide(campaigns: Campaigns, campaign: dict[str, Any], enrolment: str, **said: Any) -> Any:
    path = f"/api/v1/campaigns/{campaign['id']}/ambassadors/{enrolment}/decision"
    return await campaigns.client.put(path, json=said, headers=campaigns.as_officer())


async def test_the_pledge_is_shown_and_its_version_kept(campaigns: Campaigns) -> None:
    campaign, person = await campaigns.a_campaign("schedule"), uuid4()
    shown = await campaigns.client.get("/api/v1/campaign-pledge", headers={"Accept-Language": "nl"})
    assert shown.json()["text"].startswith("Ik zeg")
    outdated = await campaigns.join(campaign, person, pledge=shown.json()["version"] + 1)
    assert (outdated.status_code, outdated.json()["field"]) == (409, "pledge")
    joined = (await campaigns.join(campaign, person, pledge=shown.json()["version"])).json()
    assert (joined["pledge"], joined["standing"]) == (shown.json()["version"], "approved")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"age": "12_or_younger"}, "age"),
        ({"age": None}, "age"),
        ({"language": "es"}, "language"),
        ({"pledge": "x"}, "pledge"),
        ({"ties": [{"merchant_id": str(uuid4()), "tie": "none"}]}, "ties.0.tie"),
        ({"birth_date": "2001-01-01"}, "birth_date"),
    ],
)
async def test_what_is_missing_or_too_much_is_named(
    campaigns: Campaigns, wrong: dict[str, Any], field: str
) -> None:
    campaign = await campaigns.a_campaign("schedule")
    answer = await campaigns.join(campaign, uuid4(), **wrong)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_a_shop_that_somebody_is_tied_to_gets_nothing_counted_from_them(campaigns: Campaigns) -> None:
    own, other, person = await campaigns.a_merchant(), await campaigns.a_merchant(), uuid4()
    first, second = [await campaigns.a_campaign("schedule", "start") for _ in range(2)]
    ties = [{"merchant_id": str(own), "tie": "family"}]
    await campaigns.join(first, person, ties=ties)
    await campaigns.join(second, person)  # what was declared once binds everywhere
    tied = (await campaigns.review(own, person)).json()
    assert (tied["reason"], tied["tie"], tied["counts_for_audience"]) == ("declared-tie", "family", False)
    assert (await campaigns.share(own, person)).status_code == 403
    assert (await campaigns.review(other, person)).json()["counts_for_campaign"]
    listed = await campaigns.client.get(
        f"/api/v1/campaigns/{first['id']}/ambassadors", headers=campaigns.as_officer()
    )
    (shown,) = listed.json()["items"]
    assert (shown["ties"], shown["adult"], shown["language"]) == (ties, True, "fr")
    assert not {"person_id", "contributor_id"} & shown.keys()


async def test_nothing_counts_before_an_officer_approved(campaigns: Campaigns) -> None:
    campaign = await campaigns.a_campaign("schedule", "start", approval=True)
    merchant, person, other = await campaigns.a_merchant(), uuid4(), uuid4()
    waiting = (await campaigns.join(campaign, person, introduction="Je suis d'Habay")).json()
    refused = (await campaigns.join(campaign, other)).json()
    assert waiting["standing"] == "pending"
    assert await campaigns.recorded(AmbassadorEnrolled) == []
    assert (await campaigns.share(merchant, person, "mail")).json()["reason"] == "not-enrolled"
    path = f"/api/v1/campaigns/{campaign['id']}/ambassadors"
    pending = await campaigns.client.get(f"{path}?standing=pending", headers=campaigns.as_officer())
    assert {each["introduction"] for each in pending.json()["items"]} == {"Je suis d'Habay", None}
    approvals = await asyncio.gather(
        *(decide(campaigns, campaign, waiting["id"], approved=True) for _ in range(3))
    )
    assert [answer.json()["standing"] for answer in approvals] == ["approved"] * 3
    assert len(await campaigns.recorded(AmbassadorEnrolled)) == 1
    assert (await campaigns.share(merchant, person, "sms")).json()["counts_for_campaign"]
    unsaid = await decide(campaigns, campaign, refused["id"], approved=False)
    assert (unsaid.status_code, unsaid.json()["field"]) == (422, "reason")
    said = {"approved": False, "reason": "Le groupe est complet."}
    assert (await decide(campaigns, campaign, refused["id"], **said)).json()["standing"] == "refused"
    late = await decide(campaigns, campaign, refused["id"], approved=True)
    assert (late.status_code, late.json()["standing"]) == (409, "refused")
    mine = await campaigns.client.get(f"{path}/me", headers=campaigns.as_person(other))
    assert (mine.json()["refusal"], mine.json()["standing"]) == ("Le groupe est complet.", "refused")
    figures = (await campaigns.client.get(f"/api/v1/campaigns/{campaign['id']}/progress")).json()["figures"]
    assert figures["ambassadors"] == 1
    assert (await decide(campaigns, campaign, str(uuid4()), approved=True)).status_code == 404


async def test_what_somebody_said_goes_with_time_and_with_them(campaigns: Campaigns) -> None:
    campaign, person = await campaigns.a_campaign("schedule", approval=True), uuid4()
    ties = [{"merchant_id": str(uuid4()), "tie": "owner"}]
    await campaigns.join(campaign, person, introduction="Bonjour", ties=ties)
    data = (
        await campaigns.client.get("/api/v1/people/me/data/campaigns", headers=campaigns.as_person(person))
    ).json()["data"]
    assert data["enrolments"][0]["introduction"] == "Bonjour"
    assert data["ties to shops"][0]["tie"] == "owner"
    rule = next(each for each in campaigns.service.retention if "said of themselves" in each.name)
    async with campaigns.database.transaction() as tx:
        assert await rule.delete(tx, campaigns.clock() + UNDECIDED_FOR, 10) == 1
        said = text("SELECT introduction, adult, language FROM enrolment")
        assert tuple((await tx.execute(said)).one()) == (None, True, JOINING["language"])
    await deliver(campaigns.service, erasure_of(person))
    async with campaigns.database.connection() as connection:
        assert tuple((await connection.execute(said)).one()) == (None, None, None)
        assert await connection.scalar(text("SELECT count(*) FROM declared_tie")) == 0

"""A campaign is judged before it is announced, and what was said of it stays."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from services.campaigns.lifecycle import use_cases
from services.campaigns.policy.domain import POSSIBLE
from tests.support.campaigns import Campaigns

PHOTOS = {"platform": "here", "action": "photo", "reward": "points"}
REVIEWS = {"platform": "here", "action": "review", "reward": "points"}
GOOGLE = {"platform": "google", "action": "review"}
BOUGHT = {"platform": "google", "action": "review", "reward": "benefit"}
DRAW = {"platform": "here", "action": "photo", "reward": "prize-draw"}


async def announce(campaigns: Campaigns, draft: dict[str, Any]) -> Any:
    return await campaigns.post(f"campaigns/{draft['id']}/schedule", campaigns.as_officer())


async def test_what_is_lawful_is_announced_with_what_was_said_of_it(campaigns: Campaigns) -> None:
    draft = await campaigns.a_draft(asks=[PHOTOS, REVIEWS, GOOGLE])
    assert (await announce(campaigns, draft)).status_code == 200
    seen = await campaigns.client.get(f"/api/v1/campaigns/{draft['id']}", headers={"Accept-Language": "nl"})
    judged = seen.json()["policy"]
    assert [(each["action"], each["verdict"]) for each in judged] == [
        ("photo", "allowed"), ("review", "allowed-with-disclosure"), ("review", "allowed"),
    ]  # fmt: skip
    (disclosure,) = judged[1]["rules"]
    assert disclosure["text"].startswith("De auteur kreeg van de campagne een beloning")
    assert disclosure["sources"][0]["title"].startswith("Directive 2005/29/EC")


async def test_what_is_refused_is_not_announced_and_the_draft_can_be_mended(campaigns: Campaigns) -> None:
    draft = await campaigns.a_draft(asks=[PHOTOS, BOUGHT])
    assert [each["verdict"] for each in draft["policy"]] == ["allowed", "refused"]
    answer = await announce(campaigns, draft)
    assert answer.status_code == 409
    problem = answer.json()
    assert problem["type"] == "urn:cococity:problem:policy-refuses"
    assert problem["refused"] == [{"field": "asks.1", "rules": ["nothing-done-elsewhere-earns-anything"]}]
    assert await campaigns.recorded() == []

    headers = {**campaigns.as_officer(), "If-Match": "*"}
    mended = await campaigns.client.patch(
        f"/api/v1/campaigns/{draft['id']}", json={"asks": [PHOTOS]}, headers=headers
    )
    assert mended.status_code == 200, mended.text
    assert (await announce(campaigns, draft)).status_code == 200


async def test_a_draw_needs_a_ground_that_everybody_then_reads(campaigns: Campaigns) -> None:
    assert (await announce(campaigns, await campaigns.a_draft(asks=[DRAW]))).status_code == 409
    ground = "Autorisation du collège communal du 1er septembre"
    with_ground = await campaigns.a_draft(asks=[DRAW], legal_ground=ground)
    announced = (await announce(campaigns, with_ground)).json()
    assert announced["policy"][0]["verdict"] == "allowed-with-disclosure"
    assert announced["legal_ground"] == ground


async def test_rules_that_change_later_change_nothing_that_was_announced(
    campaigns: Campaigns, monkeypatch: pytest.MonkeyPatch
) -> None:
    announced = await campaigns.a_campaign("schedule", asks=[PHOTOS])
    monkeypatch.setattr("services.campaigns.lifecycle.forms.rules", lambda: ())
    monkeypatch.setattr(use_cases, "rules", lambda: ())
    draft = await campaigns.a_draft(asks=[PHOTOS])
    assert draft["policy"][0]["verdict"] == "refused"
    assert (await announce(campaigns, draft)).status_code == 409
    later = await campaigns.client.get(f"/api/v1/campaigns/{announced['id']}")
    assert later.json()["policy"] == announced["policy"]
    started = await campaigns.post(f"campaigns/{announced['id']}/start", campaigns.as_officer())
    assert started.json()["policy"] == announced["policy"]


@pytest.mark.parametrize(
    ("asks", "field"),
    [
        ([{"platform": "tripadvisor", "action": "correction"}], "asks.0.action"),
        ([PHOTOS, PHOTOS], "asks.1"),
        ([{"platform": "myspace", "action": "photo"}], "asks.0.platform"),
        ([PHOTOS | {"least_stars": 6}], "asks.0.least_stars"),
        ([PHOTOS | {"reward": "money"}], "asks.0.reward"),
        ([PHOTOS] * 51, "asks"),
    ],
)
async def test_an_ask_that_makes_no_sense_is_refused_by_field(
    campaigns: Campaigns, asks: list[Any], field: str
) -> None:
    draft = await campaigns.a_draft()
    body = {key: draft[key] for key in ("city_id", "name", "starts_at", "ends_at")} | {"asks": asks}
    answer = await campaigns.post("campaigns", campaigns.as_officer(), body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["field"] == field


async def test_everybody_reads_the_policy_in_their_language(campaigns: Campaigns) -> None:
    answer = await campaigns.client.get("/api/v1/campaign-policy", params={"language": "de"})
    policy = answer.json()
    assert len(policy["judgements"]) == 5 * sum(map(len, POSSIBLE.values()))
    yelp = next(each for each in policy["rules"] if each["key"] == "yelp-is-never-asked-for")
    assert yelp["text"].startswith("Yelp verbietet")
    draws = await campaigns.client.get("/api/v1/campaign-policy", params={"legal_ground": True})
    verdicts = {
        each["verdict"] for each in draws.json()["judgements"]
        if (each["platform"], each["action"], each["reward"]) == ("here", "photo", "prize-draw")
    }  # fmt: skip
    assert verdicts == {"allowed-with-disclosure"}


async def test_campaigns_from_before_the_check_are_shown_without_asks(campaigns: Campaigns) -> None:
    announced = await campaigns.a_campaign("schedule")
    async with campaigns.database.transaction() as tx:
        await tx.execute(text("UPDATE campaign SET policy = NULL"))
    seen = await campaigns.client.get(f"/api/v1/campaigns/{announced['id']}")
    assert seen.json()["policy"] == []


async def test_a_rewarded_review_says_so_to_whoever_reads_it(campaigns: Campaigns) -> None:
    merchant, rewarded, free = await campaigns.a_merchant(), uuid4(), uuid4()
    campaign = await campaigns.a_campaign("schedule", "start", asks=[REVIEWS, PHOTOS])
    await campaigns.join(campaign, rewarded)
    told = (await campaigns.review(merchant, rewarded)).json()
    assert (await campaigns.review(merchant, free)).json()["disclosures"] == []
    assert (await campaigns.share(merchant, rewarded)).json()["disclosures"] == []

    path = f"/api/v1/contributions?merchant={merchant}&language="
    seen = {
        language: (await campaigns.client.get(path + language)).json()["items"] for language in ("nl", "en")
    }
    assert [len(each["disclosures"]) for each in seen["en"]] == [0, 1]
    assert seen["en"][1]["disclosures"][0].startswith("The author got a reward of the campaign")
    assert seen["nl"][1]["disclosures"][0].startswith("De auteur kreeg van de campagne een beloning")
    alone = await campaigns.client.get(f"/api/v1/contributions/{told['id']}?language=nl")
    assert alone.json()["disclosures"] == seen["nl"][1]["disclosures"]


async def test_what_is_said_beside_a_contribution_outlives_what_a_process_remembers(
    campaigns: Campaigns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.campaigns.lifecycle.announced._MOST", 1)
    merchant = await campaigns.a_merchant()
    for _ in range(3):
        person, campaign = uuid4(), await campaigns.a_campaign("schedule", "start", asks=[REVIEWS])
        await campaigns.join(campaign, person)
        await campaigns.review(merchant, person)
        await campaigns.post(f"campaigns/{campaign['id']}/end", campaigns.as_officer())
    for _ in range(2):
        seen = (await campaigns.client.get(f"/api/v1/contributions?merchant={merchant}")).json()["items"]
        assert [len(each["disclosures"]) for each in seen] == [1, 1, 1]

"""A pilot from its question to go or no-go, counted from the facts."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.support.campaigns import Campaigns

QUESTION = "Des habitants prennent-ils part en une semaine ?"
RULE = [{"figure": "reviews", "at_least": 3}, {"figure": "merchants-reached", "at_least": 2}]


async def evaluate(campaigns: Campaigns, campaign: dict[str, Any], conclusion: str = "On continue.") -> Any:
    path = f"campaigns/{campaign['id']}/evaluate"
    return await campaigns.post(path, campaigns.as_officer(), {"conclusion": conclusion})


async def a_week(campaigns: Campaigns, reviews: int) -> dict[str, Any]:
    """Two join and one of them reviews that many merchants, and shares one; a second takes a review back."""
    campaign = await campaigns.a_campaign("schedule", "start", question=QUESTION, go_if=RULE)
    busy, fickle = uuid4(), uuid4()
    for person in (busy, fickle):
        await campaigns.join(campaign, person)
    for _ in range(reviews):
        merchant = await campaigns.a_merchant()
        await campaigns.review(merchant, busy)
        await campaigns.review(merchant, uuid4())  # not enrolled: it does not count
    await campaigns.share(merchant, busy)
    posted = (await campaigns.review(merchant, fickle)).json()
    await campaigns.client.delete(
        f"/api/v1/contributions/{posted['id']}", headers=campaigns.as_person(fickle)
    )
    ended = await campaigns.post(f"campaigns/{campaign['id']}/end", campaigns.as_officer())
    assert ended.status_code == 200
    return campaign


@pytest.mark.parametrize(("reviews", "verdict"), [(3, "go"), (2, "no-go")])
async def test_the_verdict_follows_from_the_rule_set_beforehand(
    campaigns: Campaigns, reviews: int, verdict: str
) -> None:
    campaign = await a_week(campaigns, reviews)
    answer = await evaluate(campaigns, campaign)
    assert answer.status_code == 200, answer.text
    seen = (await campaigns.client.get(f"/api/v1/campaigns/{campaign['id']}")).json()
    assert seen == answer.json()
    assert seen["state"] == "evaluated"
    assert seen["evaluation"]["verdict"] == verdict
    assert seen["evaluation"]["conclusion"] == "On continue."
    assert seen["evaluation"]["figures"] == {
        "ambassadors": 2, "active-ambassadors": 1, "reviews": reviews, "photos": 0, "videos": 0, "shares": 1,
        "merchants-reached": reviews,
    }  # fmt: skip
    assert (seen["question"], seen["go_if"]) == (QUESTION, RULE)


async def test_it_is_evaluated_once_and_only_when_it_is_over(campaigns: Campaigns) -> None:
    running = await campaigns.a_campaign("schedule", "start")
    early = await evaluate(campaigns, running)
    assert (early.status_code, early.json()["state"]) == (409, "running")
    await campaigns.post(f"campaigns/{running['id']}/end", campaigns.as_officer())
    assert (await evaluate(campaigns, running)).json()["evaluation"]["verdict"] == "no-rule"
    assert (await evaluate(campaigns, running)).status_code == 409
    called_off = await campaigns.a_campaign("schedule", "end")
    assert (await evaluate(campaigns, called_off)).status_code == 409


async def test_the_rule_cannot_change_once_it_was_announced(campaigns: Campaigns) -> None:
    campaign = await campaigns.a_campaign("schedule", question=QUESTION, go_if=RULE)
    headers = {**campaigns.as_officer(), "If-Match": "*"}
    path = f"/api/v1/campaigns/{campaign['id']}"
    lowered = await campaigns.client.patch(path, json={"go_if": RULE[:1]}, headers=headers)
    assert lowered.status_code == 409


@pytest.mark.parametrize(
    ("plan", "field"),
    [
        ({"go_if": RULE}, "question"),
        ({"question": QUESTION, "go_if": [RULE[0], RULE[0]]}, "go_if"),
        ({"question": QUESTION, "go_if": [{"figure": "likes", "at_least": 3}]}, "go_if.0.figure"),
        ({"question": QUESTION, "go_if": [{"figure": "reviews", "at_least": 0}]}, "go_if.0.at_least"),
    ],
)
async def test_a_rule_that_makes_no_sense_is_refused_by_field(
    campaigns: Campaigns, plan: dict[str, Any], field: str
) -> None:
    draft = await campaigns.a_draft()
    body = {key: draft[key] for key in ("city_id", "name", "starts_at", "ends_at")} | plan
    answer = await campaigns.post("campaigns", campaigns.as_officer(), body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_a_pilot_without_a_rule_is_not_announced(campaigns: Campaigns) -> None:
    draft = await campaigns.a_draft(question=QUESTION)
    answer = await campaigns.post(f"campaigns/{draft['id']}/schedule", campaigns.as_officer())
    assert (answer.status_code, answer.json()["field"]) == (422, "go_if")


async def test_a_conclusion_is_asked_for(campaigns: Campaigns) -> None:
    campaign = await campaigns.a_campaign("schedule", "start", "end")
    answer = await evaluate(campaigns, campaign, "   ")
    assert (answer.status_code, answer.json()["field"]) == (422, "conclusion")

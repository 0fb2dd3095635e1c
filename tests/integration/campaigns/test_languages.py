"""Campaigns in several languages, written by hand or begun from a template."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.support.campaigns import Campaigns


async def read_in(campaigns: Campaigns, campaign: dict[str, Any], languages: str) -> tuple[str, str]:
    path = f"/api/v1/campaigns/{campaign['id']}"
    answer = await campaigns.client.get(path, headers={"Accept-Language": languages})
    return answer.json()["name"], answer.headers["Content-Language"]


async def test_each_reader_gets_their_language_or_the_campaigns_own(campaigns: Campaigns) -> None:
    plan = {"languages": ["fr", "nl"], "translations": {"nl": {"name": "De maand", "description": "Doe mee"}}}
    campaign = await campaigns.a_campaign("schedule", **plan)
    own = "Le mois des ambassadeurs"
    assert await read_in(campaigns, campaign, "nl-BE, fr;q=0.5") == ("De maand", "nl")
    assert await read_in(campaigns, campaign, "fr") == (own, "fr")
    assert (await read_in(campaigns, campaign, "de"))[0] == own
    assert campaign["texts"] == {"fr": {"name": own, "description": ""}, **plan["translations"]}  # type: ignore[dict-item]
    listed = await campaigns.client.get("/api/v1/campaigns", headers={"Accept-Language": "nl"})
    assert [each["name"] for each in listed.json()["items"]] == ["De maand"]
    headers = {**campaigns.as_officer(), "If-Match": "*"}
    path = f"/api/v1/campaigns/{campaign['id']}"
    mended = {"translations": {"nl": {"name": "De maand van de ambassadeurs"}}}
    assert (await campaigns.client.patch(path, json=mended, headers=headers)).status_code == 200
    assert (await read_in(campaigns, campaign, "nl"))[0] == "De maand van de ambassadeurs"
    foreign = {"translations": {"de": {"name": "Der Monat"}}}
    refused = await campaigns.client.patch(path, json=foreign, headers=headers)
    assert (refused.status_code, refused.json()["field"]) == (422, "translations.de")


async def test_a_draft_begins_from_a_template_and_can_be_announced_as_it_is(campaigns: Campaigns) -> None:
    offered = await campaigns.client.get("/api/v1/campaign-templates", headers={"Accept-Language": "de"})
    month = next(each for each in offered.json() if each["key"] == "month-of-ambassadors")
    assert month["name"] == "Der Monat der Botschafter"
    starts_at = campaigns.clock() + timedelta(days=3)
    body = {
        "city_id": str(campaigns.city),
        "starts_at": starts_at.isoformat(),
        "languages": ["de", "fr", "nl", "en"],
    }
    for template in offered.json():
        path = f"campaign-templates/{template['key']}/drafts"
        made = await campaigns.post(path, campaigns.as_officer(), body)
        assert made.status_code == 201, made.text
        draft = made.json()
        assert (draft["state"], set(draft["texts"])) == ("draft", {"de", "fr", "nl", "en"})
        assert (draft["goals"], draft["go_if"]) == (template["goals"], template["go_if"])
        announced = await campaigns.post(f"campaigns/{draft['id']}/schedule", campaigns.as_officer())
        assert announced.status_code == 200, announced.text
    unknown = await campaigns.post("campaign-templates/none/drafts", campaigns.as_officer(), body)
    assert unknown.status_code == 404

"""Shops' profiles elsewhere, and the counts that people read there and note with their day."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from chassis.identity import Grant, Role
from contracts.campaigns.v1 import SeenElsewhere, SeenElsewhereTakenBack
from services.campaigns.printed.town import Town
from services.campaigns.profiles.named import named_by_the_directory
from services.campaigns.profiles.storage import MOST
from tests.support.campaigns import Campaigns
from tests.support.delivered import deliver
from tests.support.erasures import erasure_of
from tests.support.notifications_world import serve

BASE = "/api/v1/elsewhere"
GOOGLE = "https://www.google.be/maps?cid=12&hl=fr"
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def owner(campaigns: Campaigns, merchant: UUID, person: UUID | None = None) -> dict[str, str]:
    return campaigns.issuer.headers(person or uuid4(), Grant(Role.merchant, campaigns.city, merchant))


async def state(campaigns: Campaigns, merchant: UUID, url: str, who: dict[str, str]) -> httpx.Response:
    return await campaigns.post(f"elsewhere/merchants/{merchant}/profiles", who, {"url": url})


async def profiles(campaigns: Campaigns, merchant: UUID, language: str = "fr") -> list[dict[str, Any]]:
    answer = await campaigns.client.get(f"{BASE}/merchants/{merchant}/profiles?language={language}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def note(campaigns: Campaigns, merchant: UUID, who: dict[str, str], **said: Any) -> httpx.Response:
    body = {"platform": "google", "measure": "reviews", "day": "2026-11-26", "figure": 12} | said
    return await campaigns.post(f"elsewhere/merchants/{merchant}/counts", who, body)


async def test_a_profile_is_stated_once_looked_at_again_and_taken_out(campaigns: Campaigns) -> None:
    merchant = await campaigns.a_merchant()
    who, campaigns.now = owner(campaigns, merchant), NOON
    ways = (GOOGLE, "https://maps.google.com/maps?cid=12", "http://google.com/maps?hl=nl&cid=12")
    said = await asyncio.gather(*(state(campaigns, merchant, url, who) for url in ways))
    assert sorted(each.status_code for each in said) == [201, 409, 409]
    assert (await state(campaigns, merchant, "https://g.page/r/CXyz/review", who)).status_code == 201
    site = await state(campaigns, merchant, "https://boulangerie-müller.be/", campaigns.as_officer())
    assert site.json()["stated_by"] == "officer"
    shown = await profiles(campaigns, merchant)
    assert [(each["url"], each["button"]["label"], each["button"]["asks"]) for each in shown] == [
        ("https://www.google.com/maps?cid=12", "Voir sur Google", False),
        ("https://g.page/r/CXyz/review", "Écrire un avis sur Google", True),
        ("https://xn--boulangerie-mller-f3b.be/", "Site web", False),
    ]
    campaigns.now = NOON + timedelta(days=30)
    path = f"{BASE}/profiles/{shown[0]['id']}"
    looked = await campaigns.client.put(f"{path}/check", headers=campaigns.as_officer())
    assert (looked.json()["checked_at"], looked.json()["checked_by"]) == ("2026-12-26T12:00:00Z", "officer")
    assert (await campaigns.client.delete(path, headers=who)).status_code == 204
    assert (await campaigns.client.delete(path, headers=who)).status_code == 404
    assert len(await profiles(campaigns, merchant)) == 2


@pytest.mark.parametrize(
    "url",
    ["https://127.0.0.1/", "https://facebook.com/", "javascript:x", "http://example.be/", "x" * 2_000],
)
async def test_no_profile_is_at_a_hostile_address(campaigns: Campaigns, url: str) -> None:
    merchant = await campaigns.a_merchant()
    answer = await state(campaigns, merchant, url, owner(campaigns, merchant))
    assert (answer.status_code, answer.json()["field"]) == (422, "url")


async def test_a_shop_has_no_more_profiles_than_a_page_shows(campaigns: Campaigns) -> None:
    merchant = await campaigns.a_merchant()
    who = owner(campaigns, merchant)
    for number in range(MOST):
        assert (await state(campaigns, merchant, f"https://a.be/{number}", who)).status_code == 201
    assert (await state(campaigns, merchant, "https://a.be/more", who)).status_code == 409


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    app = FastAPI()

    @app.get("/api/v1/merchants/{merchant_id}")
    async def shop(merchant_id: UUID) -> Any:
        places = {"google": "https://www.google.be/maps?cid=12", "facebook": "https://facebook.com/habay"}
        return {"id": merchant_id, "kind_name": "x", "profiles": places, "website": "http://nowhere"}

    async with serve(app).serving() as url:
        town = Town(url)
        yield town
        await town.close()


async def test_what_the_directory_knows_is_shown_behind_and_never_twice(
    campaigns: Campaigns, town: Town
) -> None:
    named = await named_by_the_directory(town, uuid4(), "fr")
    assert [each.url for each in named] == [
        "https://www.google.com/maps?cid=12",
        "https://www.facebook.com/habay",
    ]


async def test_counts_are_noted_corrected_with_history_and_taken_back(campaigns: Campaigns) -> None:
    merchant, campaigns.now = await campaigns.a_merchant(), NOON
    who = owner(campaigns, merchant)
    first = await note(campaigns, merchant, who)
    assert first.status_code == 201, first.text
    path = f"{BASE}/counts/{first.json()['id']}"
    stale = await campaigns.client.patch(path, json={"figure": 13}, headers={**who, "If-Match": '"7"'})
    assert stale.status_code == 412
    corrected = await campaigns.client.patch(path, json={"figure": 13}, headers={**who, "If-Match": '"1"'})
    assert (corrected.json()["figure"], corrected.headers["ETag"]) == (13, '"2"')
    assert (await note(campaigns, merchant, who, figure=14)).json()["version"] == 3
    history = await campaigns.client.get(f"{path}/versions", headers=who)
    assert [each["figure"] for each in history.json()] == [12, 13, 14]
    mean = await note(campaigns, merchant, who, measure="mean", figure=4.6, day="2026-10-01")
    assert (mean.json()["scale"], mean.json()["source"]) == (5, "merchant")
    listed = f"{BASE}/merchants/{merchant}/counts"
    page = (await campaigns.client.get(f"{listed}?limit=1", headers=who)).json()
    rest = (await campaigns.client.get(f"{listed}?limit=1&cursor={page['next']}", headers=who)).json()
    assert [page["items"][0]["measure"], rest["items"][0]["measure"], rest["next"]] == [
        "reviews",
        "mean",
        None,
    ]
    only = (await campaigns.client.get(f"{listed}?measure=mean&platform=google", headers=who)).json()
    assert [each["figure"] for each in only["items"]] == [4.6]
    for listing in (listed, f"{BASE}/posts?merchant={merchant}"):
        hostile = await campaigns.client.get(
            listing, params={"merchant": str(merchant), "platform": "g\0"}, headers=who
        )
        assert (hostile.status_code, hostile.json()["field"]) == (422, "platform")
    assert (await campaigns.client.delete(path, headers=who)).status_code == 204
    assert (await campaigns.client.get(path, headers=who)).status_code == 404
    assert len(await campaigns.recorded(SeenElsewhere)) == 4
    assert len(await campaigns.recorded(SeenElsewhereTakenBack)) == 1


async def test_each_speaks_for_themselves_and_officers_correct_all(campaigns: Campaigns) -> None:
    merchant, campaigns.now = await campaigns.a_merchant(), NOON
    advisor = campaigns.issuer.headers(uuid4(), Grant(Role.consultant))
    said = [
        await note(campaigns, merchant, who)
        for who in (owner(campaigns, merchant), advisor, campaigns.as_officer())
    ]
    assert [each.json()["source"] for each in said] == ["merchant", "consultant", "officer"]
    path = f"{BASE}/counts/{said[1].json()['id']}"
    by_owner = await campaigns.client.delete(path, headers=owner(campaigns, merchant))
    assert by_owner.status_code == 403
    assert (await campaigns.client.delete(path, headers=campaigns.as_officer())).status_code == 204


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("day", {"day": "2026-11-27"}),
        ("figure", {"figure": 2.5}),
        ("figure", {"figure": -1}),
        ("figure", {"measure": "mean", "figure": 5.1}),
        ("platform", {"platform": "nowhere"}),
        ("measure", {"platform": "instagram"}),
        ("measure", {"measure": "stars"}),
        ("profile_id", {"profile_id": str(uuid4())}),
    ],
)
async def test_what_cannot_be_is_refused_by_its_field(
    campaigns: Campaigns, field: str, said: dict[str, Any]
) -> None:
    merchant, campaigns.now = await campaigns.a_merchant(), NOON
    answer = await note(campaigns, merchant, owner(campaigns, merchant), **said)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_a_shop_that_goes_on_keeps_its_profiles_without_who_stated_them(campaigns: Campaigns) -> None:
    merchant, closed, person = await campaigns.a_merchant(), await campaigns.a_merchant(), uuid4()
    for each in (merchant, closed):
        await state(campaigns, each, GOOGLE, owner(campaigns, each, person))
        await note(campaigns, each, owner(campaigns, each, person))
    data = "/api/v1/people/me/data/campaigns"
    own = (await campaigns.client.get(data, headers=campaigns.as_person(person))).json()["data"]
    assert [len(own["profiles elsewhere"]), len(own["counts elsewhere noted"])] == [2, 2]
    for _ in range(2):
        await deliver(campaigns.service, erasure_of(person, closed=[closed]))
    nobody = (await campaigns.client.get(data, headers=campaigns.as_person(uuid4()))).json()["data"]
    assert nobody["profiles elsewhere"] == nobody["counts elsewhere noted"] == []
    assert len(await profiles(campaigns, merchant)) == 1
    assert await profiles(campaigns, closed) == []
    listed = await campaigns.client.get(f"{BASE}/merchants/{merchant}/counts", headers=campaigns.as_officer())
    assert len(listed.json()["items"]) == 1

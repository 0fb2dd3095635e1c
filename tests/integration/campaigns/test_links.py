"""Short links: made once, followed quickly, withdrawn by whose they are."""

from __future__ import annotations

import asyncio
import re
import statistics
import time
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import zxingcpp
from PIL import Image
from sqlalchemy import text

from chassis.identity import Grant, Role
from chassis.ids import new_id
from contracts.directory.v1 import MerchantClosed
from services.campaigns import remembered
from services.campaigns.links.destinations import destinations
from tests.support.campaigns import Campaigns
from tests.support.delivered import deliver
from tests.support.erasures import erasure_of

PUBLIC = "http://127.0.0.1:8080"


async def a_link(campaigns: Campaigns, person: UUID, **target: str) -> dict[str, Any]:
    answer = await campaigns.post("share-links", campaigns.as_person(person), target)
    assert answer.status_code in {200, 201}, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def follow(campaigns: Campaigns, code: str) -> httpx.Response:
    return await campaigns.client.get(f"/s/{code}")


async def test_a_person_has_one_link_to_each_shop_and_campaign(campaigns: Campaigns) -> None:
    shop, person = await campaigns.a_merchant(), uuid4()
    campaign = await campaigns.a_campaign("schedule", "start")
    asked = [
        campaigns.post("share-links", campaigns.as_person(person), {"merchant_id": str(shop)})
        for _ in range(8)
    ]
    answers = await asyncio.gather(*asked)
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["code"] for answer in answers}) == 1
    own = answers[0].json()
    other = await a_link(campaigns, uuid4(), merchant_id=str(shop))
    joining = await a_link(campaigns, person, campaign_id=campaign["id"])
    assert len({own["code"], other["code"], joining["code"]}) == 3
    assert own["address"] == f"{PUBLIC}/s/{own['code']}"

    listed = await campaigns.client.get("/api/v1/share-links", headers=campaigns.as_person(person))
    assert [each["code"] for each in listed.json()["items"]] == [joining["code"], own["code"]]
    # The shop's own code is nobody's: it is not shown to somebody who has done nothing yet.
    assert (await campaigns.client.get(f"/api/v1/share-links/merchants/{shop}")).status_code == 200
    of_nobody = await campaigns.client.get("/api/v1/share-links", headers=campaigns.as_person(uuid4()))
    assert of_nobody.json()["items"] == []
    assert (await follow(campaigns, joining["code"])).headers["location"].endswith(campaign["id"])


@pytest.mark.parametrize("body", [{}, {"merchant_id": str(uuid4()), "campaign_id": str(uuid4())}])
async def test_a_link_leads_to_one_thing(campaigns: Campaigns, body: dict[str, str]) -> None:
    answer = await campaigns.post("share-links", campaigns.as_person(uuid4()), body)
    assert (answer.status_code, answer.json()["field"]) == (422, "merchant_id")


async def test_only_what_can_be_visited_and_joined_is_linked_to(campaigns: Campaigns) -> None:
    closed, draft = await campaigns.a_merchant(closed=True), await campaigns.a_draft()
    over = await campaigns.a_campaign("schedule", "start", "end")
    for target, status in (
        ({"merchant_id": str(uuid4())}, 404),
        ({"merchant_id": str(closed)}, 409),
        ({"campaign_id": draft["id"]}, 404),
        ({"campaign_id": over["id"]}, 409),
    ):
        assert (
            await campaigns.post("share-links", campaigns.as_person(uuid4()), target)
        ).status_code == status
        (name, thing) = next(iter(target.items()))
        permanent = f"/api/v1/share-links/{name.removesuffix('_id')}s/{thing}"
        assert (await campaigns.client.get(permanent)).status_code == status


async def test_who_runs_a_shop_is_no_ambassador_of_it(campaigns: Campaigns) -> None:
    shop = await campaigns.a_merchant()
    for role in (Role.merchant, Role.merchant_staff):
        headers = campaigns.issuer.headers(uuid4(), Grant(role, campaigns.city, shop))
        refused = await campaigns.post("share-links", headers, {"merchant_id": str(shop)})
        assert refused.status_code == 403


async def test_a_shop_and_a_campaign_have_one_link_for_ever_whoever_asks(campaigns: Campaigns) -> None:
    shop, campaign = await campaigns.a_merchant(), await campaigns.a_campaign("schedule")
    for path, page in (
        (f"merchants/{shop}", f"/merchants/{shop}"),
        (f"campaigns/{campaign['id']}", f"/campaigns/{campaign['id']}"),
    ):
        asked = [campaigns.client.get(f"/api/v1/share-links/{path}") for _ in range(8)]
        codes = {answer.json()["code"] for answer in await asyncio.gather(*asked)}
        assert len(codes) == 1
        followed = await follow(campaigns, codes.pop().upper())
        assert (followed.status_code, followed.headers["location"]) == (302, PUBLIC + page)
        assert followed.headers["cache-control"] == "no-store"
        assert followed.headers["referrer-policy"] == "no-referrer"


async def test_a_withdrawn_link_leads_nowhere_and_is_withdrawn_by_its_owner_alone(
    campaigns: Campaigns,
) -> None:
    shop, person = await campaigns.a_merchant(), uuid4()
    link = await a_link(campaigns, person, merchant_id=str(shop))
    assert (await follow(campaigns, link["code"])).status_code == 302
    path = f"/api/v1/share-links/{link['code']}"
    for asked in ("GET", "DELETE"):
        others = await campaigns.client.request(asked, path, headers=campaigns.as_person(uuid4()))
        assert others.status_code == 404
    for _ in range(2):
        assert (await campaigns.client.delete(path, headers=campaigns.as_person(person))).status_code == 204
    gone = await follow(campaigns, link["code"])
    assert (gone.status_code, gone.headers["content-type"]) == (404, "application/problem+json")
    assert (await campaigns.client.get(path + "/qr.svg")).status_code == 404
    assert (await a_link(campaigns, person, merchant_id=str(shop)))["code"] != link["code"]


@pytest.mark.parametrize("code", ["23456789", "nothing", "%2F%2Fevil.example", "23456789%0d%0aX: 1", "é"])
async def test_an_unknown_code_is_a_404_and_leads_nowhere(campaigns: Campaigns, code: str) -> None:
    answer = await follow(campaigns, code)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert "location" not in answer.headers


async def test_the_qr_code_says_the_address(campaigns: Campaigns) -> None:
    shop = await campaigns.a_merchant()
    link = (await campaigns.client.get(f"/api/v1/share-links/merchants/{shop}")).json()
    svg = await campaigns.client.get(link["qr"])
    assert svg.headers["content-type"] == "image/svg+xml"
    assert read(svg.text) == link["address"]


async def test_codes_of_a_closed_shop_lead_to_its_town(
    campaigns: Campaigns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered, "FRESH_SECONDS", 0)
    shop = await campaigns.a_merchant()
    link = (await campaigns.client.get(f"/api/v1/share-links/merchants/{shop}")).json()
    assert (await follow(campaigns, link["code"])).headers["location"] == f"{PUBLIC}/merchants/{shop}"
    await campaigns.learn(MerchantClosed(city_id=campaigns.city, merchant_id=shop, version=2))
    assert (await follow(campaigns, link["code"])).headers["location"] == f"{PUBLIC}/towns/85046"


async def test_an_erased_ambassadors_links_lead_nowhere_and_were_shown_to_them(campaigns: Campaigns) -> None:
    shop, person = await campaigns.a_merchant(), uuid4()
    link = await a_link(campaigns, person, merchant_id=str(shop))
    data = await campaigns.client.get("/api/v1/people/me/data/campaigns", headers=campaigns.as_person(person))
    assert [each["code"] for each in data.json()["data"]["share links"]] == [link["code"]]
    await deliver(campaigns.service, erasure_of(person))
    assert (await follow(campaigns, link["code"])).status_code == 404


async def test_a_known_link_is_followed_while_the_database_is_away(campaigns: Campaigns) -> None:
    shop = await campaigns.a_merchant()
    link = (await campaigns.client.get(f"/api/v1/share-links/merchants/{shop}")).json()
    seconds = [0.0]
    known = destinations(campaigns.database, PUBLIC, lambda: seconds[0])
    found = await known.get(link["code"])
    assert found is not None
    async with campaigns.database.transaction() as tx:  # whoever reads links waits for ever
        await tx.execute(text("LOCK TABLE share_link IN ACCESS EXCLUSIVE MODE"))
        for _ in range(3):
            seconds[0] += 60
            assert await known.get(link["code"]) == found
    withdrawn = text("UPDATE share_link SET withdrawn_at = now()")
    async with campaigns.database.transaction() as tx:
        await tx.execute(withdrawn)
    assert await known.get(link["code"]) == found  # it was looked at just now
    seconds[0] += 60
    assert await known.get(link["code"]) is None


async def test_links_that_nobody_follows_are_forgotten_first(
    campaigns: Campaigns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered, "MOST", 2)
    known = destinations(campaigns.database, PUBLIC)
    codes = []
    for _ in range(3):
        shop = await campaigns.a_merchant()
        codes.append((await campaigns.client.get(f"/api/v1/share-links/merchants/{shop}")).json()["code"])
        await known.get(codes[-1])
        await known.get(codes[0])
    assert list(known._known) == [codes[2], codes[0]]
    for _ in range(5):
        await known.get(new_id().hex[:8])
    assert list(known._known) == [codes[2], codes[0]]


async def test_a_redirect_takes_less_than_5_ms_at_the_median(campaigns: Campaigns) -> None:
    shop = await campaigns.a_merchant()
    code = (await campaigns.client.get(f"/api/v1/share-links/merchants/{shop}")).json()["code"]
    taken = []
    for _ in range(200):
        began = time.perf_counter()
        await follow(campaigns, code)
        taken.append(time.perf_counter() - began)
    assert statistics.median(taken) < 0.005, f"{statistics.median(taken) * 1000:.1f} ms"


def read(svg: str) -> str:
    """What a camera reads in the picture, which is one path of strokes along the dark squares."""
    side, scale = 60, 4
    picture = Image.new("L", (side * scale, side * scale), 255)
    x = y = 0.0
    for step, numbers in re.findall(r"([Mmh])([-\d. ]+)", re.findall(r' d="([^"]+)"', svg)[-1]):
        moved = [float(number) for number in re.findall(r"-?[\d.]+", numbers)]
        if step == "h":
            dark = (
                int(x * scale),
                int((y - 0.5) * scale),
                int((x + moved[0]) * scale),
                int((y + 0.5) * scale),
            )
            picture.paste(0, dark)
            x += moved[0]
        else:
            x, y = (moved[0], moved[1]) if step == "M" else (x + moved[0], y + moved[1])
    (code,) = zxingcpp.read_barcodes(picture)
    return str(code.text)

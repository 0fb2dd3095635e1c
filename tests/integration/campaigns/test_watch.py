"""Open sources a city watches: what is found is recorded, what is deleted there goes, trouble is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from aiohttp import web
from sqlalchemy import insert, update

from chassis.fetching import Outside
from chassis.identity import Grant, Role
from chassis.ids import new_id
from contracts.campaigns.v1 import SeenElsewhere, SeenElsewhereTakenBack
from contracts.directory.v1 import MerchantClosed
from services.campaigns.profiles.tables import merchant_profile
from services.campaigns.watch.clock import Watch
from services.campaigns.watch.tables import watched_item, watched_source
from tests.support.campaigns import Campaigns
from tests.support.open_sources import RSS, review, status
from tests.support.watching import look, nothing, posts, says, state_of, watched
from tests.support.web import Site, outside, site


@pytest.fixture
async def other() -> AsyncIterator[Site]:
    async with site(nothing) as running:
        yield running


async def test_reviews_of_the_area_are_of_the_shop_at_their_point_or_of_the_town(
    campaigns: Campaigns, other: Site
) -> None:
    shop = await campaigns.a_merchant()
    says(other, {"reviews": [review("near", "geo:49.72003,5.65?q=Pain"), review("far", "geo:49.73,5.65")]})
    source = await watched(campaigns, "mangrove", "")
    assert await look(campaigns, other)
    asked = other.asked[-1].query
    assert (float(asked["xmin"]), float(asked["ymax"])) == pytest.approx((5.649, 49.721))
    far, near = await posts(campaigns)
    assert (near["merchant_id"], far["merchant_id"]) == (shop, None)
    assert (near["platform"], near["source"], near["via"]) == ("mangrove", "open-source", "mangrove.reviews")
    assert near["excerpt"] == "Très bon pain"
    assert len(await campaigns.recorded(SeenElsewhere)) == 2
    await look(campaigns, other)
    assert len(await campaigns.recorded(SeenElsewhere)) == 2  # seen again, and told once
    assert (await state_of(campaigns, source))["shown"] == 2


async def test_what_is_deleted_there_is_shown_no_more_but_not_what_fell_off_the_page(
    campaigns: Campaigns, other: Site
) -> None:
    await watched(campaigns, "fediverse", other.url, "habay")
    says(other, [status(1), status(2), status(3)])
    await look(campaigns, other)
    assert other.asked[-1].path_qs == "/api/v1/timelines/tag/habay?limit=40"
    says(other, [status(0), status(2)])  # 1 was deleted; 3 is older than what the page shows now
    await look(campaigns, other)
    assert [(each["url"][-1], each["shown"]) for each in await posts(campaigns)] == [
        ("0", True), ("1", False), ("2", True), ("3", True),
    ]  # fmt: skip
    assert len(await campaigns.recorded(SeenElsewhereTakenBack)) == 1


async def test_what_left_the_page_long_ago_is_asked_for_at_its_own_address(
    campaigns: Campaigns, other: Site
) -> None:
    source = await watched(campaigns, "fediverse", other.url, "habay")
    says(other, [status(1)])
    await look(campaigns, other)
    async with campaigns.database.transaction() as tx:  # its address leads to the site of this test
        long_ago = campaigns.time() - timedelta(days=2)
        await tx.execute(
            update(watched_item).values(url=f"{other.url}/old", checked_at=long_ago, posted_at=None)
        )

    async def answer(request: web.Request) -> web.Response:
        if request.path == "/old":
            return web.Response(status=410)
        return web.json_response([]) if request.path.startswith("/api") else web.Response(status=404)

    other.handler = answer
    await look(campaigns, other, pages=Outside("of the internet alone", ports=None))
    assert "/old" not in [each.path for each in other.asked]  # what a source leads to is not in own networks
    async with campaigns.database.transaction() as tx:
        await tx.execute(update(watched_item).values(checked_at=long_ago))
    await look(campaigns, other)
    assert [each["shown"] for each in await posts(campaigns)] == [False]
    assert (await state_of(campaigns, source))["shown"] == 0


async def test_a_post_that_links_to_a_shop_is_about_it_in_its_city_alone(
    campaigns: Campaigns, other: Site
) -> None:
    shop = await campaigns.a_merchant()
    async with campaigns.database.transaction() as tx:
        said = {"stated_by": "officer", "checked_by": "officer", "platform": "instagram"}
        own = {"id": new_id(), "city_id": campaigns.city, "merchant_id": shop}
        at = {"stated_at": campaigns.time(), "checked_at": campaigns.time()}
        url = {"url": "https://www.instagram.com/boulangerie"}
        await tx.execute(insert(merchant_profile).values(own | said | at | url))
    code = (await campaigns.client.get(f"/api/v1/share-links/merchants/{shop}")).json()["address"]
    page = f"{campaigns.settings.public_url}/merchants/{shop}"
    says(
        other,
        [
            status(1, content=f'<a href="{page}">x</a>'),
            status(2, content=f'<a href="{code}">x</a>'),
            status(4, content='<a href="https://www.instagram.com/boulangerie/?hl=fr">x</a>'),
            status(3, content=f'<a href="{campaigns.settings.public_url}/merchants/{uuid4()}">x</a>'),
        ],
    )
    await watched(campaigns, "fediverse", other.url, "habay")
    await look(campaigns, other)
    assert [each["merchant_id"] for each in await posts(campaigns)] == [shop, shop, None, shop]


async def test_nothing_is_kept_about_a_shop_that_is_not_listed_any_more(
    campaigns: Campaigns, other: Site
) -> None:
    shop = await campaigns.a_merchant()
    await campaigns.learn(MerchantClosed(city_id=campaigns.city, merchant_id=shop, version=2))
    says(other, {"reviews": [review("near", "geo:49.72003,5.65")]})
    await watched(campaigns, "mangrove", "")
    await look(campaigns, other)
    assert await posts(campaigns) == []


async def test_a_feed_is_read_once_for_each_change_and_its_robots_txt_is_respected(
    campaigns: Campaigns, other: Site
) -> None:
    feed = f"{other.url}/flux"
    source = await watched(campaigns, "feed", feed)
    robots = {"rules": "User-agent: *\nDisallow: /"}

    async def answer(request: web.Request) -> web.Response:
        if request.path == "/robots.txt":
            return web.Response(text=robots["rules"])
        if request.headers.get("If-None-Match") == '"1"':
            return web.Response(status=304)
        return web.Response(body=RSS, content_type="application/rss+xml", headers={"ETag": '"1"'})

    other.handler = answer
    await look(campaigns, other)
    assert "robots.txt" in (await state_of(campaigns, source))["trouble"]
    assert [each.path for each in other.asked] == ["/robots.txt"]
    robots["rules"] = "User-agent: *\nDisallow: /private"
    for _ in range(2):
        await look(campaigns, other)
    assert [each["url"] for each in await posts(campaigns)] == ["https://gazette.be/pain"]
    assert other.asked[-1].headers["If-None-Match"] == '"1"'
    assert (await state_of(campaigns, source))["trouble"] is None


async def test_trouble_is_told_to_the_officer_and_the_server_is_left_alone_for_as_long_as_it_asks(
    campaigns: Campaigns, other: Site
) -> None:
    campaigns.now = datetime(2026, 11, 20, 8, tzinfo=UTC)
    source = await watched(campaigns, "fediverse", other.url, "habay")
    for status_code, text in (
        (401, "members"),
        (404, "nothing at this"),
        (500, "error"),
        (429, "come back later"),
    ):
        says(other, {}, status=status_code, headers={"Retry-After": "90000"})
        await look(campaigns, other)
        shown = await state_of(campaigns, source)
        assert text in shown["trouble"]
    assert datetime.fromisoformat(shown["next_look_at"]) >= campaigns.now + timedelta(seconds=90_000)
    says(other, [])
    await look(campaigns, other)
    assert (await state_of(campaigns, source))["trouble"] is None


async def test_two_workers_at_once_look_at_a_source_once(campaigns: Campaigns, other: Site) -> None:
    await watched(campaigns, "fediverse", other.url, "habay")
    says(other, [status(1)])
    async with outside() as fetcher:
        two = [
            Watch(
                campaigns.database,
                fetcher,
                campaigns.time,
                pages=fetcher,
                public_url="https://cococity.example",
                mangrove_api="",
            )
            for _ in range(2)
        ]
        looked = await asyncio.gather(*(each.look_once(campaigns.time()) for each in two))
    assert sorted(looked) == [False, True]
    assert len(other.asked) == 1


async def test_a_source_that_is_removed_takes_along_what_no_other_shows(
    campaigns: Campaigns, other: Site
) -> None:
    first = await watched(campaigns, "fediverse", other.url, "habay")
    says(other, [status(1), status(2)])
    await look(campaigns, other)
    second = await watched(campaigns, "fediverse", other.url, "pain")
    says(other, [status(2)])
    async with campaigns.database.transaction() as tx:
        await tx.execute(update(watched_source).values(due_at=campaigns.time() + timedelta(days=1)))
        await tx.execute(
            update(watched_source).where(watched_source.c.id == second).values(due_at=campaigns.time())
        )
    async with outside() as fetcher:
        watch = Watch(
            campaigns.database,
            fetcher,
            campaigns.time,
            pages=fetcher,
            public_url="https://c.be",
            mangrove_api="",
        )
        assert await watch.look_once(campaigns.time())
    path = f"/api/v1/watched-sources/{first}"
    assert (await campaigns.client.delete(path, headers=campaigns.as_officer())).status_code == 204
    assert (await campaigns.client.delete(path, headers=campaigns.as_officer())).status_code == 404
    assert [each["shown"] for each in await posts(campaigns)] == [False, True]


async def test_officers_choose_what_is_watched_and_bad_choices_name_their_field(campaigns: Campaigns) -> None:
    body = {
        "city_id": str(campaigns.city),
        "kind": "fediverse",
        "address": "https://mastodon.social/x",
        "tag": "#Habay",
    }
    made = await campaigns.post("watched-sources", campaigns.as_officer(), body)
    assert made.status_code == 201, made.text
    assert made.json()["via"] == "#habay on mastodon.social"
    assert made.json()["looked_at"] is None
    again = await campaigns.post("watched-sources", campaigns.as_officer(), body)
    assert (again.status_code, again.json()["type"].rpartition(":")[2]) == (409, "already-watched")
    for changed, field in (
        ({"tag": "two words"}, "tag"),
        ({"tag": None}, "tag"),
        ({"address": "http://127.0.0.1/"}, "address"),
        ({"address": "http://169.254.169.254/"}, "address"),
        ({"address": "ftp://mastodon.social"}, "address"),
        ({"address": "https://a@mastodon.social"}, "address"),
        ({"kind": "feed", "address": "https://a.be/" + "д" * 400, "tag": None}, "address"),
        ({"address": None}, "address"),
        ({"kind": "mangrove"}, "address"),
        ({"kind": "mangrove", "address": None}, "tag"),
        ({"kind": "scraper"}, "kind"),
    ):
        refused = await campaigns.post("watched-sources", campaigns.as_officer(), body | changed)
        assert refused.status_code == 422, refused.text
        assert field in refused.text
    listed = await campaigns.client.get(
        "/api/v1/watched-sources", params={"city": str(campaigns.city)}, headers=campaigns.as_officer()
    )
    assert [each["id"] for each in listed.json()["items"]] == [made.json()["id"]]
    elsewhere = campaigns.issuer.headers(uuid4(), Grant(Role.city_officer, city_id=new_id()))
    path = f"/api/v1/watched-sources/{made.json()['id']}"
    assert (await campaigns.client.get(path, headers=elsewhere)).status_code == 403
    assert (await campaigns.client.delete(path, headers=elsewhere)).status_code == 403

"""Pages that say that they mention a shop: fetched safely, looked into, and gone when they are."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import httpx
import pytest
from aiohttp import web
from sqlalchemy import select, update

from chassis.fetching import Outside
from chassis.problems import invalid
from chassis.service import create_app
from contracts.campaigns.v1 import SeenElsewhere, SeenElsewhereTakenBack
from services.campaigns.elsewhere.tables import seen_post
from services.campaigns.main import build
from services.campaigns.webmentions import api, clock
from services.campaigns.webmentions.clock import Webmentions
from services.campaigns.webmentions.tables import webmention
from tests.support.campaigns import Campaigns
from tests.support.web import Site, outside, site

PATH = "/api/v1/elsewhere/webmentions"
BLOG = "https://blog.be/post"
_PUBLIC = re.compile(r"https://(blog\.be|www\.facebook\.com)")


@pytest.fixture
async def blog() -> AsyncIterator[Site]:
    async with site(_nothing) as running:
        yield running


async def _nothing(_request: web.Request) -> web.Response:
    return web.Response(status=404)


def page_of(campaigns: Campaigns, shop: UUID) -> str:
    return f"{campaigns.settings.public_url}/merchants/{shop}"


async def send(campaigns: Campaigns, source: str, target: str) -> int:
    return (await campaigns.client.post(PATH, data={"source": source, "target": target})).status_code


async def look(campaigns: Campaigns, blog: Site) -> None:
    """With the page where the test has it; the public address stays what was sent."""
    async with outside() as fetcher:
        public_url = campaigns.settings.public_url
        worker = Webmentions(
            campaigns.database, cast(Outside, _At(fetcher, blog)), campaigns.time, public_url
        )
        async with campaigns.database.transaction() as tx:
            await tx.execute(update(webmention).values(due_at=campaigns.time()))
        assert await worker.look_once(campaigns.time())


class _At:
    """Fetches from the site of the test what is asked for at a public address."""

    def __init__(self, fetcher: Any, blog: Site) -> None:
        self._fetcher, self._blog = fetcher, blog

    async def get(self, url: str, **options: Any) -> Any:
        return await self._fetcher.get(_PUBLIC.sub(self._blog.url, url), **options)


def says(blog: Site, text: str, status: int = 200, content_type: str = "text/html") -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text=text, status=status, content_type=content_type)

    blog.handler = answer


async def known(campaigns: Campaigns) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    async with campaigns.database.connection() as connection:
        row = (await connection.execute(select(webmention))).mappings().one()
        posts = (await connection.execute(select(seen_post))).mappings().all()
    return dict(row), [dict(post) for post in posts]


async def test_a_page_that_links_to_a_shop_is_seen_once_and_goes_when_it_is_gone(
    campaigns: Campaigns, blog: Site
) -> None:
    shop = await campaigns.a_merchant()
    target = page_of(campaigns, shop)
    says(blog, f'<p>Chez <a href="{target}">eux</a></p>')
    for _ in range(2):
        assert await send(campaigns, BLOG, target) == 202
        await look(campaigns, blog)
    row, (post,) = await known(campaigns)
    assert (row["state"], post["merchant_id"], post["url"], post["excerpt"]) == ("shown", shop, BLOG, "")
    assert row["due_at"] > campaigns.time() + timedelta(days=6)
    assert len(await campaigns.recorded(SeenElsewhere)) == 1
    says(blog, "", status=410)
    assert await send(campaigns, BLOG, target) == 202
    await look(campaigns, blog)
    row, (post,) = await known(campaigns)
    assert (row["state"], row["reason"], post["shown"]) == ("gone", "the page is gone", False)
    assert len(await campaigns.recorded(SeenElsewhereTakenBack)) == 1


async def test_a_page_that_links_no_more_is_shown_no_more(campaigns: Campaigns, blog: Site) -> None:
    target = page_of(campaigns, await campaigns.a_merchant())
    says(blog, f'<img src="{target}">')
    await send(campaigns, BLOG, target)
    await look(campaigns, blog)
    says(blog, f"<!-- {target} --><p>{target}</p>")  # no link
    await look(campaigns, blog)
    row, (post,) = await known(campaigns)
    assert (row["state"], post["shown"]) == ("gone", False)


@pytest.mark.parametrize(
    ("text", "status", "content_type"),
    [
        ("<p>nothing</p>", 200, "text/html"),
        ('<a href="http://evil.be/?{target}">x</a>', 200, "text/html"),
        ("{target}", 200, "image/png"),
        ("", 403, "text/html"),
        ("nothing", 200, "text/plain"),
    ],
)
async def test_a_page_that_does_not_link_to_the_shop_is_refused(
    campaigns: Campaigns, blog: Site, text: str, status: int, content_type: str
) -> None:
    target = page_of(campaigns, await campaigns.a_merchant())
    says(blog, text.replace("{target}", target), status, content_type)
    await send(campaigns, BLOG, target)
    await look(campaigns, blog)
    row, posts = await known(campaigns)
    assert (row["state"], row["due_at"], posts) == ("refused", None, [])
    listed = await campaigns.client.get(
        PATH, params={"city": str(campaigns.city)}, headers=campaigns.as_officer()
    )
    assert listed.json()["items"][0]["reason"] == row["reason"]


async def test_a_server_in_trouble_is_asked_again_and_given_up_at_last(
    campaigns: Campaigns, blog: Site
) -> None:
    target = page_of(campaigns, await campaigns.a_merchant())
    says(blog, "", status=503)
    await send(campaigns, BLOG, target)
    states = []
    for _ in range(2):
        await look(campaigns, blog)
        states.append((await known(campaigns))[0]["state"])
    says(blog, f'<a href="{target}">x</a>')
    await look(campaigns, blog)
    says(blog, "", status=503)
    for _ in range(5):  # a page that was shown may be back
        await look(campaigns, blog)
        states.append((await known(campaigns))[0]["state"])
    assert states == ["waiting", "refused"] + ["shown"] * 4 + ["gone"]


async def test_what_somebody_handed_in_stays_when_the_page_is_gone_and_the_other_way_round(
    campaigns: Campaigns, blog: Site
) -> None:
    shop, person, url = await campaigns.a_merchant(), uuid4(), "https://www.facebook.com/ada/posts/12"
    target = page_of(campaigns, shop)
    body = {"merchant_id": str(shop), "url": url, "kind": "post"}

    async def hand_in() -> str:
        answer = await campaigns.post("elsewhere/posts", campaigns.as_person(person), body, str(uuid4()))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def is_shown() -> bool:
        return bool((await known(campaigns))[1][0]["shown"])

    post = await hand_in()
    says(blog, f'<a href="{target}">x</a>')
    await send(campaigns, url, target)
    await look(campaigns, blog)
    own = f"/api/v1/elsewhere/posts/mine/{post}"
    await campaigns.client.delete(own, headers=campaigns.as_person(person))
    assert await is_shown()  # the page mentions the shop
    await hand_in()
    says(blog, "", status=410)
    await look(campaigns, blog)
    assert await is_shown()  # somebody handed it in
    await campaigns.client.delete(own, headers=campaigns.as_person(person))
    assert not await is_shown()


async def test_what_nobody_foresaw_puts_a_page_off(
    campaigns: Campaigns, blog: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: Any, **__: Any) -> None:
        raise invalid("url", "is odd")

    target = page_of(campaigns, await campaigns.a_merchant())
    says(blog, f'<a href="{target}">x</a>')
    await send(campaigns, BLOG, target)
    monkeypatch.setattr(clock, "record_post", breaks)
    await look(campaigns, blog)
    row, _ = await known(campaigns)
    assert (row["failures"], row["reason"]) == (1, "it holds something that cannot be kept")


async def test_what_cannot_be_a_webmention_is_400_and_names_its_field(campaigns: Campaigns) -> None:
    target = page_of(campaigns, await campaigns.a_merchant())
    closed = page_of(campaigns, await campaigns.a_merchant(closed=True))
    for source, to, field in (
        ("ftp://blog.be/", target, "source"),
        ("http://127.0.0.1/", target, "source"),
        ("http://2130706433/", target, "source"),
        ("https://a:b@blog.be/", target, "source"),
        (target, target, "source"),
        (page_of(campaigns, uuid4()), target, "source"),
        (BLOG, page_of(campaigns, uuid4()), "target"),
        (BLOG, closed, "target"),
        (BLOG, "https://elsewhere.be/", "target"),
        (BLOG, target + "\x00", "target"),
        (BLOG, "x" * 1_001, "target"),
        (BLOG, f"{target}?{'д' * 900}", "target"),
        (f"{BLOG}/{'д' * 400}", target, "source"),
    ):
        answer = await campaigns.client.post(PATH, data={"source": source, "target": to})
        assert (answer.status_code, answer.json()["detail"].split()[0]) == (400, field), (source, to)
    assert await send(campaigns, BLOG, target) == 202, "nothing was wrong with either, nor with another shop"
    for body in (b"", b"\xff", b"source", b"source=a&source=b&target=c"):
        assert (await campaigns.client.post(PATH, content=body)).status_code == 400
    assert (await campaigns.client.post(PATH, content=b"source=" + b"x" * 10_000)).status_code == 413


async def test_one_network_sends_so_many_an_hour(campaigns: Campaigns) -> None:
    target = page_of(campaigns, await campaigns.a_merchant())
    sent = [await send(campaigns, f"https://blog{n}.be/", target) for n in range(61)]
    assert (sent[59], sent[60]) == (202, 429)


async def test_a_host_and_a_shop_are_named_so_often_an_hour(
    campaigns: Campaigns, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = page_of(campaigns, await campaigns.a_merchant())
    sent = [await send(campaigns, f"https://blog.be/{n}", target) for n in range(21)]
    assert sent == [202] * 20 + [429]
    monkeypatch.setattr(api, "_OF_SHOP", replace(api._OF_SHOP, most=20))
    assert await send(campaigns, "https://other.be/", target) == 429


async def test_own_networks_are_for_what_officers_chose(campaigns: Campaigns) -> None:
    target = page_of(campaigns, await campaigns.a_merchant())
    own = build(campaigns.settings.model_copy(update={"outside_networks": "10.20.0.0/16"}))
    transport = httpx.ASGITransport(create_app(own))
    async with httpx.AsyncClient(transport=transport, base_url="http://campaigns") as client:
        answer = await client.post(PATH, data={"source": "http://10.20.0.1/", "target": target})
    await own.database.close()
    assert answer.status_code == 400, answer.text

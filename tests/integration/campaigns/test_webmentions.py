"""Pages that say that they mention a shop: fetched safely, looked into, and gone when they are."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from aiohttp import web
from sqlalchemy import select, update

from chassis.fetching import Outside
from chassis.problems import invalid
from contracts.campaigns.v1 import SeenElsewhere, SeenElsewhereTakenBack
from services.campaigns.elsewhere.tables import seen_post
from services.campaigns.webmentions import clock
from services.campaigns.webmentions.clock import Webmentions
from services.campaigns.webmentions.tables import webmention
from tests.support.campaigns import Campaigns
from tests.support.web import Site, outside, site

PATH = "/api/v1/elsewhere/webmentions"
BLOG = "https://blog.be/post"


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
        return await self._fetcher.get(url.replace("https://blog.be", self._blog.url), **options)


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
    for _ in range(5):
        await look(campaigns, blog)
        states.append((await known(campaigns))[0]["state"])
    assert states == ["waiting"] * 4 + ["refused"]


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
    sent = [await send(campaigns, f"https://blog.be/{n}", target) for n in range(61)]
    assert (sent[59], sent[60]) == (202, 429)

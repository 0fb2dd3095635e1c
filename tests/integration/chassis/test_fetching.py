"""What comes back from the world outside, from sites of the test's own."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from chassis.fetching import AddressRefused, AnswerRefused, Limits, Outside, Unreachable
from tests.support.web import Site, certificate, judge, outside, resolve, site


@pytest.fixture
async def others() -> AsyncIterator[Site]:
    async with site(_answer) as running:
        yield running


@pytest.fixture
async def fetcher() -> AsyncIterator[Outside]:
    async with outside() as running:
        yield running


async def _answer(request: web.Request) -> web.StreamResponse:
    match request.path.strip("/"):
        case "page":
            return web.Response(text="a page", content_type="text/html", headers={"Set-Cookie": "a=b"})
        case "moved":
            raise web.HTTPMovedPermanently("/page")
        case "elsewhere":
            raise web.HTTPFound(f"http://elsewhere.example:{request.url.port}/page")
        case "for-ever":
            raise web.HTTPFound("/for-ever")
        case "large":
            return web.Response(body=b"x" * 20_000)
        case "bomb":
            packed = gzip.compress(b"\0" * 50_000_000)
            return web.Response(body=packed, headers={"Content-Encoding": "gzip"})
        case "packed":
            return web.Response(body=gzip.compress(b"a page"), headers={"Content-Encoding": "gzip"})
        case "broken-packing":
            return web.Response(body=b"not gzip", headers={"Content-Encoding": "gzip"})
        case "other-packing":
            return web.Response(body=b"x", headers={"Content-Encoding": "zstd"})
        case "slow":
            await asyncio.sleep(5)
        case "dripping":
            return await _drip(request)
        case "gone":
            return web.Response(status=410, text="gone", content_type="text/plain")
    return web.Response(status=404)


async def _drip(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(100):
        await response.write(b"x")
        await asyncio.sleep(0.05)
    return response


async def test_a_page_comes_with_where_it_came_from(others: Site, fetcher: Outside) -> None:
    found = await fetcher.get(f"{others.url}/moved", accept=("text/html",))
    assert (found.url, found.status, found.media_type, found.body) == (
        f"{others.url}/page", 200, "text/html", b"a page",
    )  # fmt: skip
    assert (await fetcher.get(f"{others.url}/packed")).body == b"a page"


async def test_nothing_of_ours_goes_along_but_who_asks(others: Site, fetcher: Outside) -> None:
    await fetcher.get(f"{others.url}/page")
    await fetcher.get(f"{others.url}/page")
    asked = others.asked[1].headers
    assert asked["User-Agent"] == "CoCoCity tests"
    assert {"Cookie", "Authorization", "Referer"}.isdisjoint(asked)


async def test_a_key_stays_with_its_host_where_another_is_redirected_to(
    others: Site, fetcher: Outside
) -> None:
    key = {"Authorization": "Bearer secret", "If-None-Match": '"1"'}
    await fetcher.get(f"{others.url}/moved", headers=key)
    assert others.asked[-1].headers["Authorization"] == "Bearer secret"
    await fetcher.get(f"{others.url}/elsewhere", headers=key)
    assert "Authorization" not in others.asked[-1].headers
    assert others.asked[-1].headers["If-None-Match"] == '"1"'


@pytest.mark.parametrize("path", ["large", "bomb", "broken-packing", "other-packing"])
async def test_what_is_too_large_or_unreadable_is_not_read(others: Site, fetcher: Outside, path: str) -> None:
    with pytest.raises(AnswerRefused):
        await fetcher.get(f"{others.url}/{path}", limits=Limits(size=10_000))


async def test_another_kind_than_asked_for_is_refused_but_not_its_absence(
    others: Site, fetcher: Outside
) -> None:
    with pytest.raises(AnswerRefused, match="text/html"):
        await fetcher.get(f"{others.url}/page", accept=("application/json",))
    assert (await fetcher.get(f"{others.url}/gone", accept=("application/json",))).status == 410


@pytest.mark.parametrize("path", ["slow", "dripping"])
async def test_one_limit_of_time_holds_for_all_of_it(others: Site, fetcher: Outside, path: str) -> None:
    with pytest.raises(Unreachable, match=r"longer than 0\.2 seconds"):
        await fetcher.get(f"{others.url}/{path}", limits=Limits(seconds=0.2))


async def test_redirects_end(others: Site, fetcher: Outside) -> None:
    with pytest.raises(AddressRefused, match="redirects too often"):
        await fetcher.get(f"{others.url}/for-ever")
    assert len(others.asked) == Limits().redirects + 1


async def test_what_is_sent_is_for_one_receiver(others: Site, fetcher: Outside) -> None:
    answer = await fetcher.send("POST", f"{others.url}/moved", content=b"{}", headers={"X-Signed": "1"})
    assert (answer.status, len(others.asked)) == (301, 1)
    assert others.asked[0].headers["X-Signed"] == "1"


async def test_nobody_there_is_unreachable(fetcher: Outside) -> None:
    with pytest.raises(Unreachable):
        await fetcher.get("http://127.0.0.2:9/")


async def test_other_ports_than_those_of_the_web_are_refused() -> None:
    fetcher = Outside("tests", judge=judge, resolve=resolve)
    with pytest.raises(AddressRefused, match="port"):
        await fetcher.get("http://shop.example:6379/")
    await fetcher.close()


async def test_tls_proves_the_name_and_not_the_address(tmp_path: Path) -> None:
    serving, trusted = certificate("shop.example", tmp_path)
    fetcher = Outside("tests", judge=judge, ports=None, resolve=resolve, trusted=trusted)
    async with site(_answer, tls=serving) as running:
        assert (await fetcher.get(f"https://shop.example:{running.port}/page")).body == b"a page"
        with pytest.raises(Unreachable):
            await fetcher.get(f"https://other.example:{running.port}/page")
    await fetcher.close()

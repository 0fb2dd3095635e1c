"""Sources that hold odd things: what can be kept is, the rest is told, and none stops another."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import web

from services.campaigns.watch import clock
from tests.support.campaigns import Campaigns
from tests.support.open_sources import RSS, review, status
from tests.support.watching import look, nothing, posts, says, state_of, watched
from tests.support.web import Site, site


@pytest.fixture
async def other() -> AsyncIterator[Site]:
    async with site(nothing) as running:
        yield running


async def test_odd_things_at_a_source_do_not_stop_it(campaigns: Campaigns, other: Site) -> None:
    await campaigns.a_merchant()
    odd = [
        status(n, created_at=at)
        for n, at in enumerate(("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"))
    ]
    says(other, [*odd, status(3)])
    await watched(campaigns, "fediverse", other.url, "habay")
    await look(campaigns, other)
    says(other, {"reviews": [review("nul", "geo:49.73,5.65", opinion="Bon\x00 pain")]})
    await watched(campaigns, "mangrove", "")
    await look(campaigns, other, "mangrove")
    found = await posts(campaigns)
    assert [each["excerpt"] for each in found] == ["Bon pain", "", "", ""]


async def test_a_validator_that_cannot_be_sent_back_is_not_kept(campaigns: Campaigns, other: Site) -> None:
    source = await watched(campaigns, "feed", f"{other.url}/flux")

    async def answer(request: web.Request) -> web.Response:
        if request.path == "/robots.txt":
            return web.Response(status=404)
        return web.Response(body=RSS, content_type="application/rss+xml", headers={"ETag": '"é"'})

    other.handler = answer
    for _ in range(2):
        await look(campaigns, other)
    assert (await state_of(campaigns, source))["trouble"] is None


async def test_what_somebody_handed_in_too_stays_when_its_source_drops_it(
    campaigns: Campaigns, other: Site
) -> None:
    shop, url = await campaigns.a_merchant(), "https://www.facebook.com/ada/posts/12"
    page = f"{campaigns.settings.public_url}/merchants/{shop}"
    await watched(campaigns, "fediverse", other.url, "habay")
    says(other, [status(1, url=url, content=f'<a href="{page}">x</a>')])
    await look(campaigns, other)
    body = {"merchant_id": str(shop), "url": url, "kind": "post"}
    handed_in = await campaigns.post("elsewhere/posts", campaigns.as_person(uuid4()), body)
    assert handed_in.status_code == 201, handed_in.text
    says(other, [status(2)])
    await look(campaigns, other)
    assert [(each["url"], each["shown"]) for each in await posts(campaigns)][1:] == [(url, True)]


async def test_what_nobody_foresaw_is_told_as_trouble_and_stops_no_other_source(
    campaigns: Campaigns, other: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = await watched(campaigns, "fediverse", other.url, "habay")
    says(other, [status(1)])
    monkeypatch.setattr(clock, "keep", _breaks)
    await look(campaigns, other)
    shown = await state_of(campaigns, source)
    assert "cannot be kept" in shown["trouble"]
    assert datetime.fromisoformat(shown["next_look_at"]) > campaigns.time() + timedelta(hours=1)


async def _breaks(*_: Any) -> int:
    raise ValueError("an odd thing")

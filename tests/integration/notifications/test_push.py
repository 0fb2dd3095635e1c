"""Web push: to browsers that asked for it, readable there alone, once each; to nobody's inner network."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from pydantic import SecretStr

from chassis.fetching import Outside
from contracts.directory.v1 import MerchantClaimed
from services.notifications.channels import push as push_channel
from services.notifications.delivery import domain
from services.notifications.devices import arrivals
from tests.support.notifications import AT_ONCE, Notifications
from tests.support.push_service import NAME, Browser, PushService, a_push_key
from tests.support.web import certificate, judge, resolve, site

pytestmark = pytest.mark.slow


@dataclass
class Town:
    """The service, and a maker of browsers."""

    notifications: Notifications
    push: PushService
    port: int

    def browser(self, *answers: int) -> Browser:
        """One whose push service answers so before it takes something."""
        browser = Browser(self.port)
        self.push.answers[browser.path].extend(answers)
        return browser

    async def add(
        self, client: httpx.AsyncClient, merchant: UUID, browser: Browser, language: str = "fr"
    ) -> str:
        answer = await client.put(
            f"/api/v1/notifications/devices/{merchant}",
            json=browser.subscription(language),
            headers=self.notifications.owner(merchant),
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    async def a_shop(self, client: httpx.AsyncClient, **choices: Any) -> UUID:
        """No mails, whatever the hour."""
        merchant = await self.notifications.a_merchant()
        answer = await client.put(
            f"/api/v1/notifications/preferences/{merchant}",
            json={"mail": False, "language": "fr", "choices": AT_ONCE | choices},
            headers=self.notifications.owner(merchant) | {"If-Match": '"0"'},
        )
        assert answer.status_code == 200, answer.text
        return merchant

    async def all_settled(self, merchant: UUID) -> bool:
        await self.notifications.caught_up()
        states = await self.notifications.rows(
            "SELECT state FROM delivery WHERE recipient_id = :id AND channel = 'push'", id=merchant
        )
        return bool(states) and all(state in {"sent", "suppressed", "failed_for_good"} for (state,) in states)


@pytest.fixture
async def town(
    notifications: Notifications, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Town]:
    serving, trusted = certificate(NAME, tmp_path)
    monkeypatch.setattr(domain, "FIRST_RETRY", timedelta(milliseconds=100))
    monkeypatch.setattr(
        Outside,
        "of",
        lambda *_, **__: Outside("us", judge=judge, ports=None, resolve=resolve, trusted=trusted),
    )
    keyed = notifications.settings.model_copy(update={"push_key": SecretStr(a_push_key())})
    push = PushService()
    async with site(push.handle, tls=serving) as running:
        yield Town(replace(notifications, settings=keyed), push, running.port)


async def test_a_browser_that_asked_is_told_once_in_its_language_and_one_that_is_gone_is_forgotten(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    notifications, push = town.notifications, town.push
    note, outages = arrivals.taken, [ConnectionResetError("the database is away")] * 2

    async def taken(*what: Any) -> None:
        if outages:
            raise outages.pop()
        await note(*what)

    monkeypatch.setattr(push_channel, "taken", taken)
    monkeypatch.setattr(push_channel, "RETRY_NOTE_SECONDS", 0)
    steady, busy, gone, refusing = (
        town.browser(),
        town.browser(503, 429),
        town.browser(410),
        town.browser(400),
    )
    async with notifications.running() as client:
        shop, silent = await town.a_shop(client), await town.a_shop(client)
        for browser, language in ((steady, "fr"), (busy, "nl"), (gone, "de"), (refusing, "en")):
            await town.add(client, shop, browser, language)
        quiet = await town.a_shop(
            client, timings={"milestone": {"push": "never"}, "first": {"push": "never"}}
        )
        untold = town.browser()
        await town.add(client, quiet, untold)

        await notifications.publish(*(notifications.review(each) for each in (shop, silent, quiet)))
        await notifications.eventually(lambda: town.all_settled(shop))
        known = await client.get(f"/api/v1/notifications/devices/{shop}", headers=notifications.owner(shop))
        told = await notifications.feed(client, shop)
    assert len(known.json()["items"]) == 3
    ((shown,), (dutch,)) = push.shown(steady), push.shown(busy)
    assert shown["title"] == "1 avis sur votre commerce"
    assert shown["path"] == f"/shops/{shop}/feed"
    assert (dutch["title"], dutch["language"]) == ("1 review over uw zaak", "nl")
    assert outages == []  # and what arrived meanwhile was noted all the same: it came once
    ((_, headers),) = push.taken[steady.path]
    assert headers["TTL"] == "172800"
    assert len(headers["Topic"]) == 22
    assert push.shown(untold) == []
    assert len(told) == 1
    assert notifications.mailbox.raw == []


async def test_one_browser_that_cannot_be_reached_neither_delays_nor_doubles_the_message_in_another(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    notifications, push = town.notifications, town.push
    monkeypatch.setattr(push_channel, "LIMITS", replace(push_channel.LIMITS, seconds=0.3))
    steady, away, throttled, refusing = (
        town.browser(),
        town.browser(*[0, 503] * 500),
        town.browser(*[429] * 500),
        town.browser(*[400] * 500),
    )
    push.retry_after[throttled.path] = "3600"
    phone, desk = town.browser(), town.browser(*[503] * 500)

    async def tried_again(shop: UUID, times: int = 3) -> bool:
        asked = "SELECT 1 FROM delivery WHERE recipient_id = :id AND channel = 'push' AND attempts > :times"
        return bool(await notifications.rows(asked, id=shop, times=times))

    async with notifications.running() as client:
        shop, reading = await town.a_shop(client), await town.a_shop(client)
        for browser in (steady, away, throttled, refusing):
            await town.add(client, shop, browser)
        for browser in (phone, desk):
            await town.add(client, reading, browser)
        await notifications.publish(notifications.review(shop), notifications.review(reading))

        await notifications.eventually(lambda: tried_again(shop))
        assert len(push.shown(steady)) == 1
        assert push.asked[throttled.path] == push.asked[refusing.path] == 1
        assert push.asked[away.path] >= 3

        await notifications.eventually(lambda: tried_again(reading))
        for told in await notifications.feed(client, reading):
            read = f"/api/v1/notifications/{told['id']}/read"
            assert (await client.post(read, headers=notifications.owner(reading))).status_code == 200
        await notifications.eventually(lambda: town.all_settled(reading))
        monkeypatch.setattr(push_channel, "OTHERS_TRIED_FOR", timedelta(0))
        monkeypatch.setattr(arrivals, "FAILING_FOR", timedelta(0))
        await notifications.eventually(lambda: town.all_settled(shop))
        owner = notifications.owner(shop)
        known = await client.get(f"/api/v1/notifications/devices/{shop}", headers=owner)
    ended = "SELECT DISTINCT state, left_out FROM delivery JOIN decision ON delivery.id = delivery_id"
    assert await notifications.rows(f"{ended} WHERE delivery.channel = 'push'") == [("sent", None)]
    assert len(push.shown(steady)) == len(push.shown(phone)) == 1
    # The one that refused for good is asked by the next message, and forgotten then.
    assert len(known.json()["items"]) == 2
    assert push.shown(desk) == []


async def test_whoever_held_the_shop_before_and_whoever_ended_it_is_told_no_more(town: Town) -> None:
    notifications, before, ended, after = town.notifications, town.browser(), town.browser(), town.browser()
    async with notifications.running() as client:
        shop = await town.a_shop(client)
        await town.add(client, shop, before)
        device = await town.add(client, shop, ended)
        preferences = f"/api/v1/notifications/preferences/{shop}"
        agreed = {"mail": True, "language": "nl"}
        headers = notifications.owner(shop) | {"If-Match": '"1"'}
        assert (await client.put(preferences, json=agreed, headers=headers)).status_code == 200
        path, owner = f"/api/v1/notifications/devices/{shop}/{device}", notifications.owner(shop)
        assert (await client.delete(path, headers=owner)).status_code == 204
        assert (await client.delete(path, headers=owner)).status_code == 404

        await notifications.publish(MerchantClaimed(city_id=notifications.city, merchant_id=shop, version=3))
        await notifications.eventually(
            lambda: notifications.rows("SELECT 1 FROM merchant WHERE claimed_version = 3")
        )
        notifications.owners[shop] = uuid4()
        chosen = (await client.get(preferences, headers=notifications.owner(shop))).json()
        assert (chosen["mail"], chosen["agreed_at"], chosen["language"]) == (False, None, None)
        await town.add(client, shop, after)
        await notifications.publish(notifications.review(shop))
        await notifications.eventually(lambda: town.all_settled(shop))
    assert "1 avis sur votre commerce" in [each["title"] for each in town.push.shown(after)]
    assert town.push.shown(before) == town.push.shown(ended) == []


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("endpoint", {"endpoint": "http://push.example/x"}),
    ("endpoint", {"endpoint": "https://127.0.0.1/x"}),
    ("endpoint", {"endpoint": "https://[::ffff:10.0.0.1]/x"}),
    ("endpoint", {"endpoint": "https://user:secret@push.example/x"}),
    ("keys.p256dh", {"keys": {"p256dh": "BAAA", "auth": "BTBZMqHH6r4Tts7J_aSIgg"}}),
    ("keys.auth", {"keys": {**Browser(443).subscription()["keys"], "auth": "ü"}}),
    ("language", {"language": "la"}),
]


async def test_what_no_push_service_gives_out_is_refused_by_field(town: Town) -> None:
    async with town.notifications.running() as client:
        headers = town.notifications.somebody()
        for field, change in WRONG:
            body = town.browser().subscription() | change
            answer = await client.put("/api/v1/people/me/notification-devices", json=body, headers=headers)
            assert (answer.status_code, answer.json()["field"]) == (422, field)
        assert (await client.get("/api/v1/notifications/push-key")).json()["key"].startswith("B")

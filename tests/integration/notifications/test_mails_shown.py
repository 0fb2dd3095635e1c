"""A mail can be looked at before it is sent, and the way to the relay be tried."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.clock import utc_now
from chassis.identity import Grant, Role
from tests.integration.notifications.test_mail import dispatch_of
from tests.support.mails import parts, pictures
from tests.support.notifications import Notifications

pytestmark = pytest.mark.slow


async def test_the_shop_sees_its_news_as_a_mail_and_an_operator_tries_the_relay(
    notifications: Notifications,
) -> None:
    operator = notifications.somebody(Grant(Role.operator))
    async with notifications.running() as client:
        merchant, other = await notifications.a_merchant(), await notifications.a_merchant()
        await notifications.publish(notifications.review(merchant))
        await notifications.caught_up()
        (told,) = await notifications.feed(client, merchant)
        path = f"/api/v1/notifications/{told['id']}/mail"
        dutch = notifications.owner(merchant) | {"Accept-Language": "nl"}
        mail = (await client.get(path, headers=dutch)).json()
        assert mail["subject"] == "1 review over uw zaak"
        assert mail["subject"] in mail["text"]
        assert mail["html"].lower().startswith("<!doctype html>")
        assert "unsubscribe" not in mail["html"]
        assert (await client.get(path, headers=notifications.owner(other))).status_code == 404

        mailbox, tries = notifications.mailbox, "/api/v1/notifications/test-mails"
        body = {"email": "operator@town.example", "language": "de"}
        assert (await client.post(tries, json=body, headers=dutch)).status_code == 403
        taken = await client.post(tries, json=body, headers=operator)
        assert taken.json() == {"outcome": "taken", "detail": None}
        (arrived,) = mailbox.to("operator@town.example")
        assert arrived["Content-Language"] == "de"
        mailbox.refuse["operator@town.example"] = ["550 no"]
        refused = (await client.post(tries, json=body, headers=operator)).json()
        assert refused == {"outcome": "refused", "detail": "mailbox-unavailable"}
        mailbox.stop()
        away = (await client.post(tries, json=body, headers=operator)).json()
        assert (away["outcome"], away["detail"]) == ("away", "relay: SMTPConnectError")


async def test_a_digest_shows_eight_weeks_of_the_audience_as_a_picture_and_as_text(
    notifications: Notifications,
) -> None:
    daily = {kind: {"mail": "daily"} for kind in ("first", "milestone")}
    async with notifications.running() as client:
        merchant = await notifications.a_merchant()
        await notifications.agree(client, merchant, "en", "zoe@shop.example", timings=daily)
        for weeks in (1, 1, 2):
            before = utc_now() - timedelta(weeks=weeks)
            await notifications.publish(notifications.review(merchant), at=before)
        await notifications.publish(notifications.share(merchant))
        await notifications.caught_up()
        waits = "SELECT count(*) > 1 FROM decision WHERE delivery_id IS NOT NULL"
        await notifications.eventually(lambda: notifications.value(waits))
    later = utc_now() + timedelta(days=2)
    job = dispatch_of(notifications, lambda: later)
    assert await job.send_batch() == 1
    await job.channel.rest()
    (mail,) = notifications.mailbox.to("zoe@shop.example")
    assert len(pictures(mail)) == 1
    text, _ = parts(mail)
    figures = text.split("week by week\n")[1].split("* ")[0]
    assert sum(int(line.split(": ")[1]) for line in figures.splitlines() if line.startswith("  ")) == 3
    assert "in the weeks before 0 to " in figures

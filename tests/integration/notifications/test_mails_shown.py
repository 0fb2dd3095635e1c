"""A mail can be looked at before it is sent, and the way to the relay be tried."""

from __future__ import annotations

import pytest

from chassis.identity import Grant, Role
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

"""A mailbox that is gone gets no more mails, whether the relay says so or a server further on."""

from __future__ import annotations

import asyncio
from smtplib import SMTP, SMTPRecipientsRefused

import httpx
import pytest

from chassis.identity import Grant, Role
from tests.integration.notifications.test_mail import agreed, settled
from tests.support.notifications import Notifications
from tests.support.servers import free_port
from tests.unit.notifications.test_bounces import report

pytestmark = pytest.mark.slow

PATH = "/api/v1/notifications/suppressions"
GONE = report("Action: failed", "Status: 5.1.1")


def takes_bounces(notifications: Notifications) -> int:
    """At which port."""
    port = free_port()
    settings = {"bounce_address": "bounces@mail.town.example", "bounce_port": port}
    notifications.settings = notifications.settings.model_copy(update=settings)
    return port


async def handed_in(port: int, recipient: str, message: bytes) -> None:
    """As a relay does."""

    def hand_in() -> None:
        with SMTP("127.0.0.1", port, timeout=10) as relay:
            relay.sendmail("", [recipient], message)

    await asyncio.to_thread(hand_in)


async def told(notifications: Notifications, *reasons: str | None) -> bool:
    rows = await notifications.rows(
        "SELECT reason FROM delivery WHERE due_at IS NULL ORDER BY created_at, id"
    )
    return [reason for (reason,) in rows] == list(reasons)


async def test_a_mailbox_that_bounced_gets_no_mail_until_somebody_lifts_it(
    notifications: Notifications,
) -> None:
    port = takes_bounces(notifications)
    operator = notifications.somebody(Grant(Role.operator))
    async with notifications.running() as client:
        merchant = await agreed(notifications, client)
        await notifications.publish(notifications.review(merchant))
        await notifications.eventually(lambda: settled(notifications))
        (path,) = notifications.mailbox.return_paths
        assert path.startswith("bounces+")
        for no_bounce in (b"Subject: Out of office\r\n\r\nBack on Monday.", report("Action: delayed")):
            await handed_in(port, path, no_bounce)
        for strange in ("bounces@mail.town.example", "somebody@shop.example"):
            with pytest.raises(SMTPRecipientsRefused):
                await handed_in(port, strange, GONE)
        await handed_in(port, f"bounces+{merchant.hex}@mail.town.example", GONE)  # of no mail of ours
        assert await listed(client, operator) == []
        for _ in range(2):  # bounces come twice, too
            await handed_in(port, path, GONE)
        (entry,) = await listed(client, operator)
        assert (entry["reason"], entry["status"]) == ("bounced", "5.1.1")
        assert "shop.example" not in str(entry)

        await notifications.publish(notifications.share(merchant))
        await notifications.eventually(lambda: told(notifications, None, "address-suppressed"))
        assert len(notifications.mailbox.raw) == 1

        who = {"email": " Zoe@SHOP.example"}
        assert (await client.post(f"{PATH}/look-up", json=who, headers=operator)).json() == entry
        lifting = f"{PATH}/{entry['address_hash']}"
        assert (await client.delete(lifting, headers=operator)).status_code == 204
        assert (await client.delete(lifting, headers=operator)).status_code == 404
        assert (await client.post(f"{PATH}/look-up", json=who, headers=operator)).status_code == 404
        assert await listed(client, operator) == []


async def test_a_recipient_whom_the_relay_does_not_know_is_not_asked_about_again(
    notifications: Notifications,
) -> None:
    notifications.mailbox.refuse["zoe@shop.example"] = ["550 5.1.1 no such mailbox"]
    async with notifications.running() as client:
        merchant = await agreed(notifications, client)
        await notifications.publish(notifications.review(merchant))
        await notifications.eventually(lambda: told(notifications, "mailbox-unavailable"))
        await notifications.publish(notifications.share(merchant))
        await notifications.eventually(
            lambda: told(notifications, "mailbox-unavailable", "address-suppressed")
        )
        states = await notifications.rows("SELECT state FROM delivery ORDER BY created_at, id")
        assert states == [("failed_for_good",), ("suppressed",)]
        (entry,) = await listed(client, notifications.somebody(Grant(Role.operator)))
        assert entry["reason"] == "refused"
    assert notifications.mailbox.raw == []


async def listed(client: httpx.AsyncClient, operator: dict[str, str]) -> list[dict[str, str]]:
    answer = await client.get(PATH, headers=operator)
    assert answer.status_code == 200
    items: list[dict[str, str]] = answer.json()["items"]
    return items

"""Mails: only to claimed merchants who agreed, in their language, retried until taken, once each."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest
from prometheus_client import REGISTRY

from chassis import telemetry
from chassis.clock import Clock, utc_now
from chassis.retention import enforce
from services.notifications.channels.mail import Addressed
from services.notifications.delivery import domain
from services.notifications.delivery.dispatch import Dispatch
from services.notifications.delivery.queue import LEASE
from services.notifications.retention import MAILS_KEPT, RULES
from tests.support.mail_worker import mail_job
from tests.support.notifications import Notifications

pytestmark = pytest.mark.slow

TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(domain, "FIRST_RETRY", timedelta(milliseconds=100))


async def settled(notifications: Notifications, state: str = "sent", number: int = 1) -> bool:
    found = await notifications.rows("SELECT 1 FROM delivery WHERE state = :state", state=state)
    return len(found) == number


def dispatch_of(notifications: Notifications, clock: Clock = utc_now) -> Dispatch[Addressed]:
    """One worker's mail job, driven by the test."""
    return mail_job(notifications.settings, notifications.database, clock)


async def agreed(
    notifications: Notifications, client: httpx.AsyncClient, language: str = "fr", who: str = "zoe"
) -> UUID:
    merchant = await notifications.a_merchant()
    await notifications.agree(client, merchant, language, f"{who}@shop.example")
    return merchant


def unsubscribe_path(mail: EmailMessage) -> str:
    link = urlsplit(mail["List-Unsubscribe"].strip("<>"))
    return f"{link.path}?{link.query}"


async def test_only_the_claimed_who_agreed_are_written_to_and_in_their_language(
    notifications: Notifications,
) -> None:
    async with notifications.running() as client:
        french = await agreed(notifications, client, "fr", "fr")
        dutch = await agreed(notifications, client, "nl", "nl")
        silent = await notifications.a_merchant()
        unclaimed = await notifications.a_merchant(claimed=False)
        for merchant in (silent, unclaimed):
            notifications.directory.knows(merchant, "Nobody", "nobody@shop.example", "fr")
        merchants = (french, dutch, silent, unclaimed)
        await notifications.publish(*(notifications.review(merchant) for merchant in merchants))
        await notifications.eventually(lambda: settled(notifications, number=2))
        await notifications.caught_up()
    assert len(notifications.mailbox.raw) == 2
    (to_french,), (to_dutch,) = (notifications.mailbox.to(f"{who}@shop.example") for who in ("fr", "nl"))
    assert to_french["Subject"] == "1 avis sur votre commerce – Chez Zoé"
    assert to_dutch["Subject"] == "1 review over uw zaak – Chez Zoé"
    assert [part.get_content_type() for part in to_french.iter_parts()] == ["text/plain", "text/html"]


async def test_a_mailbox_that_refuses_for_now_gets_its_mail_later(notifications: Notifications) -> None:
    notifications.mailbox.refuse["zoe@shop.example"] = ["451 try later", "452 full"]
    async with notifications.running() as client:
        merchant = await agreed(notifications, client)
        await notifications.publish(notifications.review(merchant))
        await notifications.eventually(lambda: settled(notifications))
    assert len(notifications.mailbox.raw) == 1
    assert await notifications.value("SELECT attempts FROM delivery") == 3


async def test_what_became_of_a_mail_is_forgotten_in_time_and_what_was_told_stays(
    notifications: Notifications,
) -> None:
    async with notifications.running() as client:
        merchant = await agreed(notifications, client)
        await notifications.publish(notifications.review(merchant))
        await notifications.eventually(lambda: settled(notifications))
    kept = timedelta(minutes=1)

    await enforce(notifications.database, RULES, utc_now() + MAILS_KEPT - kept)
    assert await notifications.value("SELECT count(*) FROM delivery") == 1

    await enforce(notifications.database, RULES, utc_now() + MAILS_KEPT + kept)
    assert await notifications.value("SELECT count(*) FROM delivery") == 0
    assert await notifications.value("SELECT count(*) FROM notification") >= 1


async def test_a_refusal_for_good_is_told_and_stays_in_the_feed(notifications: Notifications) -> None:
    notifications.mailbox.refuse["zoe@shop.example"] = ["550 no such mailbox for zoe@shop.example"]
    async with notifications.running() as client:
        merchant = await agreed(notifications, client)
        await notifications.publish(notifications.review(merchant))
        await notifications.eventually(lambda: settled(notifications, "failed_for_good"))
        assert len(await notifications.feed(client, merchant)) == 1
    assert await notifications.value("SELECT reason FROM delivery") == "mailbox-unavailable"
    bodies = [bytes(row[0]) for row in await notifications.rows("SELECT body FROM outbox")]
    (failed,) = (body for body in bodies if b"delivery-failed" in body)
    assert b"@shop.example" not in failed


async def test_a_mailbox_that_refuses_for_three_days_is_given_up(notifications: Notifications) -> None:
    notifications.mailbox.refuse["zoe@shop.example"] = ["451 try later"] * 2
    async with notifications.running() as client:
        merchant = await agreed(notifications, client)
        await notifications.execute("UPDATE preference SET mail = true")
    await notifications.publish(notifications.review(merchant))
    async with notifications.running():
        refused = "SELECT 1 FROM delivery WHERE refused_since IS NOT NULL"
        await notifications.eventually(lambda: notifications.rows(refused))
        await notifications.execute("UPDATE delivery SET refused_since = refused_since - interval '3 days'")
        await notifications.eventually(lambda: settled(notifications, "failed_for_good"))
    assert await notifications.value("SELECT reason FROM delivery") == "refused-too-long"


async def test_mails_go_on_after_the_mail_job_has_died_once(notifications: Notifications) -> None:
    async def died() -> bool:
        return deaths() > before

    before = deaths()
    async with notifications.running() as client:
        merchant = await agreed(notifications, client)
        await notifications.execute("ALTER TABLE delivery RENAME TO hidden")
        await notifications.eventually(died)
        await notifications.execute("ALTER TABLE hidden RENAME TO delivery")
        await notifications.publish(notifications.review(merchant))
        await notifications.eventually(lambda: settled(notifications))
    assert len(notifications.mailbox.raw) == 1


def deaths() -> float:
    return REGISTRY.get_sample_value("cococity_job_failures_total", {"job": "mail"}) or 0.0


async def test_mails_wait_while_the_directory_is_away(notifications: Notifications) -> None:
    async with notifications.running() as client:
        merchant = await agreed(notifications, client)
        notifications.directory.away = True
        await notifications.publish(notifications.review(merchant))
        put_back = "SELECT 1 FROM delivery WHERE attempts >= 2 AND refused_since IS NULL"
        await notifications.eventually(lambda: notifications.rows(put_back))
        assert not notifications.mailbox.raw
        notifications.directory.away = False
        await notifications.eventually(lambda: settled(notifications))


async def test_mails_wait_while_the_relay_is_away(notifications: Notifications) -> None:
    notifications.mailbox.stop()
    async with notifications.running() as client:
        merchant = await agreed(notifications, client)
        await notifications.publish(notifications.review(merchant))
        put_back = "SELECT 1 FROM delivery WHERE attempts >= 2 AND refused_since IS NULL"
        await notifications.eventually(lambda: notifications.rows(put_back))
        notifications.mailbox.start()
        await notifications.eventually(lambda: settled(notifications))
    assert len(notifications.mailbox.raw) == 1


async def test_two_workers_send_each_mail_once(notifications: Notifications) -> None:
    async with notifications.running() as client:
        merchants = [await agreed(notifications, client, "fr", f"shop-{number}") for number in range(8)]
    await notifications.publish(*(notifications.review(merchant) for merchant in merchants))
    async with notifications.running(), notifications.running():
        await notifications.publish(*(notifications.share(merchant) for merchant in merchants))
        await notifications.eventually(lambda: settled(notifications, number=16))
    assert len(notifications.mailbox.raw) == 16
    assert len({mail["Message-ID"] for to, _ in notifications.mailbox.raw for mail in
                notifications.mailbox.to(to)}) == 16  # fmt: skip


async def test_a_worker_that_dies_after_the_relay_accepted_leaves_a_recognisable_duplicate(
    notifications: Notifications,
) -> None:
    async with notifications.running() as client:
        merchant = await agreed(notifications, client)
    await notifications.publish(notifications.review(merchant))
    async with notifications.running():
        await notifications.eventually(lambda: settled(notifications))
    # As a crash between acceptance and commit leaves it: claimed, its lease running.
    await notifications.execute(
        "UPDATE delivery SET state = 'sending', finished_at = NULL, due_at = now() + interval '1 minute'"
    )
    early, late = dispatch_of(notifications), dispatch_of(notifications, lambda: utc_now() + LEASE)
    assert await early.send_batch() == 0
    assert await late.send_batch() == 1
    first, second = notifications.mailbox.to("zoe@shop.example")
    assert first["Message-ID"] == second["Message-ID"]


async def test_one_click_stops_a_kind_at_once_needs_no_cookie_and_leads_back(
    notifications: Notifications,
) -> None:
    async with notifications.running() as client:
        merchant = await agreed(notifications, client)
        await notifications.publish(notifications.review(merchant))
        await notifications.eventually(lambda: settled(notifications))
        (mail,) = notifications.mailbox.to("zoe@shop.example")
        link = unsubscribe_path(mail)
        assert link.endswith("?kind=first")
        link = link.replace("first", "milestone")
        notifications.directory.away = True
        await notifications.publish(notifications.share(merchant))
        await notifications.eventually(lambda: notifications.rows("SELECT 1 FROM delivery OFFSET 1"))
        assert (await client.get(link)).status_code == 200  # a filter that follows links
        assert await chosen(notifications, client, merchant, "milestone") == (True, {})
        for _ in range(2):
            answer = await client.post(link, data={"List-Unsubscribe": "One-Click"})
            assert answer.status_code == 200
        notifications.directory.away = False
        await notifications.eventually(lambda: settled(notifications, "suppressed"))
        assert await chosen(notifications, client, merchant, "milestone") == (True, {"mail": "never"})
        assert len(notifications.mailbox.raw) == 1
        for _ in range(2):
            assert (await client.post(link.replace("?", "/back?"))).status_code == 200
        assert await chosen(notifications, client, merchant, "milestone") == (True, {})


async def test_who_left_all_mails_comes_back_by_the_link_until_something_else_is_chosen(
    notifications: Notifications,
) -> None:
    async with notifications.running() as client:
        merchant = await agreed(notifications, client)
        await notifications.publish(notifications.review(merchant))
        await notifications.eventually(lambda: settled(notifications))
        link = unsubscribe_path(notifications.mailbox.to("zoe@shop.example")[0]).split("?")[0]
        for _ in range(2):
            assert (await client.post(link)).status_code == 200
        assert (await chosen(notifications, client, merchant, "milestone"))[0] is False
        for _ in range(2):
            assert (await client.post(f"{link}/back")).status_code == 200
        assert (await chosen(notifications, client, merchant, "milestone"))[0] is True
        assert (await client.post(link)).status_code == 200
        # As when the shop changes hands: who has an old mail cannot agree for somebody else.
        await notifications.execute("UPDATE preference SET left_at = NULL")
        assert (await client.post(f"{link}/back")).status_code == 404
        assert (await client.post(f"{link}AAAA")).status_code == 404
        assert (await chosen(notifications, client, merchant, "milestone"))[0] is False


async def chosen(
    notifications: Notifications, client: httpx.AsyncClient, merchant: UUID, kind: str
) -> tuple[bool, dict[str, str]]:
    """Whether there are mails, and what holds for that kind."""
    path = f"/api/v1/notifications/preferences/{merchant}"
    shown = (await client.get(path, headers=notifications.owner(merchant))).json()
    return shown["mail"], shown["choices"]["timings"].get(kind, {})


async def test_preferences_begin_without_mail_and_know_their_version(notifications: Notifications) -> None:
    async with notifications.running() as client:
        merchant = await notifications.a_merchant()
        path, headers = f"/api/v1/notifications/preferences/{merchant}", notifications.owner(merchant)
        before = await client.get(path, headers=headers)
        shown = {name: before.json()[name] for name in ("merchant_id", "mail", "agreed_at", "language")}
        assert shown == {"merchant_id": str(merchant), "mail": False, "agreed_at": None, "language": None}
        choice = {"mail": True, "language": "nl"}
        assert (await client.put(path, json=choice, headers=headers)).status_code == 428
        stale = headers | {"If-Match": '"7"'}
        assert (await client.put(path, json=choice, headers=stale)).status_code == 412
        seen = headers | {"If-Match": before.headers["ETag"]}
        chosen = await client.put(path, json=choice, headers=seen)
        assert chosen.status_code == 200
        assert chosen.json()["agreed_at"] is not None
        assert (await client.put(path, json=choice, headers=seen)).status_code == 412
        wrong = choice | {"language": "pt"}
        assert (await client.put(path, json=wrong, headers=seen)).status_code == 422


async def test_the_mail_belongs_to_the_trace_of_the_contribution(
    notifications: Notifications, monkeypatch: pytest.MonkeyPatch
) -> None:
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter = InMemorySpanExporter()
    telemetry.set_up(notifications.settings, exporter)
    async with notifications.running() as client:
        merchant = await agreed(notifications, client)
        await notifications.publish(
            notifications.review(merchant), traceparent=f"00-{TRACE}-b7ad6b7169203331-01"
        )
        await notifications.eventually(lambda: settled(notifications))
        telling = "SELECT traceparent FROM outbox WHERE traceparent IS NOT NULL"
        recorded = await notifications.rows(telling)
    telemetry.provider().force_flush()
    names = [span.name for span in exporter.get_finished_spans() if f"{span.context.trace_id:032x}" == TRACE]
    telemetry.set_up(notifications.settings)
    assert "deliver" in names
    assert "consumer apply" in names
    assert {row[0].split("-")[1] for row in recorded} == {TRACE}
    assert len(recorded) == 2

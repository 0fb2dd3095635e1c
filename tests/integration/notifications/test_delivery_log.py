"""The log of messages: operators read it by page, and send again what never arrived, which is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from chassis.clock import utc_now
from chassis.identity import Grant, Role
from chassis.service import Mode
from services.notifications.delivery.domain import ADDRESS_SUPPRESSED, State
from services.notifications.delivery.queue import Due, Ended, claim_due, settle_all
from services.notifications.feed.notify import Notice, notify
from services.notifications.recipients import to_merchant
from tests.support.notifications import Notifications

pytestmark = pytest.mark.slow

PATH = "/api/v1/notifications/deliveries"
FATES = {
    "message-refused": State.failed_for_good,
    ADDRESS_SUPPRESSED: State.suppressed,
    None: State.sent,
    "unsubscribed": State.suppressed,
}


async def with_each_fate(notifications: Notifications, client: httpx.AsyncClient) -> dict[str | None, Due]:
    """A message of another shop for each, by its reason."""
    merchants = []
    for number in range(len(FATES)):
        merchants.append(await notifications.a_merchant())
        await notifications.agree(client, merchants[-1], "fr", f"shop-{number}@shop.example", unread_for=600)
    notices = [
        Notice(notifications.city, to_merchant(each), "welcome", "-", {"totals": {}}, utc_now(), None)
        for each in merchants
    ]
    at = utc_now() + timedelta(hours=11)
    async with notifications.database.transaction() as tx:
        await notify(tx, notices)
    async with notifications.database.transaction() as tx:
        due = dict(zip(FATES, await claim_due(tx, at), strict=True))
        await settle_all(tx, [Ended(due[reason], state, at, reason) for reason, state in FATES.items()])
    return due


async def test_operators_read_the_log_by_page_and_filter_and_nobody_finds_an_address_in_it(
    notifications: Notifications,
) -> None:
    operator = notifications.somebody(Grant(Role.operator))
    async with notifications.running() as client:
        due = await with_each_fate(notifications, client)

        async def ids(**asked: Any) -> set[UUID]:
            answer = await client.get(PATH, params=asked, headers=operator)
            assert answer.status_code == 200, answer.text
            assert "@" not in answer.text
            return {UUID(each["id"]) for each in answer.json()["items"]}

        every = {each.id for each in due.values()}
        first = (await client.get(PATH, params={"limit": 3}, headers=operator)).json()
        rest = await ids(cursor=first["next"])
        assert {UUID(each["id"]) for each in first["items"]} | rest == every
        assert (len(first["items"]), len(rest)) == (3, 1)
        assert await ids(state="suppressed") == {due[ADDRESS_SUPPRESSED].id, due["unsubscribed"].id}
        assert await ids(channel="mail", kind="welcome") == every
        assert await ids(kind="milestone") == await ids(channel="pigeon") == set()
        assert await ids(recipient_id=str(due[None].recipient.id)) == {due[None].id}
        tomorrow = (utc_now() + timedelta(days=1)).isoformat()
        assert (await ids(since=tomorrow), await ids(until=tomorrow)) == (set(), every)
        odd = {"channel": "\0", "kind": "\0", "until": "0001-01-01T00:00:00+14:00"}
        for name, wrong in {"state": "lost", "since": "2026-11-26T08:00:00", "cursor": "x", **odd}.items():
            refused = await client.get(PATH, params={name: wrong}, headers=operator)
            assert refused.json()["field"] == name, refused.text

        one = (await client.get(f"{PATH}/{due[None].id}", headers=operator)).json()
        assert (one["state"], one["window"].partition(":")[0], one["kinds"]) == (
            "sent",
            "notice",
            ["welcome"],
        )
        assert [each["rules"] for each in one["news"]] == [["default:at-once", "unread-for:600"]]
        assert (await client.get(f"{PATH}/{notifications.city}", headers=operator)).status_code == 404


async def test_what_never_arrived_is_sent_again_in_parts_and_who_did_it_is_kept(
    notifications: Notifications,
) -> None:
    operator = notifications.somebody(Grant(Role.operator))
    async with notifications.running() as client:
        due = await with_each_fate(notifications, client)
    span = {"since": utc_now().isoformat(), "until": (utc_now() + timedelta(days=1)).isoformat()}
    async with notifications.running(Mode.api) as client:

        async def again(**asked: Any) -> dict[str, int]:
            answer = await client.post(f"{PATH}/replay", json=asked, headers=operator)
            assert answer.status_code == 200, answer.text
            counts: dict[str, int] = answer.json()
            return counts

        assert await again(**span, dry_run=True) == {"found": 2, "replayed": 0}
        assert await again(**span, most=1) == {"found": 2, "replayed": 1}
        assert await again(**span, most=1) == {"found": 1, "replayed": 1}
        assert await again(**span) == {"found": 0, "replayed": 0}
        assert await again(delivery_id=str(due[None].id)) == {"found": 0, "replayed": 0}, "it has arrived"
        kept = (await client.get(f"{PATH}/replays", headers=operator)).json()["items"]
    assert [each["deliveries"] for each in kept] == [1, 1]
    assert all(each["by_person"] and each["delivery_id"] is None for each in kept)
    async with notifications.database.transaction() as tx:
        once_more = await claim_due(tx, utc_now() + timedelta(hours=24 * 3))
    expected = {due["message-refused"].id, due[ADDRESS_SUPPRESSED].id}
    assert {each.id for each in once_more} <= expected
    pending = await notifications.rows("SELECT id FROM delivery WHERE state IN ('pending', 'sending')")
    assert {each for (each,) in pending} == expected

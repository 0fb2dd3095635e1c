"""Before it is chosen: what the last month would have been, by the rules of delivery and without a trace."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chassis.clock import utc_now
from services.notifications.feed.notify import Notice, notify
from services.notifications.recipients import to_merchant
from tests.support.notifications import AT_ONCE, Notifications

pytestmark = pytest.mark.slow
KEPT = ("preference", "delivery", "decision", "notification")


async def counts(notifications: Notifications) -> list[int]:
    return [await notifications.value(f"SELECT count(*) FROM {table}") for table in KEPT]


async def test_a_month_is_shown_as_it_would_have_been_and_nothing_of_it_is_kept(
    notifications: Notifications,
) -> None:
    async with notifications.running() as client:
        shop = await notifications.a_merchant()
        now = utc_now()
        notices = [
            Notice(
                notifications.city, to_merchant(shop), "milestone", str(days),
                {"kind": "review", "threshold": days}, now, None,
            )
            for days in range(1, 41)
        ]  # fmt: skip
        async with notifications.database.transaction() as tx:
            told = await notify(tx, notices)
        await notifications.execute(
            "UPDATE notification SET created_at = CAST(:now AS timestamptz)"
            " - (data ->> 'threshold')::int * interval '1 day'",
            now=now,
        )
        before = await counts(notifications)
        path, owner = f"/api/v1/notifications/preferences/{shop}/preview", notifications.owner(shop)

        async def previewed(mail: bool = True, **choices: Any) -> list[dict[str, Any]]:
            wanted = {"mail": mail, "language": "nl", "choices": AT_ONCE | choices}
            answer = await client.post(path, json=wanted, headers=owner)
            assert answer.status_code == 200, answer.text
            shown = answer.json()
            assert shown["told"] == 29  # the last thirty days
            assert shown["channels"][1] == {"channel": "push", "reached": False, "messages": []}
            messages: list[dict[str, Any]] = shown["channels"][0]["messages"]
            assert (shown["sample"] is None) == (messages == [])
            if messages:
                assert all(title in shown["sample"]["text"] for title in messages[-1]["titles"])
            return messages

        each_by_itself = await previewed()
        weekly = await previewed(timings={"milestone": {"mail": "weekly"}})
        assert await previewed(mail=False) == []
        faulty = {"mail": True, "language": "nl", "choices": {"digest_hour": 3}}
        refused = await client.post(path, json=faulty, headers=owner)
        assert await counts(notifications) == before
    assert len(told) == 40
    assert (refused.status_code, refused.json()["field"]) == (422, "choices.digest_hour")
    assert len(each_by_itself) == 29
    assert each_by_itself[-1]["titles"] == ["1 review over uw zaak"]
    assert len(weekly) in {4, 5}
    assert all(each["digest"] and each["titles"] for each in weekly)
    # Each digest says the newest milestone alone, as its mail would.
    assert {len(each["titles"]) for each in weekly} == {1}
    assert all(each["at"] <= (now + timedelta(minutes=1)).isoformat() for each in weekly)

"""What is seen elsewhere stands beside the audience: the newest of each thing, in no figure of ours."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from typing import Any
from uuid import UUID

import httpx

from chassis.clock import utc_now
from chassis.ids import new_id
from contracts.campaigns.v1 import SeenElsewhere, SeenElsewhereTakenBack
from contracts.envelope import Event, Fact
from services.notifications.main import build
from tests.support.delivered import deliver
from tests.support.erasures import erasure_of
from tests.support.notifications import Notifications

DAY = date(2026, 11, 26)


def seen(city: UUID, merchant: UUID | None, seen_id: UUID, version: int = 1, **more: Any) -> SeenElsewhere:
    said: dict[str, Any] = {"platform": "google", "source": "citizen", "what": "review", "day": DAY}
    return SeenElsewhere(
        city_id=city, seen_id=seen_id, version=version, merchant_id=merchant, **(said | more)
    )


async def audience(notifications: Notifications, client: httpx.AsyncClient, merchant: UUID) -> dict[str, Any]:
    path = f"/api/v1/audience/{merchant}"
    found: dict[str, Any] = (await client.get(path, headers=notifications.owner(merchant))).json()
    return found


async def test_what_is_seen_elsewhere_stands_beside_the_audience_in_any_order_until_it_is_taken_back(
    notifications: Notifications,
) -> None:
    service = build(notifications.settings, keys=notifications.issuer.keys())
    city = notifications.city
    async with notifications.running() as client:
        expected = [
            {"platform": "google", "what": "mean", "source": "merchant", "amount": 4.7, "scale": 5},
            {"platform": "google", "what": "review", "source": "citizen", "amount": 1, "scale": None},
        ]
        for order in permutations(range(3)):
            merchant, post, count = await notifications.a_merchant(), new_id(), new_id()
            mean: dict[str, Any] = {"source": "merchant", "what": "mean", "scale": 5}
            told: list[list[Fact]] = [
                [seen(city, merchant, post), seen(city, merchant, count, figure=4.6, **mean)],
                [
                    SeenElsewhereTakenBack(city_id=city, seen_id=post, version=2, merchant_id=merchant),
                    seen(city, merchant, count, 2, figure=4.7, **mean),
                ],
                [seen(city, merchant, post, 3), seen(city, None, new_id())],
            ]
            for place in (*order, order[0]):
                await deliver(service, *(Event.of(fact, utc_now()) for fact in told[place]))
            shown = await audience(notifications, client, merchant)
            assert shown["elsewhere"] == [each | {"day": DAY.isoformat()} for each in expected]
            assert (shown["totals"], shown["days"]) == ({}, [])
        for _ in range(2):
            await deliver(service, erasure_of(new_id(), closed=[merchant]))
            await deliver(service, Event.of(seen(city, merchant, new_id()), utc_now()))
        assert (await audience(notifications, client, merchant))["elsewhere"] == []
    await service.database.close()

"""Webhooks of a city's own systems: registered by its officers, told of its own events, sent again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from sqlalchemy import text
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from chassis import retention
from chassis.clock import utc_now
from chassis.identity import Grant, Role
from chassis.personal_data import Erasure
from contracts.campaigns.v1 import AmbassadorReviewPosted
from contracts.envelope import Event
from services.campaigns.personal_data import HOLDINGS
from services.campaigns.retention import RULES
from services.campaigns.webhooks.domain import OVERLAP
from services.campaigns.webhooks.sending import Sending
from tests.integration.campaigns.webhook_town import (
    BASE,
    GOALS,
    STARTS,
    a_goal,
    a_start,
    an_endpoint,
    happens,
    register,
)
from tests.support.campaigns import Campaigns
from tests.support.delivered import deliver
from tests.support.erasures import erasure_of
from tests.support.webhook_receiver import Receiver, Reply, receiving, sending

REVIEWS = "campaigns.ambassador_review_posted.v1"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as found:
        yield found


@pytest.fixture
async def sender(campaigns: Campaigns) -> AsyncIterator[Sending]:
    seal = campaigns.settings.webhook_seal()
    assert seal is not None
    campaigns.now = utc_now()
    async with sending(campaigns.database, seal, campaigns.clock) as found:
        yield found


def later(campaigns: Campaigns, by: timedelta) -> None:
    assert campaigns.now is not None
    campaigns.now += by


async def test_a_secret_is_shown_once_and_lies_sealed(campaigns: Campaigns) -> None:
    body = {"city_id": str(campaigns.city), "url": "https://example.org/hook", "types": [GOALS]}
    made, again = [await campaigns.post(BASE, campaigns.as_officer(), body, "one") for _ in range(2)]
    path = f"/api/v1/{BASE}/{made.json()['id']}"
    seen = await campaigns.client.get(path, headers=campaigns.as_officer())

    secret = made.json()["secret"]
    assert (made.status_code, made.headers["Cache-Control"]) == (201, "no-store")
    assert len(secret) > 40
    assert (again.json()["id"], again.json()["secret"]) == (made.json()["id"], None)
    assert "secret" not in seen.json()
    async with campaigns.database.connection() as connection:
        kept = await connection.scalar(
            text(
                "SELECT (SELECT string_agg(e::text, '') FROM webhook_endpoint e) "
                "|| (SELECT string_agg(i::text, '') FROM idempotency i)"
            )
        )
    assert kept
    assert secret.removeprefix("whsec_") not in kept


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"url": "http://example.org/hook"}, "url"),
        ({"url": "https://user:secret@example.org/"}, "url"),
        ({"url": "https://"}, "url"),
        ({"url": "file:///etc/passwd"}, "url"),
        ({"types": ["campaigns.moderation_decided.v1"]}, "types"),
        ({"types": []}, "types"),
        ({"description": "x" * 201}, "description"),
    ],
)
async def test_what_is_no_endpoint_is_refused(campaigns: Campaigns, changed: Any, field: str) -> None:
    answer = await register(campaigns, **changed)
    assert (answer.status_code, answer.json()["field"].split(".")[0]) == (422, field)


async def test_officers_reach_the_endpoints_of_their_own_city_alone(
    campaigns: Campaigns, receiver: Receiver
) -> None:
    endpoint = await an_endpoint(campaigns, receiver)
    elsewhere = campaigns.issuer.headers(uuid4(), Grant(Role.city_officer, city_id=uuid4()))
    path = f"/api/v1/{BASE}/{endpoint.id}"
    key = {"Idempotency-Key": "k"}
    calls = [
        await campaigns.client.get(path, headers=elsewhere),
        await campaigns.client.get(f"{path}/deliveries", headers=elsewhere),
        await campaigns.client.patch(path, json={"enabled": False}, headers=elsewhere),
        await campaigns.client.delete(path, headers=elsewhere),
        await campaigns.client.post(f"{path}/secret", headers=elsewhere | key),
        await campaigns.client.post(f"{path}/test", headers=elsewhere | key),
        await campaigns.client.get(path),
    ]
    assert [each.status_code for each in calls] == [403] * 6 + [401]


async def test_an_endpoint_is_told_of_the_types_it_asked_for_in_its_own_city_once_and_verifies_it(
    campaigns: Campaigns, receiver: Receiver, sender: Sending
) -> None:
    endpoint = await an_endpoint(campaigns, receiver, GOALS, STARTS)
    before = a_goal(campaigns, at=campaigns.time() - timedelta(seconds=1))
    later(campaigns, timedelta(seconds=1))
    goal, elsewhere, together = (
        a_goal(campaigns),
        a_goal(campaigns, uuid4()),
        a_start(campaigns, campaigns.city),
    )
    review = AmbassadorReviewPosted(
        city_id=campaigns.city, contribution_id=uuid4(), merchant_id=uuid4(), contributor_id=uuid4(), rating=1
    )
    await happens(campaigns, before, goal, goal, elsewhere, together, Event.of(review, campaigns.time()))
    await sender.send_due()
    await sender.send_due()

    assert {got.id for got in receiver.got} == {str(goal.id), str(together.id)}
    assert len(receiver.got) == 2
    for got in receiver.got:
        Webhook(endpoint.secret).verify(got.body, got.headers)
    (told,) = [json.loads(got.body) for got in receiver.got if got.id == str(goal.id)]
    assert told["type"] == GOALS
    assert told["data"]["goal_id"] == str(goal.fact.goal_id)
    first, _ = await endpoint.log()
    assert (first["state"], first["body"].encode(), first["log"][0]["status"]) == (
        "delivered",
        next(got.body for got in receiver.got if got.id == first["message_id"]),
        204,
    )


async def test_a_rotated_secret_signs_beside_the_former_one_for_a_day(
    campaigns: Campaigns, receiver: Receiver, sender: Sending
) -> None:
    endpoint = await an_endpoint(campaigns, receiver)
    rotated = (await endpoint.call("POST", "/secret"))["secret"]
    for wait in (timedelta(0), OVERLAP):
        later(campaigns, wait)
        await endpoint.call("POST", "/test")
        await sender.send_due()

    during, after = receiver.got
    assert rotated != endpoint.secret
    for secret in (endpoint.secret, rotated):
        Webhook(secret).verify(during.body, during.headers)
    assert during.headers["webhook-signature"].count("v1,") == 2
    now = {"webhook-timestamp": after.headers["webhook-timestamp"]}
    assert after.headers["webhook-signature"].count("v1,") == 1
    assert abs(int(now["webhook-timestamp"]) - campaigns.clock().timestamp()) < 2
    with pytest.raises(WebhookVerificationError):
        Webhook(endpoint.secret).verify(after.body, after.headers)
    assert json.loads(after.body)["type"] == "webhooks.test.v1"


async def test_what_was_missed_is_sent_again_by_span_or_one_by_one_under_the_same_ids(
    campaigns: Campaigns, receiver: Receiver, sender: Sending
) -> None:
    endpoint = await an_endpoint(campaigns, receiver)
    start = campaigns.time()
    later(campaigns, timedelta(seconds=1))
    events = [a_goal(campaigns)]
    await happens(campaigns, events[0])
    await sender.send_due()
    await endpoint.call("PATCH", json={"enabled": False})
    for _ in range(2):
        later(campaigns, timedelta(hours=1))
        events.append(a_goal(campaigns))
        await happens(campaigns, events[-1])
    assert await sender.send_due() == 0, "nothing is sent to what is off"
    assert (await endpoint.call("PATCH", json={"enabled": True}))["enabled"]

    span = {"since": start.isoformat(), "until": events[2].time.isoformat()}
    replayed = await endpoint.call("POST", "/replays", json=span)
    await sender.send_due()
    (first, _) = await endpoint.log()
    await endpoint.call("POST", "/replays", json={"delivery_id": first["id"]})
    await sender.send_due()

    assert replayed == {"messages": 2}, "until is not in it"
    ids = [str(events[number].id) for number in (0, 0, 1, 0)]
    assert sorted(got.id for got in receiver.got) == sorted(ids)
    assert len({got.body for got in receiver.got if got.id == ids[0]}) == 1
    wrong = {"since": span["until"], "until": span["since"]}
    refused = await campaigns.post(f"{BASE}/{endpoint.id}/replays", campaigns.as_officer(), wrong)
    assert refused.status_code == 422


async def test_what_was_told_of_an_erased_shop_goes_and_after_a_month_all_of_it(
    campaigns: Campaigns, receiver: Receiver, sender: Sending
) -> None:
    endpoint = await an_endpoint(campaigns, receiver, REVIEWS, GOALS)
    shop = uuid4()
    review = AmbassadorReviewPosted(
        city_id=campaigns.city, contribution_id=uuid4(), merchant_id=shop, contributor_id=uuid4(), rating=1
    )
    await happens(campaigns, Event.of(review, campaigns.time()), a_goal(campaigns))
    await deliver(campaigns.service, erasure_of(uuid4(), closed=[shop]))
    later(campaigns, timedelta(seconds=10))
    await sender.send_due()
    assert [json.loads(got.body)["type"] for got in receiver.got] == [GOALS]
    assert [each["type"] for each in await endpoint.log()] == [GOALS]
    again = msgspec.structs.replace(review, contribution_id=uuid4())
    await happens(campaigns, Event.of(again, campaigns.time()))
    assert [each["type"] for each in await endpoint.log()] == [GOALS], "nor when it is told again"
    await retention.enforce(campaigns.database, RULES, campaigns.clock() + timedelta(days=31))
    assert await endpoint.log() == []
    await deliver(campaigns.service, erasure_of(campaigns.officer))
    async with campaigns.database.connection() as connection:
        made_by = (await connection.execute(text("SELECT made_by FROM webhook_endpoint"))).scalars().all()
    assert made_by == [None]


async def test_what_is_told_while_a_shop_is_erased_waits_and_is_not_kept(
    campaigns: Campaigns, receiver: Receiver
) -> None:
    endpoint = await an_endpoint(campaigns, receiver, REVIEWS)
    shop = uuid4()
    review = AmbassadorReviewPosted(
        city_id=campaigns.city, contribution_id=uuid4(), merchant_id=shop, contributor_id=uuid4(), rating=1
    )
    now = campaigns.time()
    asked = Erasure(uuid4(), uuid4(), now, now, closed_merchants=[shop])
    async with campaigns.database.transaction() as tx:
        for holding in HOLDINGS:
            await holding.erase(tx, asked)
        told = asyncio.create_task(happens(campaigns, Event.of(review, campaigns.time())))
        await asyncio.wait({told}, timeout=0.5)
    await told
    assert await endpoint.log() == []


async def test_a_removed_endpoint_takes_its_log_along(
    campaigns: Campaigns, receiver: Receiver, sender: Sending
) -> None:
    endpoint = await an_endpoint(campaigns, receiver)
    receiver.always(Reply(500, body="échec \x00\x1b[31m".encode() * 200))
    await endpoint.call("POST", "/test")
    await sender.send_due()
    (tried,) = await endpoint.log()
    assert tried["log"][0]["answer"].startswith("échec  ")
    assert len(tried["log"][0]["answer"]) == 500
    await endpoint.call("DELETE")
    async with campaigns.database.connection() as connection:
        left = await connection.scalar(text("SELECT count(*) FROM webhook_attempt"))
    assert left == 0
    gone = await campaigns.client.get(f"/api/v1/{BASE}/{endpoint.id}", headers=campaigns.as_officer())
    assert gone.status_code == 404

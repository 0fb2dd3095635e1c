"""A correction that is accepted earns points, in whatever order that is heard of, until it is reverted."""

from __future__ import annotations

import asyncio
import random
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.identity import Grant, Role
from contracts.directory.v1 import MerchantCorrectionAccepted
from contracts.envelope import Event
from services.campaigns.points.domain import RULES
from services.campaigns.policy.domain import Action
from tests.integration.campaigns.test_points import accounts, an_ambassador, own
from tests.support.campaigns import Campaigns
from tests.support.delivered import deliver

FIXES = [{"platform": "here", "action": "correction", "reward": "points"}]
EACH, A_DAY = RULES[Action.CORRECTION].points, RULES[Action.CORRECTION].a_day


def news(
    campaigns: Campaigns, shop: UUID, receipt: UUID, correction: UUID | None = None, *, stands: bool = True
) -> Event[MerchantCorrectionAccepted]:
    fact = MerchantCorrectionAccepted(
        city_id=campaigns.city,
        correction_id=correction or uuid4(),
        merchant_id=shop,
        version=1 if stands else 2,
        receipt_id=receipt,
        field="phone",
        stands=stands,
    )
    return Event.of(fact, campaigns.time())


async def hand_in(
    campaigns: Campaigns, shop: UUID, receipt: UUID, person: UUID, *grants: Grant
) -> tuple[int, Any]:
    path = f"/api/v1/contributions/corrections/{receipt}"
    headers = campaigns.issuer.headers(person, *grants)
    answer = await campaigns.client.put(path, json={"merchant_id": str(shop)}, headers=headers)
    return answer.status_code, answer.json()


@pytest.fixture
async def game(campaigns: Campaigns) -> dict[str, Any]:
    return await campaigns.a_campaign("schedule", "start", asks=FIXES)


async def test_in_whatever_order_it_is_heard_of_an_accepted_one_earns_once_and_a_reverted_one_nothing(
    campaigns: Campaigns, game: dict[str, Any]
) -> None:
    person = await an_ambassador(campaigns, game)
    shop, chance, kept = await campaigns.a_merchant(), random.Random("order"), 0
    for number in range(A_DAY - 1):
        receipt, correction = uuid4(), uuid4()
        is_reverted = number % 2 == 1
        steps: list[Any] = [news(campaigns, shop, receipt, correction), "hand in", "hand in"]
        steps += [news(campaigns, shop, receipt, correction, stands=False)] * is_reverted
        chance.shuffle(steps)
        for step in steps:
            if step == "hand in":
                assert await hand_in(campaigns, shop, receipt, person) == (
                    200,
                    {"campaign_id": game["id"], "reason": None},
                )
            else:
                await deliver(campaigns.service, step)
        kept += not is_reverted

    assert kept == 2
    assert await accounts(campaigns, game, person) == (kept * EACH,) * 3


async def test_told_and_handed_in_at_the_same_moment_none_is_lost_and_so_many_a_day_earn(
    campaigns: Campaigns, game: dict[str, Any]
) -> None:
    person = await an_ambassador(campaigns, game)
    shop = await campaigns.a_merchant()
    for _ in range(A_DAY + 2):
        receipt = uuid4()
        await asyncio.gather(
            deliver(campaigns.service, news(campaigns, shop, receipt)),
            hand_in(campaigns, shop, receipt, person),
        )

    assert await accounts(campaigns, game, person) == (A_DAY * EACH,) * 3
    entries = (await own(campaigns, game, person, "/entries"))["items"]
    assert {(each["action"], each["contribution_id"]) for each in entries} == {("correction", None)}


async def test_a_receipt_is_of_one_person_and_shop_and_counts_for_who_takes_part_alone(
    campaigns: Campaigns, game: dict[str, Any]
) -> None:
    person, other = await an_ambassador(campaigns, game), await an_ambassador(campaigns, game)
    shop, another, receipt = await campaigns.a_merchant(), await campaigns.a_merchant(), uuid4()
    assert (await hand_in(campaigns, shop, receipt, person))[0] == 200
    assert (await hand_in(campaigns, shop, receipt, other))[0] == 409
    assert (await hand_in(campaigns, another, receipt, person))[0] == 409
    owner = Grant(Role.merchant, campaigns.city, another)
    assert (await hand_in(campaigns, another, uuid4(), other, owner))[1]["reason"] == "declared-tie"
    assert (await hand_in(campaigns, another, uuid4(), uuid4()))[1]["reason"] == "not-enrolled"
    assert (await hand_in(campaigns, uuid4(), uuid4(), person))[0] == 422
    wrong = uuid4()
    await hand_in(campaigns, shop, wrong, person)
    await deliver(campaigns.service, news(campaigns, another, wrong))

    assert await accounts(campaigns, game, person) == (0, 0, 0)
    data = await campaigns.client.get("/api/v1/people/me/data/campaigns", headers=campaigns.as_person(person))
    assert [each["stands"] for each in data.json()["data"]["corrections handed in"]] == [None, None]

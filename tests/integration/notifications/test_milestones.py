"""Milestones: told once for ever, to those who have an account."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from unittest.mock import Mock

from chassis.clock import utc_now
from chassis.ids import new_id
from chassis.received import Received
from contracts.assessment.v1 import AssessmentCompleted
from contracts.campaigns.v1 import CampaignStarted
from contracts.directory.v1 import MerchantClaimed, MerchantClosed
from contracts.envelope import Decoder, Event
from contracts.notifications.v1 import FACTS, AudienceMilestoneReached
from services.notifications.merchants.claimed import claimed_among
from services.notifications.merchants.projection import Claim, project
from tests.support.notifications import Notifications, soon

decoder = Decoder({fact.TYPE: fact for fact in FACTS})


async def told(notifications: Notifications, merchant: object) -> list[tuple[str, str]]:
    rows = await notifications.rows(
        "SELECT kind, reason FROM notification WHERE recipient_id = :id ORDER BY sequence", id=merchant
    )
    return [(row[0], row[1]) for row in rows]


async def test_a_milestone_is_told_once_even_when_the_count_falls_and_rises(
    notifications: Notifications,
) -> None:
    async with notifications.running():
        merchant = await notifications.a_merchant()
        reviews = [notifications.review(merchant) for _ in range(5)]
        for review in reviews:
            await notifications.publish(review)
            await notifications.caught_up("notifications__reactions")
        await notifications.publish(*(notifications.withdrawal(review) for review in reviews[:3]))
        await notifications.caught_up("notifications__reactions")
        await notifications.publish(*(notifications.review(merchant) for _ in range(4)))
        await notifications.caught_up("notifications__reactions")
        assert await told(notifications, merchant) == [("first", "review:1"), ("milestone", "review:5")]
        assert await notifications.value("SELECT sum(count) FROM milestone_count") == 6


async def test_a_claim_waits_for_a_milestone_that_is_being_reached(notifications: Notifications) -> None:
    """Else neither would tell: the milestone found no account, the welcome no milestone."""
    merchant = new_id()
    claimed = MerchantClaimed(city_id=notifications.city, merchant_id=merchant, version=2)
    event = Event.of(claimed, utc_now())
    heard = Received(event.id, event.time, claimed, replayed=False, traceparent=None, message=Mock())

    async def hear_of_the_claim() -> list[Claim]:
        async with notifications.database.transaction() as tx:
            return await project(tx, [heard])

    async with notifications.database.transaction() as reaching:
        assert await claimed_among(reaching, {merchant: notifications.city}) == set()
        claiming = asyncio.create_task(hear_of_the_claim())
        done, _ = await asyncio.wait([claiming], timeout=0.5)
        assert not done, "the claim did not wait"
    assert [claim.merchant_id for claim in await claiming] == [merchant]


async def test_a_leap_is_kept_in_full_and_told_by_its_highest(notifications: Notifications) -> None:
    merchant = new_id()
    await notifications.publish(*(notifications.review(merchant) for _ in range(30)))
    async with notifications.running():
        await notifications.caught_up("notifications__reactions")
        assert await told(notifications, merchant) == []
        thresholds = await notifications.rows("SELECT threshold FROM milestone ORDER BY 1")
        assert [row[0] for row in thresholds] == [1, 5, 10, 25]
        bodies = await notifications.rows("SELECT body FROM outbox")
        facts = [event.fact for row in bodies if (event := decoder.decode(row[0]))]
        reached = sorted(fact.threshold for fact in facts if isinstance(fact, AudienceMilestoneReached))
        assert reached == [1, 5, 10, 25]


async def test_one_notification_names_the_highest_of_several(notifications: Notifications) -> None:
    async with notifications.running():
        merchant = await notifications.a_merchant()
    await notifications.publish(*(notifications.review(merchant) for _ in range(30)))
    async with notifications.running() as client:
        await notifications.caught_up("notifications__reactions")
        feed = await notifications.feed(client, merchant)
        assert [each["data"]["threshold"] for each in feed] == [25]


async def test_the_unclaimed_are_not_told_and_find_a_summary_when_they_claim(
    notifications: Notifications,
) -> None:
    async with notifications.running() as client:
        merchant = await notifications.a_merchant(claimed=False)
        await notifications.publish(*(notifications.review(merchant) for _ in range(6)))
        await notifications.publish(notifications.share(merchant))
        await notifications.caught_up("notifications__reactions")
        assert await told(notifications, merchant) == []
        await notifications.claim(merchant)
        await notifications.eventually(lambda: told(notifications, merchant))
        (welcome,) = await notifications.feed(client, merchant)
        assert welcome["kind"] == "welcome"
        assert welcome["data"]["totals"] == {"review": 6, "share": 1}
        assert (
            welcome["text"] == "Before you came, citizens had done something for your shop 7 times already."
        )


async def test_a_campaign_is_told_once_to_the_claimed_in_its_area(notifications: Notifications) -> None:
    district, elsewhere = new_id(), new_id()
    async with notifications.running():
        inside = await notifications.a_merchant(districts=(district,))
        outside = await notifications.a_merchant(districts=(elsewhere,))
        other_kind = await notifications.a_merchant(districts=(district,), kind="shop=books")
        unclaimed = await notifications.a_merchant(districts=(district,), claimed=False)
        not_chosen = await notifications.a_merchant(districts=(district,))
        closed = await notifications.a_merchant(districts=(district,))
        await notifications.publish(MerchantClosed(city_id=notifications.city, merchant_id=closed, version=3))
        await notifications.eventually(
            lambda: notifications.rows("SELECT 1 FROM merchant WHERE closed_version > 0")
        )

        def started(version: int) -> CampaignStarted:
            return CampaignStarted(
                city_id=notifications.city,
                campaign_id=campaign,
                version=version,
                starts_at=utc_now(),
                ends_at=soon(),
                district_ids=(district,),
                kinds=("shop=bakery",),
                merchant_ids=(inside, outside, other_kind, unclaimed, closed),
            )

        campaign = new_id()
        await notifications.publish(started(2), started(3))
        # The bus may say that nothing is left before it has counted what came a moment ago.
        await notifications.eventually(lambda: notifications.rows("SELECT 1 FROM notification"))
        await notifications.caught_up("notifications__reactions")
        rows = await notifications.rows("SELECT recipient_id, kind, reason FROM notification")
        assert rows == [(inside, "campaign-begins", str(campaign))]
        assert {outside, other_kind, unclaimed, not_chosen, closed}.isdisjoint(row[0] for row in rows)


async def test_a_campaign_that_is_over_is_no_news(notifications: Notifications) -> None:
    async with notifications.running():
        await notifications.a_merchant()
        over = utc_now() - timedelta(hours=1)
        await notifications.publish(
            CampaignStarted(
                city_id=notifications.city, campaign_id=new_id(), version=1, starts_at=over, ends_at=over
            )
        )
        await notifications.caught_up("notifications__reactions")
        assert await notifications.rows("SELECT 1 FROM notification") == []


async def test_the_next_notification_names_the_first_step_of_the_newest_assessment_once(
    notifications: Notifications,
) -> None:
    def completed(step: str) -> AssessmentCompleted:
        return AssessmentCompleted(
            city_id=notifications.city,
            assessment_id=new_id(),
            merchant_id=merchant,
            questionnaire="digital-maturity",
            questionnaire_version=1,
            score=40,
            recommendations=(step, "seo-basics"),
        )

    async with notifications.running() as client:
        merchant = await notifications.a_merchant()
        await notifications.publish(completed("answer-reviews"))
        await notifications.publish(completed("customer-file"), at=utc_now() - timedelta(days=1))
        await notifications.eventually(
            lambda: notifications.rows(
                "SELECT 1 FROM inbox WHERE consumer = 'notifications__advice' OFFSET 1"
            )
        )
        await notifications.publish(notifications.review(merchant))
        await notifications.caught_up("notifications__reactions")
        await notifications.publish(notifications.share(merchant))
        await notifications.caught_up("notifications__reactions")
        first, second = await notifications.feed(client, merchant)
        assert first["text"].endswith("Your first recommended step: Answer reviews, in two sentences.")
        assert "recommended step" not in second["text"]


async def test_republish_tells_again_what_was_told_under_the_same_ids(notifications: Notifications) -> None:
    from services.notifications.main import HISTORY

    async with notifications.running() as client:
        merchant = await notifications.a_merchant()
        await notifications.agree(client, merchant, "fr", "zoe@shop.example")
        refusing = await notifications.a_merchant()
        await notifications.agree(client, refusing, "fr", "no@shop.example")
        notifications.mailbox.refuse["no@shop.example"] = ["550 no such mailbox"]
        await notifications.publish(notifications.review(merchant), notifications.review(refusing))
        done = "SELECT 1 FROM delivery WHERE state IN ('sent', 'failed_for_good') OFFSET 1"
        await notifications.eventually(lambda: notifications.rows(done))
        recorded = {row[0]: bytes(row[1]) for row in await notifications.rows("SELECT id, body FROM outbox")}
        async with notifications.database.connection() as connection:
            again = [event async for event in HISTORY(connection)]
    assert {event.id for event in again} == recorded.keys()
    assert len(again) == 4
    for event in again:
        assert decoder.decode(recorded[event.id]) == event

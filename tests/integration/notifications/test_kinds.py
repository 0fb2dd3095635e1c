"""What merchants are told beside milestones: each once for ever, with why, and only those with an account."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from chassis.clock import utc_now
from chassis.ids import new_id
from contracts.assessment.v1 import (
    AssessmentCompleted,
    CoachingSeatOffered,
    ReassessmentDue,
    SessionSeatGiven,
)
from contracts.campaigns.v1 import AmbassadorPhotoPosted, CampaignEnded, CampaignStarted
from contracts.directory.v1 import MerchantClaimDisputed, MerchantClaimed
from contracts.envelope import Event, Fact
from services.notifications.advice.next_step import tell_next_steps
from services.notifications.contributions.domain import local_day
from services.notifications.growth.domain import monday_of
from services.notifications.growth.rises import tell_rises
from services.notifications.main import build
from tests.support.delivered import deliver
from tests.support.notifications import Notifications


async def test_a_campaign_ends_with_its_results_and_offers_are_told_once_to_those_with_an_account(
    notifications: Notifications,
) -> None:
    service = build(notifications.settings, keys=notifications.issuer.keys())
    street, now = new_id(), utc_now()
    async with notifications.running() as client:
        shop = await notifications.a_merchant(districts=(street,))
        neighbour = await notifications.a_merchant(claimed=False, districts=(street,))
        elsewhere = await notifications.a_merchant()
    campaign: dict[str, Any] = {"city_id": notifications.city, "campaign_id": new_id()}
    begins, ends = now - timedelta(days=20), now - timedelta(days=2)
    run: dict[str, Any] = {"starts_at": begins, "ends_at": ends, "district_ids": (street,)}
    started = Event.of(CampaignStarted(**campaign, version=1, **run), begins)
    ended = Event.of(CampaignEnded(**campaign, version=2, ended_at=ends), ends)
    photo = AmbassadorPhotoPosted(
        city_id=notifications.city, contribution_id=new_id(), merchant_id=shop, contributor_id=new_id()
    )
    during = [photo, *(notifications.share(each) for each in (shop, neighbour, neighbour, elsewhere))]
    await deliver(service, *(Event.of(fact, begins + timedelta(days=3)) for fact in during))
    await deliver(service, Event.of(notifications.review(neighbour), begins - timedelta(days=5)))
    about: dict[str, Any] = {"city_id": notifications.city, "merchant_id": shop}
    soon = now + timedelta(days=3)
    offers: list[Fact] = [
        CoachingSeatOffered(
            **about, offer_id=new_id(), group_id=new_id(), request_id=new_id(), expires_at=soon
        ),
        CoachingSeatOffered(
            **about, offer_id=new_id(), group_id=new_id(), request_id=new_id(), expires_at=begins
        ),
        SessionSeatGiven(**about, registration_id=new_id(), session_id=new_id(), starts_at=soon),
        ReassessmentDue(**about, assessment_id=new_id(), assessed_at=now - timedelta(days=200)),
        SessionSeatGiven(
            **(about | {"merchant_id": neighbour}),
            registration_id=new_id(),
            session_id=new_id(),
            starts_at=soon,
        ),
    ]
    told = [Event.of(fact, now) for fact in offers]
    again = Event.of(MerchantClaimed(city_id=notifications.city, merchant_id=shop, version=5), now)
    dispute = MerchantClaimDisputed(city_id=notifications.city, merchant_id=shop, dispute_id=new_id())
    disputed = Event.of(dispute, now)
    await deliver(service, ended)  # before it was heard that it began
    for _ in range(2):
        await deliver(service, started, ended)
        await deliver(service, *told)
        await deliver(service, again, disputed)

    async with notifications.running() as client:
        feed = {each["kind"]: each for each in await notifications.feed(client, shop)}
        other = [each["kind"] for each in await notifications.feed(client, elsewhere)]
    assert feed.keys() == {
        "first",
        "milestone",
        "campaign-ends",
        "coaching-offered",
        "seat-given",
        "reassessment-due",
        "account-changed",
        "claim-disputed",
    }
    assert other == ["milestone"]
    results = feed["campaign-ends"]
    assert [results["data"][name] for name in ("own", "around", "shops")] == [2, 4, 2]
    assert results["text"].startswith(
        "While it ran, citizens did something for your shop 2 times. Around you"
    )
    assert results["because"] == "You get this because your shop lies where the campaign ran."
    assert feed["first"]["title"] == "The first photo of your shop"
    behind = {kind: each["data"]["events"] for kind, each in feed.items()}
    assert behind["coaching-offered"] == [str(told[0].id)]
    assert behind["account-changed"] == [str(again.id)]
    assert await notifications.value("SELECT count(*) FROM notification WHERE kind = 'seat-given'") == 1


async def test_a_rise_beyond_chance_is_told_once_in_the_week_after_and_a_step_nobody_named_after_a_week(
    notifications: Notifications,
) -> None:
    service = build(notifications.settings, keys=notifications.issuer.keys())
    week = monday_of(local_day(utc_now())) - timedelta(weeks=4)
    noon = datetime.fromisoformat(f"{week}T12:00:00+00:00")
    async with notifications.running():
        grows, flat = await notifications.a_merchant(), await notifications.a_merchant()
        unclaimed = await notifications.a_merchant(claimed=False)
    reviews = []
    for weeks_ago in range(9):
        amounts = {
            grows: 9 if weeks_ago == 0 else weeks_ago % 2,
            flat: 1,
            unclaimed: 9 * (weeks_ago == 0) + 1,
        }
        at = noon - timedelta(weeks=weeks_ago)
        reviews += [
            Event.of(notifications.review(each), at) for each, count in amounts.items() for _ in range(count)
        ]
    await deliver(service, *reviews)
    before = await notifications.rows("SELECT id FROM notification")
    tuesday = noon + timedelta(days=8)
    sunday_night = noon + timedelta(days=6, hours=14)  # Monday at three in Brussels
    assert await tell_rises(notifications.database, sunday_night) == 0
    assert await tell_rises(notifications.database, tuesday) == 1
    assert await tell_rises(notifications.database, tuesday) == 0
    await notifications.execute("UPDATE judged_week SET done_at = NULL, after_merchant = NULL")
    assert await tell_rises(notifications.database, tuesday) == 0  # told once, for ever

    assessed = AssessmentCompleted(
        city_id=notifications.city,
        assessment_id=new_id(),
        merchant_id=flat,
        questionnaire="walloon-axes",
        questionnaire_version=1,
        score=40,
        recommendations=("answer-reviews",),
    )
    await deliver(service, Event.of(assessed, noon))
    assert await tell_next_steps(notifications.database, noon + timedelta(days=6)) == 0
    assert await tell_next_steps(notifications.database, noon + timedelta(days=8)) == 1
    assert await tell_next_steps(notifications.database, noon + timedelta(days=9)) == 0

    rows = "SELECT recipient_id, kind, data FROM notification WHERE id <> ALL(:before) ORDER BY kind"
    step, rise = await notifications.rows(rows, before=[row[0] for row in before])
    assert (step[0], step[1], step[2]["first_step"]) == (flat, "next-step", "answer-reviews")
    assert (rise[0], rise[1], rise[2]["week"]) == (grows, "unusual-rise", week.isoformat())
    assert rise[2]["rises"] == [{"kind": "review", "count": 9, "median": 1}]
    of_the_week = {str(event.fact.contribution_id) for event in reviews if event.time == noon}
    assert len(rise[2]["contributions"]) == 9
    assert of_the_week.issuperset(rise[2]["contributions"])

"""What officers, consultants and shops are told of goals, queues, requests, answers and reports."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from chassis.clock import utc_now
from chassis.ids import new_id
from contracts.assessment.v1 import TrainingRequested
from contracts.campaigns.moderation import (
    ContributionReported,
    ModerationDecided,
    ModerationQueueWaited,
    ReportedContributionWithdrawn,
)
from contracts.campaigns.photos import ReusedPhotoTakenBack
from contracts.campaigns.v1 import (
    AmbassadorReviewPosted,
    GoalReached,
    MerchantAnswered,
    MerchantAnswerRemoved,
)
from contracts.envelope import Event
from services.notifications.addressing.job import Addressing
from services.notifications.addressing.who import Who
from services.notifications.main import build
from services.notifications.people.answered import ask_for_answers
from tests.integration.notifications.test_people import MINE, decision
from tests.support.delivered import deliver
from tests.support.notifications import Notifications


def reports_of(notifications: Notifications, shop: UUID, review: UUID) -> tuple[Event[Any], ...]:
    """A report, its decision, one on appeal, the end of a later one; a decision about what was held."""
    about: dict[str, Any] = {"merchant_id": shop, "contribution_id": review}
    reported = ContributionReported(city_id=notifications.city, case_id=new_id(), kind="review", **about)
    removed = decision(notifications, new_id(), reported=True, **about)
    stays = {"outcome": "published", "ground": "no-rule-broken", "appellant": "author"}
    appeal = decision(notifications, new_id(), reported=True, **about, **stays)
    end = ReportedContributionWithdrawn(city_id=notifications.city, case_id=new_id(), kind="review", **about)
    held = decision(notifications, new_id(), merchant_id=shop)
    now = utc_now()
    facts = (reported, removed, appeal, end, held)
    return tuple(Event.of(fact, now + timedelta(seconds=after)) for after, fact in enumerate(facts))


async def test_goals_and_queues_reach_officers_requests_consultants_and_shops_hear_of_answers_and_reports(
    notifications: Notifications,
) -> None:
    service = build(notifications.settings, keys=notifications.issuer.keys())
    who, city = Who(notifications.settings), notifications.city
    addressing = Addressing(notifications.database, who, utc_now)
    officer, consultant, elsewhere, deputy, deputies = uuid4(), uuid4(), uuid4(), uuid4(), new_id()
    notifications.directory.holders += [
        {"city_id": str(city), "role": "city_officer", "person_id": str(officer)},
        {"city_id": str(city), "role": "consultant", "person_id": str(consultant)},
        {"city_id": str(new_id()), "role": "consultant", "person_id": str(elsewhere)},
        *(
            {"city_id": str(deputies), "role": "city_officer", "person_id": str(who)}
            for who in (officer, deputy)
        ),
    ]
    async with notifications.running():
        shop, answers_all = await notifications.a_merchant(), await notifications.a_merchant()
    goal = GoalReached(city_id=city, goal_id=new_id(), campaign_id=new_id(), figure="reviews", target=1200)
    asked = [
        TrainingRequested(city_id=city, request_id=new_id(), merchant_id=shop, wish="visit") for _ in range(2)
    ]
    sorts = {"held": 1, "reported": 1, "appeals": 1, "overdue": 1}
    since, today = utc_now() - timedelta(days=4), utc_now().date()
    appeals = {"deputy_city_id": deputies, "oldest_appeal_since": since}
    about = {"city_id": city, "wait_id": new_id(), "day": today, "oldest_since": since}
    queue = ModerationQueueWaited(**about, **sorts, **appeals)  # type: ignore[arg-type]
    monday = datetime(2026, 11, 23, 9, tzinfo=UTC)
    wednesday = monday - timedelta(days=5)
    waiting, taken_back, answered, old = (notifications.review(shop) for _ in range(4))
    good = notifications.review(answers_all)

    def answer_to(review: AmbassadorReviewPosted) -> dict[str, Any]:
        about = {"contribution_id": review.contribution_id, "merchant_id": review.merchant_id}
        return {"city_id": city, "answer_id": new_id(), **about}

    removed, *stay = answer_to(taken_back), answer_to(answered), answer_to(good)
    answers = [MerchantAnswered(**each, contributor_id=new_id()) for each in (removed, *stay)]
    reports = reports_of(notifications, shop, good.contribution_id)
    photo_gone = ReusedPhotoTakenBack(
        city_id=city, contribution_id=new_id(), merchant_id=shop, posted_on=date(2026, 11, 16)
    )
    of_nobody, of_years_ago = (
        reports_of(notifications, each, new_id())[0] for each in (new_id(), answers_all)
    )
    for _ in range(2):
        await deliver(service, *reports, of_nobody, Event.of(of_years_ago.fact, monday - timedelta(days=400)))
        await deliver(service, *(Event.of(fact, utc_now()) for fact in (goal, queue, *asked, photo_gone)))
        await deliver(service, *(Event.of(fact, wednesday) for fact in (waiting, taken_back, answered, good)))
        await deliver(service, Event.of(old, monday - timedelta(days=50)))
        await deliver(service, Event.of(MerchantAnswerRemoved(**removed), monday))
        await deliver(service, *(Event.of(answer, wednesday) for answer in answers))
    await addressing.tell_all()
    database = notifications.database
    told = [await ask_for_answers(database, monday + timedelta(days=days)) for days in (-7, 0, 1, 7)]
    assert told == [0, 1, 0, 0]

    async with notifications.running() as client:

        async def titles(person: UUID) -> list[tuple[str, str | None]]:
            headers = notifications.issuer.headers(person) | {"Accept-Language": "en"}
            items = (await client.get(MINE, headers=headers)).json()["items"]
            return [(each["title"], each["path"]) for each in items]

        desk = f"/desk/campaigns/{goal.campaign_id}"
        of_queue = ("3 contributions wait for a decision", f"/desk/cities/{city}/moderation")
        of_appeals = ("Appeals of another town wait for you, as its named deputy", of_queue[1])
        assert await titles(deputy) == [of_appeals]
        reached = ("A campaign has reached a goal", desk)
        assert sorted(await titles(officer)) == [of_queue, reached, of_appeals], "of both cities: both"
        assert await titles(consultant) == [("1 shop asks for help", "/desk/calls")] * 2
        assert await titles(elsewhere) == []
        items = await notifications.feed(client, shop)
        feed = {each["kind"]: each for each in items}
        assert feed["answer-needed"]["title"] == "2 reviews wait for your answer"
        named = {str(each.contribution_id) for each in (waiting, taken_back)}
        assert set(feed["answer-needed"]["data"]["contributions"]) == named
        assert feed["photo-taken-back"]["text"].startswith(
            "Whoever showed your shop with it on 16 November 2026 has deleted it here, and their name."
        )
        assert feed["photo-taken-back"]["path"] == f"/shops/{shop}/photos"
        of_reports = [each for each in items if each["kind"] == "contribution-reported"]
        assert [each["data"]["events"] for each in of_reports] == [[str(each.id)] for each in reports[:4]]
        assert of_reports[0]["title"] == "A review of your shop was reported"
        assert [each["text"] for each in of_reports[1:]] == [
            "Your town has decided: it was removed. The reason: The text insults or threatens somebody.",
            "Somebody else has looked at it after an appeal: it is public. "
            "The reason: No rule is broken. Criticism stays, however severe.",
            "Its author has taken it back: it is public no more, and there is nothing left to decide.",
        ]
        assert of_reports[0]["path"] == f"/shops/{shop}/reviews"
        said = str(of_reports)
        authors = {each.fact.contributor_id for each in reports if isinstance(each.fact, ModerationDecided)}
        assert not any(str(each) in said for each in authors), "nor who wrote it"
        other = {each["kind"] for each in await notifications.feed(client, answers_all)}
        assert not other & {"answer-needed", "contribution-reported"}
    await who.close()
    await service.database.close()

"""A merchant reads how a week went beside its own weeks, last year and its peers, in numbers and words."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import httpx

from chassis.clock import utc_now
from chassis.ids import new_id
from contracts.campaigns.v1 import CampaignEnded, CampaignExtended, CampaignStarted
from contracts.envelope import Event, Fact
from services.notifications.contributions.domain import local_day
from services.notifications.growth.domain import monday_of
from tests.support.notifications import Notifications

WEEK = monday_of(local_day(utc_now())) - timedelta(weeks=1)


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def weeks_ago(number: int) -> datetime:
    return noon(WEEK - timedelta(weeks=number) + timedelta(days=2))


async def growth(
    notifications: Notifications, client: httpx.AsyncClient, merchant: UUID, **query: str
) -> dict[str, Any]:
    answer = await client.get(
        f"/api/v1/audience/{merchant}/growth",
        params=query,
        headers=notifications.owner(merchant) | {"Accept-Language": "en"},
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found | {"kinds": {each["kind"]: each for each in found["kinds"]}}


async def test_a_week_is_held_against_own_weeks_last_year_and_peers_and_after_a_campaign_no_fall_is_sold(
    notifications: Notifications,
) -> None:
    street, campaign_street = new_id(), new_id()
    async with notifications.running() as client:
        grows = await notifications.a_merchant(districts=(street,))
        peers = [await notifications.a_merchant(claimed=False, districts=(street,)) for _ in range(5)]
        await notifications.a_merchant(claimed=False, districts=(street,), kind="shop=shoes")
        quiet = await notifications.a_merchant(districts=(campaign_street,))
        told: list[Event[Fact]] = []
        for number in range(9):
            amounts = {grows: 12 if number == 0 else 1, quiet: 2 if number == 0 else 20}
            amounts |= dict.fromkeys(peers[:3], 1)
            for merchant, amount in amounts.items():
                told += [Event.of(notifications.review(merchant), weeks_ago(number)) for _ in range(amount)]
        told += [Event.of(notifications.review(grows), weeks_ago(number)) for number in (51, 52, 53, 54)]
        told += [Event.of(notifications.review(grows), utc_now())]  # of this week, which is not over
        campaign: dict[str, Any] = {"city_id": notifications.city, "campaign_id": new_id()}
        ends: list[Fact] = [
            CampaignStarted(
                **campaign,
                version=1,
                starts_at=weeks_ago(6),
                ends_at=weeks_ago(-9),
                district_ids=(campaign_street,),
            ),
            CampaignExtended(**campaign, version=2, ends_at=weeks_ago(-10)),
            CampaignEnded(**campaign, version=3, ended_at=weeks_ago(1)),
        ]
        told += [Event.of(fact, weeks_ago(1)) for fact in reversed(ends)]
        await notifications.publish_events(told)
        await notifications.caught_up()

        found = await growth(notifications, client, grows)
        assert found["first_day"] == WEEK.isoformat()
        review = found["kinds"]["review"]
        assert review["count"] == 12
        assert review["own"] == {"weeks": 8, "median": 1, "total": 8, "verdict": "rise"}
        assert review["last_year"] == {"weeks": 3, "median": 1, "total": 3, "verdict": "rise"}
        assert review["peers"] == {"shops": 5, "median": 1, "verdict": "usual"}
        assert review["text"].startswith(
            "12 reviews. Usually it is 1 a week: this is more than chance gives."
        )
        assert "Of 5 shops of your kind around you, half had 1 or fewer." in review["text"]
        assert found["kinds"]["photo"]["own"]["verdict"] == "usual"
        assert (found["campaign_running"], found["campaign_over"]) == (False, False)

        after = await growth(notifications, client, quiet)
        assert after["campaign_over"]
        review = after["kinds"]["review"]
        assert (review["count"], review["own"]["verdict"]) == (2, "after-campaign")
        assert (review["last_year"], review["peers"]) == (None, None)
        during = await growth(notifications, client, quiet, week=weeks_ago(3).date().isoformat())
        assert during["campaign_running"]
        assert during["kinds"]["review"]["own"]["verdict"] == "usual"

        for asked in (utc_now().date().isoformat(), "1999-12-31"):
            refused = await client.get(
                f"/api/v1/audience/{grows}/growth?week={asked}", headers=notifications.owner(grows)
            )
            assert (refused.status_code, refused.json()["field"]) == (422, "week")
        other = notifications.owner(quiet)
        assert (await client.get(f"/api/v1/audience/{grows}/growth", headers=other)).status_code == 403

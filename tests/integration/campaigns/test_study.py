"""Did it work? From a plan and the events of other services to the report."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import StringIO
from itertools import chain
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert

from chassis.identity import Grant, Role
from chassis.ids import new_id
from contracts.envelope import Event
from contracts.notifications.v1 import AudienceMilestoneReached, NotificationOpened
from services.campaigns.follows.tables import following
from services.campaigns.visits.domain import Kind
from services.campaigns.visits.tables import visit_day
from tests.integration.campaigns.studies import (
    START,
    assessed,
    corrected,
    districts,
    happened,
    shops,
    study,
    trained,
    week,
    write,
)
from tests.support.campaigns import Campaigns


async def a_town(campaigns: Campaigns, **plan: Any) -> tuple[dict[str, Any], list[UUID], list[UUID]]:
    """Four districts with a campaign and four without, six shops in each; it started at START."""
    campaigns.now = START
    drawn = await districts(campaigns, 8)
    places = [await shops(campaigns, west, 6) for west in range(8)]
    campaign = await campaigns.a_draft(district_ids=[str(each) for each in drawn[:4]])
    await write(campaigns, campaign, **plan)
    for step in ("schedule", "start"):
        await campaigns.post(f"campaigns/{campaign['id']}/{step}", campaigns.as_officer())
    return campaign, [*chain(*places[:4])], [*chain(*places[4:])]


async def test_an_effect_is_found_in_what_other_services_told(campaigns: Campaigns) -> None:
    campaign, own, others = await a_town(campaigns)
    lively = [assessed(campaigns, each, week(number)) for each in own for number in range(4)]
    usual = [
        assessed(campaigns, each, week(-number)) for each in (*own, *others)[::3] for number in (1, 2, 3)
    ]
    ever = [assessed(campaigns, each, week(number)) for each in others[::3] for number in (0, 1, 2)]
    await happened(campaigns, [*lively, *usual, *ever])
    early = (await study(campaigns, campaign)).json()
    assert (early["verdict"], early["answers"][0]["effect"]) == ("too-early", None)
    assert early["answers"][0]["campaign"]["weekly"] == [0, 8, 8, 8]

    campaigns.now = START + timedelta(days=29)
    found = (await study(campaigns, campaign)).json()
    (answer,) = found["answers"]
    assert (found["verdict"], found["weeks_over"]) == ("rose", 4)
    assert answer["campaign"] == {"merchants": 24, "units": 4, "weekly": [0, 8, 8, 8, 24, 24, 24, 24]}
    assert answer["comparison"]["weekly"] == [0, 8, 8, 8, 8, 8, 8, 0]
    assert answer["effect"]["estimate"] == pytest.approx(0.75)
    assert answer["effect"]["lowest"] <= 0.75 <= answer["effect"]["highest"]
    assert answer["effect"]["p"] == pytest.approx(2 / 70)
    assert answer["placebo"]["p"] == 1
    assert (await study(campaigns, campaign)).json() == found

    answer = await study(campaigns, campaign, ".csv")
    rows = [*csv.DictReader(StringIO(answer.content.decode("utf-8-sig")))]
    weeks = [row for row in rows if row["section"] == "week" and row["group"] == "campaign"]
    assert [(row["week"], row["value"]) for row in weeks][3:5] == [("-1", "8"), ("0", "24")]
    assert {"section": "outcome", "key": "assessment", "group": "", "week": "", "figure": "verdict",
            "value": "rose"} in rows  # fmt: skip
    paper = await study(campaigns, campaign, ".pdf", language="nl")
    assert (paper.content[:5], paper.headers["Content-Language"]) == (b"%PDF-", "nl")
    described = (await campaigns.client.get("/api/v1/campaigns/study/columns")).json()["items"]
    assert [each["column"] for each in described] == [*rows[0]]


async def test_visits_and_followers_are_read_where_they_are_counted(campaigns: Campaigns) -> None:
    campaign, own, _ = await a_town(campaigns, outcomes=["page-visit", "qr-visit", "follow"])
    day = {"merchant_id": own[0], "city_id": campaigns.city,
           "told_visits": 0, "told_visitors": 0, "told_version": 0}  # fmt: skip
    async with campaigns.database.transaction() as tx:
        for kind, at, visitors in (
            (Kind.PAGE, week(0), 5),
            (Kind.SHOP, week(-1), 2),
            (Kind.SHARE, week(0), 9),
        ):
            more = {"kind": kind.value, "day": at.date(), "visits": 30, "visitors": visitors}
            await tx.execute(
                insert(visit_day).values({**day, **more, "id": new_id(), "subject_id": new_id()})
            )
        person = new_id()
        for at, shop in ((week(2), own[0]), (week(3), own[0]), (week(3), own[1])):  # again, and elsewhere
            began = {"id": new_id(), "merchant_id": shop, "contributor_id": person, "followed_at": at}
            over = {"city_id": campaigns.city, "unfollowed_at": at + timedelta(hours=1)}
            await tx.execute(insert(following).values(began | over))
    campaigns.now = START + timedelta(days=29)
    page, code, follow = (await study(campaigns, campaign)).json()["answers"]
    assert page["campaign"]["weekly"] == [0, 0, 0, 0, 5, 0, 0, 0]
    assert code["campaign"]["weekly"] == [0, 0, 0, 2, 0, 0, 0, 0]
    assert follow["campaign"]["weekly"] == [0, 0, 0, 0, 0, 0, 1, 1]
    assert (page["verdict"], page["takes"]["counted"]) == ("too-few-data", 20)


async def test_the_funnel_starts_with_what_ambassadors_did(campaigns: Campaigns) -> None:
    campaign, own, _ = await a_town(campaigns)
    person = uuid4()
    await campaigns.join(campaign, person)
    for each in own[:6]:
        assert (await campaigns.review(each, person)).status_code == 201
    told = [
        AudienceMilestoneReached(
            city_id=campaigns.city, milestone_id=new_id(), merchant_id=each, kind="review", threshold=1,
            reached_at=START,
        )
        for each in own[:5]
    ]  # fmt: skip
    opened = [
        NotificationOpened(
            city_id=campaigns.city, notification_id=new_id(), merchant_id=each, kind="milestone"
        )
        for each in own[:5]
    ]
    await happened(campaigns, [Event.of(each, START) for each in (*told, *opened)])
    await happened(campaigns, [assessed(campaigns, each, START) for each in own[:5]])
    came = [trained(campaigns, each, START) for each in own[:5]]
    await happened(campaigns, came)
    found = (await study(campaigns, campaign)).json()
    done = found["done"]
    assert (done["reviews"], done["merchants-reached"], done["ambassadors"]) == (6, 6, 1)
    assert "done,reviews,campaign,,counted,6" in (await study(campaigns, campaign, ".csv")).text
    counts = {each["step"]: each["merchants"] for each in found["funnel"]}
    assert counts == {
        "reached": 6, "told": 5, "opened": 5, "assessed": 5, "trained": 5, "re-assessed": None,
    }  # fmt: skip
    absent = corrected(came[0], attended=False)
    for order in ([absent, came[0]], [came[0]]):  # in whatever order, and again: the newest holds
        await happened(campaigns, order)
        steps = {
            each["step"]: each["merchants"] for each in (await study(campaigns, campaign)).json()["funnel"]
        }
        assert (steps["assessed"], steps["trained"]) == (5, None)


async def test_without_a_plan_nothing_is_picked_afterwards(campaigns: Campaigns) -> None:
    campaign = await campaigns.a_campaign("schedule", "start", "end")
    found = (await study(campaigns, campaign)).json()
    assert (found["verdict"], found["answers"]) == ("not-fixed", [])
    path = f"/api/v1/campaigns/{campaign['id']}/study"
    elsewhere = campaigns.issuer.headers(uuid4(), Grant(Role.city_officer, city_id=uuid4()))
    assert (await campaigns.client.get(path, headers=elsewhere)).status_code == 403
    assert (await campaigns.client.get(path, headers=campaigns.as_person(uuid4()))).status_code == 403

"""Reviews elsewhere as an outcome: what a machine read before and after, and nothing that people noted."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from services.campaigns.elsewhere.domain import FoundCount, Measure, Source
from services.campaigns.elsewhere.record import record_count
from tests.integration.campaigns.studies import START, districts, shops, study, week, write
from tests.support.campaigns import Campaigns


async def read(
    campaigns: Campaigns, shop: UUID, at: datetime, reviews: int, source: Source = Source.CONNECTED
) -> None:
    count = FoundCount("google", Measure.REVIEWS, at.date(), reviews, source)
    async with campaigns.database.transaction() as tx:
        await record_count(tx, shop, count, START + timedelta(days=40))


async def test_reviews_elsewhere_count_where_they_were_read_before_and_after(campaigns: Campaigns) -> None:
    campaigns.now = START
    drawn = await districts(campaigns, 2)
    own, others = [await shops(campaigns, west, 7) for west in range(2)]
    campaign = await campaigns.a_draft(district_ids=[str(drawn[0])])
    await write(campaigns, campaign, outcomes=["reviews-elsewhere"])
    for step in ("schedule", "start"):
        await campaigns.post(f"campaigns/{campaign['id']}/{step}", campaigns.as_officer())
    for shop in (*own[:5], *others[:5]):
        await read(campaigns, shop, week(-8), 100)
        await read(campaigns, shop, week(-2), 102)
    for shop in own[:5]:
        await read(campaigns, shop, week(1), 105)
    # A machine reads it for the first time; people noted what they saw.
    await read(campaigns, own[5], week(-1), 10)
    await read(campaigns, own[5], week(1), 90)
    for at, reviews in ((week(-8), 1), (week(1), 400)):
        await read(campaigns, own[6], at, reviews, Source.MERCHANT)
    campaigns.now = START + timedelta(days=29)
    (answer,) = (await study(campaigns, campaign)).json()["answers"]
    assert (answer["campaign"]["merchants"], answer["comparison"]["merchants"]) == (5, 5)
    assert answer["campaign"]["weekly"] == [0, 0, 10, 0, 0, 15, 0, 0]
    assert answer["comparison"]["weekly"] == [0, 0, 10, 0, 0, 0, 0, 0]
    assert answer["verdict"] == "too-few-data"


async def test_without_a_figure_from_before_there_are_too_few_data(campaigns: Campaigns) -> None:
    campaigns.now = START
    drawn = await districts(campaigns, 2)
    for west in range(2):
        await shops(campaigns, west, 5)
    campaign = await campaigns.a_draft(district_ids=[str(drawn[0])])
    await write(campaigns, campaign, outcomes=["reviews-elsewhere"])
    for step in ("schedule", "start"):
        await campaigns.post(f"campaigns/{campaign['id']}/{step}", campaigns.as_officer())
    campaigns.now = START + timedelta(days=29)
    assert (await study(campaigns, campaign)).json()["verdict"] == "too-few-data"

"""What is told of visits: sums of a day, now and then, each once."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

from contracts.campaigns.v1 import ShareLinkVisitsCounted
from services.campaigns.visits.counter import VisitCounter
from services.campaigns.visits.domain import Kind, Subject
from services.campaigns.visits.telling import tell_some
from tests.support.campaigns import Campaigns

DAY = datetime(2026, 11, 26, 12, tzinfo=UTC)


async def told(campaigns: Campaigns, after: float) -> int:
    return await tell_some(campaigns.database, DAY + timedelta(seconds=after))


async def sums(campaigns: Campaigns, link: UUID) -> list[tuple[int, int, int]]:
    events = await campaigns.recorded(ShareLinkVisitsCounted)
    facts = [event.fact for event in events if isinstance(event.fact, ShareLinkVisitsCounted)]
    return [(fact.version, fact.visits, fact.visitors) for fact in facts if fact.link_id == link]


async def test_a_link_is_told_of_when_it_grew_and_every_ten_seconds_at_most(campaigns: Campaigns) -> None:
    shop, campaign = uuid4(), uuid4()
    own = Subject(uuid4(), Kind.SHARE, campaigns.city, merchant_id=shop)
    joining = Subject(uuid4(), Kind.JOIN, campaigns.city, campaign_id=campaign)
    page = Subject(shop, Kind.PAGE, campaigns.city, merchant_id=shop)
    counter = VisitCounter(campaigns.database, lambda: DAY)
    for subject in (own, own, joining, page):
        counter.count(subject, "203.0.113.1 Safari")
    await counter.flush()
    assert await told(campaigns, 0) == 2, "pages are told of to nobody"
    counter.count(own, "203.0.113.2 Safari")
    await counter.flush()
    assert [await told(campaigns, after) for after in (1, 9.9, 10, 11, 30)] == [0, 0, 1, 0, 0]
    assert await sums(campaigns, own.id) == [(1, 2, 1), (2, 3, 2)]
    (fact,) = [
        event.fact
        for event in await campaigns.recorded(ShareLinkVisitsCounted)
        if isinstance(event.fact, ShareLinkVisitsCounted) and event.fact.kind == "join"
    ]
    assert (fact.merchant_id, fact.campaign_id, fact.day) == (None, campaign, date(2026, 11, 26))
    await counter.close()


async def test_tellers_side_by_side_tell_each_sum_once_while_it_grows(campaigns: Campaigns) -> None:
    links = [Subject(uuid4(), Kind.SHARE, campaigns.city, merchant_id=uuid4()) for _ in range(40)]
    counters = [VisitCounter(campaigns.database, lambda: DAY) for _ in range(2)]
    for round_ in range(5):
        for link in links:
            for counter in counters:
                counter.count(link, f"203.0.113.{round_} Safari")
        tellers = [told(campaigns, 10.0 * round_) for _ in range(4)]
        await asyncio.gather(*(counter.flush() for counter in counters), *tellers)
    await told(campaigns, 60)
    for link in links:
        versions, visits, visitors = zip(*await sums(campaigns, link.id), strict=True)
        assert list(versions) == [*range(1, len(versions) + 1)]
        assert list(visits) == sorted(set(visits)), "only what grew is told"
        assert (visits[-1], visitors[-1]) == (10, 5)
    for counter in counters:
        await counter.close()

"""What is seen elsewhere is recorded once and told once, whoever finds it, and all that it was is kept."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.clock import utc_now
from chassis.problems import Problem
from contracts.campaigns.v1 import SeenElsewhere, SeenElsewhereTakenBack
from services.campaigns.contributions.domain import brussels_day
from services.campaigns.elsewhere.domain import FoundCount, FoundPost, Measure, PostKind, Source
from services.campaigns.elsewhere.record import Recorded, hide_post, locked_post, record_count, record_post
from services.campaigns.elsewhere.tables import seen_post
from services.campaigns.watch.tables import watched_item, watched_source
from tests.support.campaigns import Campaigns
from tests.support.delivered import deliver
from tests.support.erasures import erasure_of

URL = "https://mastodon.social/@ada/1"


def a_post(**more: Any) -> FoundPost:
    said: dict[str, Any] = {
        "kind": PostKind.POST,
        "source": Source.OPEN,
        "via": "#habay",
        "excerpt": "Bon pain",
    }
    return FoundPost("fediverse", URL, **(said | more))


async def found(campaigns: Campaigns, post: FoundPost, merchant: UUID | None) -> Recorded:
    city = campaigns.city if merchant is None else None
    async with campaigns.database.transaction() as tx:
        return await record_post(tx, post, campaigns.time(), merchant_id=merchant, city_id=city)


async def noted(campaigns: Campaigns, merchant: UUID, figure: float = 12, **more: Any) -> Recorded:
    said: dict[str, Any] = {"day": brussels_day(utc_now()), "source": Source.MERCHANT}
    count = FoundCount("google", Measure.REVIEWS, figure=figure, **(said | more))
    async with campaigns.database.transaction() as tx:
        return await record_count(tx, merchant, count, campaigns.time())


async def hide(campaigns: Campaigns, post_id: UUID, removed_for: str | None = None) -> int:
    async with campaigns.database.transaction() as tx:
        post = await locked_post(tx, seen_post.c.id == post_id)
        assert post is not None
        return await hide_post(tx, post, campaigns.time(), removed_for=removed_for)


async def told(campaigns: Campaigns) -> list[tuple[str, int]]:
    events = await campaigns.recorded()
    return [
        (type(event.fact).__name__, event.fact.version)
        for event in events
        if isinstance(event.fact, SeenElsewhere | SeenElsewhereTakenBack)
    ]


async def test_a_post_that_many_find_at_once_is_recorded_and_told_once(campaigns: Campaigns) -> None:
    merchant = await campaigns.a_merchant()
    recorded = await asyncio.gather(*(found(campaigns, a_post(), merchant) for _ in range(6)))
    assert len({each.id for each in recorded}) == 1
    assert [each.is_new for each in recorded].count(True) == 1
    (event,) = await campaigns.recorded(SeenElsewhere)
    fact = event.fact
    assert isinstance(fact, SeenElsewhere)
    assert (fact.merchant_id, fact.platform, fact.what, fact.source) == (
        merchant, "fediverse", "post", "open-source",
    )  # fmt: skip
    # About the town, and about another shop, it is something else that is said.
    for other in (None, await campaigns.a_merchant()):
        assert (await found(campaigns, a_post(), other)).is_new
        assert not (await found(campaigns, a_post(), other)).is_new


async def test_what_its_source_took_back_comes_again_and_what_an_officer_took_down_does_not(
    campaigns: Campaigns,
) -> None:
    merchant = await campaigns.a_merchant()
    post = (await found(campaigns, a_post(), merchant)).id
    assert [await hide(campaigns, post) for _ in range(2)] == [2, 2]
    assert await found(campaigns, a_post(), merchant) == Recorded(post, 3, is_new=True)
    assert await hide(campaigns, post, "names a child") == 4
    assert await found(campaigns, a_post(), merchant) == Recorded(post, 4, is_new=False)
    assert await told(campaigns) == [
        ("SeenElsewhere", 1),
        ("SeenElsewhereTakenBack", 2),
        ("SeenElsewhere", 3),
        ("SeenElsewhereTakenBack", 4),
    ]


async def test_one_figure_for_each_day_and_source_which_is_corrected_with_history(
    campaigns: Campaigns,
) -> None:
    merchant = await campaigns.a_merchant()
    recorded = await asyncio.gather(*(noted(campaigns, merchant) for _ in range(6)))
    assert len({each.id for each in recorded}) == 1
    assert [each.is_new for each in recorded].count(True) == 1
    corrected = await noted(campaigns, merchant, 13)
    assert corrected == Recorded(recorded[0].id, 2, is_new=True)
    yesterday = brussels_day(utc_now()) - timedelta(days=1)
    others = [
        await noted(campaigns, merchant, day=yesterday),
        await noted(campaigns, merchant, source=Source.OFFICER),
        await noted(campaigns, merchant, profile_id=uuid4()),
    ]
    assert len({each.id for each in others} | {corrected.id}) == 4
    figures = [event.fact.figure for event in await campaigns.recorded(SeenElsewhere)]  # type: ignore[attr-defined]
    assert figures == [12, 13, 12, 12, 12]


async def test_nothing_is_recorded_of_a_shop_that_is_closed_or_of_a_day_to_come(campaigns: Campaigns) -> None:
    merchant, closed = await campaigns.a_merchant(), await campaigns.a_merchant(closed=True)
    with pytest.raises(Problem, match="closed"):
        await noted(campaigns, closed)
    with pytest.raises(Problem, match="closed"):
        await found(campaigns, a_post(), closed)
    with pytest.raises(Problem) as refused:
        await noted(campaigns, merchant, day=brussels_day(utc_now()) + timedelta(days=2))
    assert refused.value.status == 422
    assert await told(campaigns) == []


async def shown_by_a_source(campaigns: Campaigns, post_id: UUID) -> None:
    now = campaigns.time()
    source = {"id": uuid4(), "city_id": campaigns.city, "kind": "feed", "address": f"https://a.be/{post_id}"}
    more = {"tag": "", "added_at": now, "due_at": now, "failures": 0}
    item = {"url": source["address"], "post_id": post_id, "city_id": campaigns.city, "checked_at": now}
    async with campaigns.database.transaction() as tx:
        await tx.execute(watched_source.insert().values(source | more))
        await tx.execute(watched_item.insert().values(item | {"source_id": source["id"]}))


async def test_with_a_shop_that_is_erased_goes_what_was_seen_of_it(campaigns: Campaigns) -> None:
    merchant, other = await campaigns.a_merchant(), await campaigns.a_merchant()
    for each in (merchant, other):
        post = await found(campaigns, a_post(), each)
        await noted(campaigns, each)
        await shown_by_a_source(campaigns, post.id)
    for _ in range(2):
        await deliver(campaigns.service, erasure_of(uuid4(), closed=[merchant]))
    assert not (await found(campaigns, a_post(), other)).is_new
    assert not (await noted(campaigns, other)).is_new
    async with campaigns.database.connection() as connection:
        left = (await connection.execute(seen_post.select())).mappings().all()
        items = (await connection.execute(watched_item.select())).mappings().all()
    assert [row["merchant_id"] for row in left] == [other]
    assert [row["post_id"] for row in items] == [left[0]["id"]]

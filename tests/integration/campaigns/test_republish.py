"""The owner's tables hold the whole history: every event can be told again as it was told."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import text

from chassis import replay
from chassis.clock import utc_now
from chassis.identity import Grant, Role
from chassis.ids import new_id
from contracts.campaigns.v1 import FACTS
from services.campaigns.contributions.domain import Standing
from services.campaigns.elsewhere.domain import FoundCount, FoundPost, Measure, PostKind, Source
from services.campaigns.elsewhere.record import hide_post, locked_post, record_count, record_post
from services.campaigns.elsewhere.tables import seen_post
from services.campaigns.goals.watch import note_goals
from services.campaigns.main import HISTORY
from services.campaigns.moderation.waiting import tell_waiting
from services.campaigns.thanks import count_week
from services.campaigns.visits.counter import VisitCounter
from services.campaigns.visits.domain import Kind, Subject
from services.campaigns.visits.telling import tell_some
from tests.support.campaigns import Campaigns
from tests.support.delivered import deliver
from tests.support.erasures import erasure_of
from tests.support.pictures import photo


def in_forty_days() -> str:
    return (utc_now() + timedelta(days=40)).isoformat()


async def a_busy_month(campaigns: Campaigns) -> None:
    """Something of every type of event, and of what is told to nobody."""
    goals = [{"figure": "ambassadors", "target": 2}]
    campaign = await campaigns.a_campaign("schedule", "start", goals=goals)
    await campaigns.a_campaign("schedule")
    await campaigns.a_draft()
    people = [uuid4() for _ in range(4)]
    for person in people[:2]:
        await campaigns.join(campaign, person)
    for _ in range(3):
        merchant = await campaigns.a_merchant()
        for person in people:
            posted = await campaigns.review(merchant, person)
            await campaigns.share(merchant, person)
        edited = await campaigns.client.patch(
            f"/api/v1/contributions/{posted.json()['id']}",
            json={"rating": 2},
            headers={"If-Match": "*", **campaigns.as_person(person)},
        )
        assert edited.status_code == 200
        shop = campaigns.issuer.headers(uuid4(), Grant(Role.merchant, campaigns.city, merchant))
        path = f"contributions/{posted.json()['id']}/answer"
        for _ in range(2):
            assert (await campaigns.post(path, shop, {"text": "Merci"}, str(uuid4()))).status_code == 201
            await campaigns.client.delete(f"/api/v1/{path}", headers=shop)
        await campaigns.client.delete(
            f"/api/v1/contributions/{posted.json()['id']}", headers=campaigns.as_person(person)
        )
        sent = await campaigns.photos(merchant, person, photo())
        assert sent.status_code == 201
        taken = await campaigns.client.put(f"/api/v1/contributions/{sent.json()['id']}/reuse", headers=shop)
        assert taken.status_code == 200
        video = {"merchant_id": str(merchant), "url": f"https://vimeo.com/{merchant.int % 10**9}"}
        linked = await campaigns.post("contributions/videos", campaigns.as_person(person), video)
        assert linked.status_code == 201
        follows = f"/api/v1/follows/{merchant}"
        for follower in people:
            followed = await campaigns.client.put(follows, headers=campaigns.as_person(follower))
            assert followed.status_code == 200
        await campaigns.client.delete(follows, headers=campaigns.as_person(person))
        tied = await campaigns.review(merchant, uuid4(), tie="owner")
        assert tied.status_code == 201
        await moderated(campaigns, merchant)
    await campaigns.client.delete(
        f"/api/v1/contributions/{sent.json()['id']}", headers=campaigns.as_person(person)
    )
    path = f"/api/v1/campaigns/{campaign['id']}"
    for change in ({"ends_at": in_forty_days()}, {"name": "Told to nobody"}):
        headers = {**campaigns.as_officer(), "If-Match": "*"}
        assert (await campaigns.client.patch(path, json=change, headers=headers)).status_code == 200
    await campaigns.count()
    await note_goals(campaigns.database, utc_now())
    await campaigns.post(f"campaigns/{campaign['id']}/end", campaigns.as_officer())
    path, told = f"campaigns/{campaign['id']}/evaluate", {"conclusion": "Told to nobody by an event"}
    assert (await campaigns.post(path, campaigns.as_officer(), told)).status_code == 200
    await follow_a_link(campaigns, merchant)
    today = campaigns.time().date()
    assert await count_week(campaigns.database, today - timedelta(days=today.weekday()), campaigns.time())
    await see_elsewhere(campaigns, merchant)
    await deliver(campaigns.service, erasure_of(people[0]))


async def follow_a_link(campaigns: Campaigns, merchant: UUID) -> None:
    """And have it told."""
    link = Subject(new_id(), Kind.SHARE, campaigns.city, merchant_id=merchant)
    counter = VisitCounter(campaigns.database, campaigns.clock)
    counter.count(link, "203.0.113.1 Safari")
    await counter.close()
    assert await tell_some(campaigns.database, utc_now()) == 1


async def see_elsewhere(campaigns: Campaigns, merchant: UUID) -> None:
    """A post that goes and comes again, and a count that is corrected."""
    post = FoundPost("fediverse", "https://mastodon.social/@ada/1", PostKind.POST, Source.CITIZEN)
    for source in (Source.CITIZEN, Source.OPEN):
        async with campaigns.database.transaction() as tx:
            again = replace(post, source=source)
            found = await record_post(tx, again, campaigns.time(), merchant_id=merchant)
            row = await locked_post(tx, seen_post.c.id == found.id)
            assert row is not None
        async with campaigns.database.transaction() as tx:
            await hide_post(tx, row, campaigns.time())
    for figure in (12, 13):
        count = FoundCount("google", Measure.REVIEWS, utc_now().date(), figure, Source.OFFICER)
        async with campaigns.database.transaction() as tx:
            await record_count(tx, merchant, count, campaigns.time())


async def moderated(campaigns: Campaigns, merchant: UUID) -> None:
    """One that is published, removed and reinstated, and one that is held first."""
    first = await campaigns.review(merchant, uuid4())
    for to in (Standing.REMOVED, Standing.PUBLISHED):
        await campaigns.change_standing(first.json()["id"], to)
    held = await campaigns.review(merchant, uuid4(), text="Voir example.org")
    for to in (Standing.PUBLISHED, Standing.HELD, Standing.REMOVED, Standing.PUBLISHED):
        await campaigns.change_standing(held.json()["id"], to)
    body = {"ground": "insult"}
    for reader in ({}, campaigns.as_person(uuid4())):
        path = f"contributions/{first.json()['id']}/reports"
        assert (await campaigns.post(path, reader, body, str(uuid4()))).status_code == 201
    asked, who = {"city": str(campaigns.city)}, campaigns.as_officer()
    noon = (campaigns.time() + timedelta(days=3)).replace(hour=12)
    await tell_waiting(campaigns.database, noon)
    cases = await campaigns.client.get("/api/v1/moderation/cases", params=asked, headers=who)
    for case in cases.json()["items"]:
        path = f"moderation/cases/{case['id']}/decision"
        assert (await campaigns.post(path, who, {"outcome": "removed", **body})).status_code == 201
    author = uuid4()
    path = f"contributions/{(await campaigns.review(merchant, author)).json()['id']}"
    reader = campaigns.as_person(uuid4())
    assert (await campaigns.post(f"{path}/reports", reader, body, str(uuid4()))).status_code == 201
    await campaigns.client.delete(f"/api/v1/{path}", headers=campaigns.as_person(author))


async def test_republished_events_equal_those_that_were_recorded(campaigns: Campaigns) -> None:
    await a_busy_month(campaigns)
    recorded = await campaigns.recorded()
    async with campaigns.database.connection() as connection:
        again = [event async for event in HISTORY(connection)]
    assert {type(event.fact) for event in again} == set(FACTS)
    assert sorted(again, key=lambda event: event.id) == recorded
    assert [event.time for event in again] == sorted(event.time for event in again)


async def test_republishing_fills_an_outbox_that_was_lost_and_marks_it_as_replayed(
    campaigns: Campaigns,
) -> None:
    await a_busy_month(campaigns)
    recorded = await campaigns.recorded()
    async with campaigns.database.transaction() as tx:
        await tx.execute(text("DELETE FROM outbox"))
    queued = [total async for total in replay.republish(campaigns.database, HISTORY)]
    assert queued[-1] == len(recorded)
    assert await campaigns.recorded() == recorded
    async with campaigns.database.connection() as connection:
        assert await connection.scalar(text("SELECT bool_and(replayed) FROM outbox"))


async def test_facts_are_read_in_portions(campaigns: Campaigns) -> None:
    """Through server-side cursors: the first fact is there before the last row was fetched."""
    await a_busy_month(campaigns)
    async with campaigns.database.connection() as connection:
        facts = HISTORY(connection)
        await anext(facts)
        cursors = await connection.scalar(text("SELECT count(*) FROM pg_cursors"))
        await asyncio.wait_for(facts.aclose(), 5)  # type: ignore[attr-defined]
    assert cursors

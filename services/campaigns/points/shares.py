"""Ambassadors' links that bring visits: noted once for each link and day, and booked.

Settled from what was counted, whenever it is told: a link of which enough was told before is noted already,
so that telling again, or by another process, does nothing. Robots were never counted; whose visits they
were is not known, and so many are asked for (`LEAST_VISITORS`) that its author's alone are not enough.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, RowMapping, select
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Transaction
from services.campaigns.contributions.domain import BRUSSELS, Candidate, Kind, brussels_day, counting
from services.campaigns.contributions.look_up import look_up
from services.campaigns.contributors import contributor
from services.campaigns.enrolments.tables import enrolment
from services.campaigns.lifecycle.tables import campaign, is_running
from services.campaigns.links.tables import share_link
from services.campaigns.points.domain import LEAST_VISITORS
from services.campaigns.points.ledger import Account, bring, rewarded_by
from services.campaigns.points.tables import deed
from services.campaigns.policy.domain import Action
from services.campaigns.visits.domain import Kind as Way


async def settle_visits(tx: Transaction, counted: Sequence[RowMapping], now: datetime) -> None:
    """Note and book what these rows of `visit_day`, locked by the caller, came to."""
    days = {
        row["subject_id"]: row
        for row in counted
        if row["kind"] == Way.SHARE.value and row["visitors"] >= LEAST_VISITORS
    }
    done = {}
    for link in await _links_of_ambassadors(tx, days):
        day = days[link.id]
        if campaign_id := await _counts_for(tx, link, now):
            account = Account(campaign_id, link.contributor_id, link.city_id)
            done[day["id"]] = account, link, day["day"]
    for cause, (account, link, on) in sorted(done.items(), key=lambda each: each[1][0]):
        if await _note(tx, cause, account, link.merchant_id, _within(on, now)):
            await bring(tx, account, Action.SHARE, on, now)


async def _links_of_ambassadors(tx: Transaction, days: Mapping[UUID, RowMapping]) -> Sequence[Row[Any]]:
    """Whose these are, of those not noted yet whose author takes part in a campaign that runs."""
    if not days:
        return ()
    known = select(deed.c.id).where(deed.c.id.in_([row["id"] for row in days.values()]))
    noted = set((await tx.execute(known)).scalars())
    fresh = [link_id for link_id, row in days.items() if row["id"] not in noted]
    takes_part = (
        select(enrolment.c.id)
        .join(campaign, campaign.c.id == enrolment.c.campaign_id)
        .where(
            enrolment.c.contributor_id == share_link.c.contributor_id,
            enrolment.c.approved_at.is_not(None),
            is_running,
        )
    )
    query = (
        select(share_link, contributor.c.person_id)
        .join(contributor, contributor.c.contributor_id == share_link.c.contributor_id)
        .where(share_link.c.id.in_(fresh), takes_part.exists())
        .order_by(share_link.c.merchant_id, share_link.c.id)
    )
    return (await tx.execute(query)).all()


async def _counts_for(tx: Transaction, link: Row[Any], now: datetime) -> UUID | None:
    """The campaign that what a link brings counts for, as a contribution to its shop would."""
    if link.campaign_id is not None:
        return link.campaign_id if await _is_in(tx, link, now) else None
    found = await look_up(tx, link.person_id, link.merchant_id, Kind.SHARE, now)
    if found is None or found.merchant.setting is None or found.merchant.closed:
        return None
    paying = [each for each in found.candidates if await _pays(tx, each)]
    return counting(found.merchant.setting, paying, found.tie, now).campaign_id


async def _pays(tx: Transaction, candidate: Candidate) -> bool:
    return Action.SHARE in await rewarded_by(tx, candidate.campaign_id)


async def _is_in(tx: Transaction, link: Row[Any], now: datetime) -> bool:
    joined = (
        select(enrolment.c.id)
        .join(campaign, campaign.c.id == enrolment.c.campaign_id)
        .where(
            enrolment.c.campaign_id == link.campaign_id,
            enrolment.c.contributor_id == link.contributor_id,
            enrolment.c.approved_at.is_not(None),
            is_running,
            campaign.c.ends_at > now,
        )
    )
    if (await tx.execute(joined)).first() is None:
        return False
    return Action.SHARE in await rewarded_by(tx, link.campaign_id)


async def _note(
    tx: Transaction, cause: UUID, account: Account, merchant_id: UUID | None, at: datetime
) -> bool:
    new = insert(deed).values(
        **vars(account), id=cause, merchant_id=merchant_id, action=Action.SHARE.value, at=at, stands=True
    )
    return (await tx.execute(new.on_conflict_do_nothing())).rowcount > 0


def _within(day: date, now: datetime) -> datetime:
    """Now, or the last moment of the day: its last visits are told of when it is over."""
    if brussels_day(now) <= day:
        return now
    return datetime.combine(day + timedelta(days=1), time(), BRUSSELS) - timedelta(milliseconds=1)

"""Where somebody could say a word: few shops a week for each person, and few people a week for each shop.

Every suggestion takes one of the places that the shop has in that week on that platform (a key of the table).
In a city one person draws after the other, which takes a few milliseconds: two at once would want the same
places in another order, and lock each other out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    Text,
    and_,
    cast,
    exists,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from services.campaigns.contributors import contributor_of, known_contributor
from services.campaigns.elsewhere.area import Area, merchants_of
from services.campaigns.elsewhere.tables import seen_post
from services.campaigns.enrolments.tables import declared_tie
from services.campaigns.handed_in.tables import hand_in, suggestion
from services.campaigns.places.tables import known_merchant
from services.campaigns.platforms.catalogue import platforms
from services.campaigns.profiles.tables import merchant_profile
from services.campaigns.suggestions.pacing import pacing, week_of

_CANDIDATES = 50
"""Looked at in one draw: more shops than that are taken by others at the same moment in no town."""

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('suggestions of ' || :city, 0))")
_A_WEEK = timedelta(days=7)
_PROFILE = merchant_profile.c
_ABOUT = seen_post.c.shown & (seen_post.c.merchant_id == _PROFILE.merchant_id)
"""Posts about the profile's shop."""


@dataclass(frozen=True)
class Asking:
    """Who asks for suggestions, and where."""

    person_id: UUID
    city_id: UUID
    own_shops: frozenset[UUID]
    """Those that the person runs or works at: nobody praises their own."""


async def draw(tx: Transaction, asking: Asking, today: date) -> None:
    """Fill up this week's suggestions of the person in the city; what they have stays."""
    contributor, week = await contributor_of(tx, asking.person_id), week_of(today)
    await tx.execute(_ONE_AT_A_TIME, {"city": str(asking.city_id)})
    mine = (suggestion.c.contributor_id == contributor) & (suggestion.c.week == week)
    had = (await tx.execute(select(func.count()).where(mine))).scalar_one()
    missing = pacing().shops_a_week - had
    if missing <= 0:
        return
    taken: set[UUID] = set()
    for row in await _candidates(tx, asking, contributor, today):
        if len(taken) == missing:
            return
        if row["merchant_id"] not in taken and await _take_place(tx, row, contributor, week):
            taken.add(row["merchant_id"])


async def of_this_week(connection: AsyncConnection, person_id: UUID, today: date) -> Sequence[RowMapping]:
    """The person's, with the shop's profile on the platform."""
    contributor = await known_contributor(connection, person_id)
    profile = merchant_profile.c
    query = (
        select(suggestion.c.week, profile.merchant_id, profile.platform, profile.url)
        .join(
            merchant_profile,
            and_(profile.merchant_id == suggestion.c.merchant_id, profile.platform == suggestion.c.platform),
        )
        .where(suggestion.c.contributor_id == contributor, suggestion.c.week == week_of(today))
        .ext(distinct_on(profile.merchant_id))
        .order_by(profile.merchant_id, profile.id)
    )
    return (await connection.execute(query)).mappings().all()


async def _candidates(
    tx: Transaction, asking: Asking, contributor: UUID, today: date
) -> Sequence[RowMapping]:
    """Shops with a profile where asking is allowed; those of which least was said come first."""
    week = week_of(today)
    told = _count(
        (suggestion.c.merchant_id == _PROFILE.merchant_id)
        & (suggestion.c.platform == _PROFILE.platform)
        & (suggestion.c.week == week)
    )
    lately = _ABOUT & (seen_post.c.platform == _PROFILE.platform) & (seen_post.c.day > today - _A_WEEK)
    # Among shops of which as little was said, another first for each person and week.
    by_lot = func.md5(cast(_PROFILE.merchant_id, Text) + f"{contributor}{week}")
    allowed = [each.key for each in platforms().values() if each.asking and each.posts]
    query: Select[Any] = (
        select(_PROFILE.merchant_id, _PROFILE.platform, _PROFILE.city_id, told.label("told"))
        .join(known_merchant, known_merchant.c.id == _PROFILE.merchant_id)
        .where(
            merchants_of(Area(city_id=asking.city_id)),
            literal(asking.city_id) != func.all(known_merchant.c.opted_out_of),
            _PROFILE.platform.in_(allowed),
            _PROFILE.merchant_id.not_in(asking.own_shops),
            told < pacing().people_a_week,
            _count(lately) < pacing().enough_in_a_week,
            _is_new_to(contributor, week),
        )
        .order_by(told, _count(_ABOUT), by_lot)
        .limit(_CANDIDATES)
    )
    rows: Sequence[RowMapping] = (await tx.execute(query)).mappings().all()
    return rows


def _is_new_to(contributor: UUID, week: date) -> ColumnElement[bool]:
    """The person has not heard of the shop for long, said nothing of it, and is not tied to it."""
    heard = exists().where(
        suggestion.c.contributor_id == contributor,
        suggestion.c.merchant_id == _PROFILE.merchant_id,
        suggestion.c.week > week - timedelta(weeks=pacing().rest_weeks),
    )
    spoke = exists().where(
        hand_in.c.contributor_id == contributor, hand_in.c.post_id == seen_post.c.id, _ABOUT
    )
    tied = exists().where(
        declared_tie.c.contributor_id == contributor, declared_tie.c.merchant_id == _PROFILE.merchant_id
    )
    return ~(heard | spoke.correlate(merchant_profile) | tied)


async def _take_place(tx: Transaction, row: RowMapping, contributor: UUID, week: date) -> bool:
    """The next place that the shop has; somebody may be quicker, and then it is not taken."""
    values = {
        "merchant_id": row["merchant_id"],
        "platform": row["platform"],
        "week": week,
        "place": row["told"] + 1,
        "city_id": row["city_id"],
        "contributor_id": contributor,
    }
    added = insert(suggestion).values(values).on_conflict_do_nothing().returning(suggestion.c.place)
    return await tx.scalar(added) is not None


def _count(which: Any) -> Any:
    return select(func.count()).where(which).correlate(merchant_profile).scalar_subquery()

"""Handing in a post elsewhere, taking it back, reporting one, and an officer's decision."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Transaction
from chassis.ids import new_id
from chassis.limits import Limit, take
from chassis.problems import conflict, not_found
from services.campaigns.contributors import contributor_of, known_contributor
from services.campaigns.elsewhere.domain import FoundPost
from services.campaigns.elsewhere.record import hide_post, locked_post, record_post, show_again
from services.campaigns.elsewhere.standing import stands
from services.campaigns.elsewhere.tables import seen_post
from services.campaigns.handed_in.tables import hand_in, post_report

BY_PERSON = Limit("links handed in", 10, timedelta(days=1))
"""A day of town: whoever has more is not telling what they saw."""
_GOES_ON = hand_in.c.withdrawn_at.is_(None)


async def hand_in_post(
    tx: Transaction, person_id: UUID, merchant_id: UUID, post: FoundPost, now: datetime
) -> UUID:
    """Hand in a post about the merchant; one that is known is not shown twice. The post's id.

    Raises the problems 404 and 409 of `record_post`, 409 for one that the person handed in already and for
    one that an officer took down, and 429 for more than BY_PERSON in a day.
    """
    await take(tx, [(BY_PERSON, str(person_id))], now)
    recorded = await record_post(tx, post, now, merchant_id=merchant_id)
    known = await locked_post(tx, seen_post.c.id == recorded.id)
    assert known is not None
    if known["removed_for"] is not None:
        raise conflict("taken-down", "The city's officers took this post down. It is not shown again.")
    row = {
        "id": new_id(),
        "city_id": known["city_id"],
        "post_id": known["id"],
        "contributor_id": await contributor_of(tx, person_id),
        "url": post.url,
        "handed_in_at": now,
    }
    once = (
        insert(hand_in)
        .values(row)
        .on_conflict_do_nothing(index_elements=["contributor_id", "url"], index_where=_GOES_ON)
    )
    if await tx.scalar(once.returning(hand_in.c.id)) is None:
        raise conflict("handed-in-already", "You have handed in this post already.")
    return recorded.id


async def withdraw(tx: Transaction, person_id: UUID, post_id: UUID, now: datetime) -> None:
    """Take back what the person handed in, once. The post goes with the last who had handed it in.

    Raises the problem 404 for what is not theirs.
    """
    post = await locked_post(tx, seen_post.c.id == post_id)
    own = hand_in.c.contributor_id == await known_contributor(tx, person_id)
    withdrawn = (
        update(hand_in)
        .where(hand_in.c.post_id == post_id, own, _GOES_ON)
        .values(withdrawn_at=now)
        .returning(hand_in.c.id)
    )
    if post is None or await tx.scalar(withdrawn) is None:
        raise not_found("post")
    if not await stands(tx, post["id"]):
        await hide_post(tx, post, now)


async def report_post(
    tx: Transaction, post_id: UUID, said: tuple[str, str], person_id: UUID | None, now: datetime
) -> UUID:
    """Say on which ground, and in which words, a post should not be shown here; officers are asked to decide.

    Raises the problems 404 for what is not shown, and 409 for a second report of the same person.
    """
    post = await locked_post(tx, seen_post.c.id == post_id)
    if post is None or not post["shown"]:
        raise not_found("post")
    row = {
        "id": new_id(),
        "city_id": post["city_id"],
        "post_id": post_id,
        "ground": said[0],
        "text": said[1],
        "at": now,
        "contributor_id": await contributor_of(tx, person_id) if person_id else None,
    }
    added = insert(post_report).values(row).on_conflict_do_nothing().returning(post_report.c.id)
    stored: UUID | None = await tx.scalar(added)
    if stored is None:
        raise conflict("already-reported", "You have reported this already.")
    return stored


async def take_down(
    tx: Transaction, post: dict[str, Any], ground: str, statement: str, *, by: UUID, now: datetime
) -> None:
    """An officer's decision: the post, locked by the caller, is shown no more, whoever finds it again."""
    await hide_post(tx, post, now, removed_for=ground, statement=statement, person_id=by)
    await _decided(tx, post["id"], now)


async def let_stay(tx: Transaction, post: dict[str, Any], *, by: UUID, now: datetime) -> None:
    """The other one: it stays, or is shown again where somebody still stands for it."""
    if post["removed_for"] is not None:
        await show_again(tx, post, now, person_id=by, sourced=await stands(tx, post["id"]))
    await _decided(tx, post["id"], now)


async def _decided(tx: Transaction, post_id: UUID, now: datetime) -> None:
    waiting = (post_report.c.post_id == post_id) & post_report.c.decided_at.is_(None)
    await tx.execute(update(post_report).where(waiting).values(decided_at=now))

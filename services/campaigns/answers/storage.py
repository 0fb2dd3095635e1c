"""A merchant answers a review once; it may be edited and removed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import outbox
from chassis.database import Transaction
from chassis.history import Source
from chassis.problems import conflict, not_found
from contracts.campaigns.v1 import MerchantAnswered, MerchantAnswerRemoved
from contracts.envelope import Event
from services.campaigns.answers.tables import answer
from services.campaigns.contributions.domain import Contribution
from services.campaigns.contributions.tables import contribution


@dataclass(frozen=True)
class Answer:
    """What the shop says of a review."""

    id: UUID
    city_id: UUID
    merchant_id: UUID
    contribution_id: UUID
    person_id: UUID | None
    text: str
    answered_at: datetime
    version: int = 1
    edited_at: datetime | None = None
    removed_at: datetime | None = None


Answers: TypeAlias = Mapping[UUID, Answer]
"""By the id of the review."""


async def add(
    tx: Transaction, answer_id: UUID, to: Contribution, text: str, *, person_id: UUID, now: datetime
) -> Answer:
    """Answer a review. Raises 409 where the shop, perhaps at the same moment, has answered it."""
    new = Answer(answer_id, to.city_id, to.merchant_id, to.id, person_id, text, now)
    row = asdict(new)
    added = await tx.scalar(
        insert(answer)
        .values(row)
        .on_conflict_do_nothing(index_elements=["contribution_id"], index_where=answer.c.removed_at.is_(None))
        .returning(answer.c.id)
    )
    if added is None:
        raise conflict("already-answered", "This review has an answer of the shop. Edit that one.")
    await outbox.record(tx, _answered(row | {"contributor_id": to.contributor_id}))
    return new


async def locked(tx: Transaction, contribution_id: UUID, *, or_removed: bool = False) -> Answer:
    """The answer to this review, to be changed; where that is wished, the last one removed. Raises 404."""
    query = select(answer).where(answer.c.contribution_id == contribution_id).order_by(answer.c.id.desc())
    if not or_removed:
        query = query.where(answer.c.removed_at.is_(None))
    row = (await tx.execute(query.limit(1).with_for_update())).mappings().first()
    if row is None:
        raise not_found("answer")
    return Answer(**row)


async def edit(tx: Transaction, found: Answer, text: str, person_id: UUID, now: datetime) -> Answer:
    """Say something else. Nothing happens where it is the same."""
    if text == found.text:
        return found
    edited = replace(found, text=text, version=found.version + 1, edited_at=now, person_id=person_id)
    await tx.execute(update(answer).where(answer.c.id == found.id).values(asdict(edited)))
    return edited


async def remove(tx: Transaction, which: ColumnElement[bool], now: datetime) -> None:
    """Those of these that stand, once, in the order of their ids, and tell it; what was said is deleted."""
    standing = which & answer.c.removed_at.is_(None)
    locked_ids = select(answer.c.id).where(standing).order_by(answer.c.id).with_for_update()
    removed = (
        update(answer)
        .where(answer.c.id.in_((await tx.scalars(locked_ids)).all()))
        .values(text="", removed_at=now)
        .returning(answer)
    )
    for row in (await tx.execute(removed)).mappings().all():
        await outbox.record(tx, _removed(row))


def to_reviews(contribution_ids: Collection[UUID]) -> ColumnElement[bool]:
    """The answers to these reviews."""
    return answer.c.contribution_id.in_(contribution_ids)


async def answers_to(connection: AsyncConnection, contribution_ids: Collection[UUID]) -> Answers:
    """Those that are not removed."""
    if not contribution_ids:
        return {}
    of = answer.c.contribution_id.in_(contribution_ids) & answer.c.removed_at.is_(None)
    found = (await connection.execute(select(answer).where(of))).mappings()
    return {row["contribution_id"]: Answer(**row) for row in found}


def _answered(row: Any) -> Event[MerchantAnswered]:
    fact = MerchantAnswered(
        city_id=row["city_id"],
        answer_id=row["id"],
        contribution_id=row["contribution_id"],
        merchant_id=row["merchant_id"],
        contributor_id=row["contributor_id"],
    )
    return Event.of(fact, row["answered_at"])


def _removed(row: Any) -> Event[MerchantAnswerRemoved]:
    fact = MerchantAnswerRemoved(
        city_id=row["city_id"],
        answer_id=row["id"],
        contribution_id=row["contribution_id"],
        merchant_id=row["merchant_id"],
    )
    return Event.of(fact, row["removed_at"])


_WITH_AUTHORS = select(answer, contribution.c.contributor_id).join(
    contribution, contribution.c.id == answer.c.contribution_id
)
HISTORY = (
    Source(_WITH_AUTHORS.order_by(answer.c.answered_at, answer.c.id), _answered),
    Source(
        select(answer).where(answer.c.removed_at.is_not(None)).order_by(answer.c.removed_at, answer.c.id),
        _removed,
    ),
)

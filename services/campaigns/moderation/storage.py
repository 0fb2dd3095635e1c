"""Cases, decisions and deputies from and to their tables."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from chassis.problems import not_found
from services.campaigns.contributions.domain import Contribution
from services.campaigns.contributions.storage import locked
from services.campaigns.moderation.domain import Case, Decision, Outcome, Party
from services.campaigns.moderation.tables import moderation_case, moderation_decision, moderation_deputy


async def locked_case(tx: Transaction, case_id: UUID) -> tuple[Case, Contribution]:
    """Both locked; the contribution first, as whoever withdraws it does. Raises the problem 404."""
    of = select(moderation_case.c.contribution_id).where(moderation_case.c.id == case_id)
    contribution_id = await tx.scalar(of)
    if contribution_id is None:
        raise not_found("case")
    about = await locked(tx, contribution_id)
    query = select(moderation_case).where(moderation_case.c.id == case_id).with_for_update()
    return case_of_row((await tx.execute(query)).mappings().one()), about


def case_of_row(row: Mapping[Any, Any]) -> Case:
    """The case in a row of its table."""
    members = {column.name: row[column.name] for column in moderation_case.c}
    appellant = members["appellant"] and Party(members["appellant"])
    return Case(**members | {"reasons": tuple(members["reasons"]), "appellant": appellant})


async def add_decision(tx: Transaction, new: Decision) -> None:
    """Store what was decided, for ever."""
    await tx.execute(insert(moderation_decision).values(**vars(new) | {"outcome": new.outcome.value}))


async def decisions_about(
    connection: AsyncConnection, contributions: Collection[UUID]
) -> dict[UUID, Sequence[Decision]]:
    """By contribution, the oldest first."""
    query = (
        select(moderation_decision)
        .where(moderation_decision.c.contribution_id.in_(contributions))
        .order_by(moderation_decision.c.id)
    )
    found: dict[UUID, list[Decision]] = {each: [] for each in contributions}
    for row in (await connection.execute(query)).mappings():
        found[row["contribution_id"]].append(decision_of_row(row))
    return dict(found)


def decision_of_row(row: Mapping[Any, Any]) -> Decision:
    """The decision in a row of its table."""
    members = {column.name: row[column.name] for column in moderation_decision.c}
    return Decision(**members | {"outcome": Outcome(members["outcome"])})


async def deputy_of(connection: AsyncConnection, city_id: UUID) -> UUID | None:
    """The city whose officers decide this one's appeals too."""
    named = select(moderation_deputy.c.deputy_city_id).where(moderation_deputy.c.city_id == city_id)
    found: UUID | None = await connection.scalar(named)
    return found

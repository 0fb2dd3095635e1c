"""What waits in a city, as its officers read it: whole cases, the oldest first, and how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.campaigns.contributions import storage as contributions
from services.campaigns.contributions.beside import Beside, read_beside
from services.campaigns.contributions.domain import Contribution
from services.campaigns.contributions.forms import shown
from services.campaigns.contributions.tables import contribution
from services.campaigns.files.addresses import officers_addresses
from services.campaigns.moderation import storage
from services.campaigns.moderation.domain import Case
from services.campaigns.moderation.forms import case_shown
from services.campaigns.moderation.tables import moderation_case, report


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Who looks, and when."""

    officer: UUID
    now: datetime
    language: str


async def cases(
    connection: AsyncConnection, wanted: ColumnElement[bool], most: int, reader: Reader
) -> list[dict[str, Any]]:
    """The members of `CaseShown` of those wanted, the oldest first."""
    query = select(moderation_case).where(wanted).order_by(moderation_case.c.id).limit(most)
    found = [storage.case_of_row(row) for row in (await connection.execute(query)).mappings()]
    abouts = await _contributions(connection, found)
    reports = await _reports(connection, found)
    decisions = await storage.decisions_about(connection, list(abouts))
    beside = await read_beside(connection, list(abouts.values()), to_officers=True)
    return [
        case_shown(
            case,
            _shown(abouts[case.contribution_id], beside, case, reader.language),
            reports.get(case.id, []),
            decisions[case.contribution_id],
            officer=reader.officer,
            now=reader.now,
            language=reader.language,
        )
        for case in found
    ]


def _shown(about: Contribution, beside: Beside, case: Case, language: str) -> dict[str, Any]:
    """With its pictures where officers see them, public or not."""
    members = shown(about, beside, language)
    for each in members.get("pictures", ()):
        each.update(officers_addresses(case.id, each["id"]))
    return members


async def figures(connection: AsyncConnection, wanted: ColumnElement[bool], now: datetime) -> dict[str, Any]:
    """The members of `QueueFigures` of those wanted."""
    case = moderation_case.c
    query = select(
        func.count().label("open"),
        func.count(case.appeal_of).label("appeals"),
        func.count().filter(case.due_at < now).label("overdue"),
        func.min(case.opened_at).label("oldest_opened_at"),
        func.min(case.due_at).label("oldest_due_at"),
    ).where(wanted)
    return dict((await connection.execute(query)).mappings().one())


async def _contributions(connection: AsyncConnection, of: Sequence[Case]) -> dict[UUID, Contribution]:
    ids = [case.contribution_id for case in of]
    rows = await connection.execute(contributions.all_with_details().where(contribution.c.id.in_(ids)))
    return {row["id"]: contributions.of_row(row) for row in rows.mappings()}


async def _reports(connection: AsyncConnection, of: Sequence[Case]) -> dict[UUID, list[RowMapping]]:
    query = select(report).where(report.c.case_id.in_([case.id for case in of])).order_by(report.c.id)
    found: dict[UUID, list[RowMapping]] = {}
    for row in (await connection.execute(query)).mappings():
        found.setdefault(row["case_id"], []).append(row)
    return found

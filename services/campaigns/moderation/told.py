"""What the two sides of a decision are told: who reported, of each report; an author, of each decision."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.problems import not_found
from services.campaigns.contributions.tables import contribution
from services.campaigns.contributors import pseudonym_of
from services.campaigns.moderation import storage
from services.campaigns.moderation.domain import (
    APPEALS_FOR,
    Case,
    Decision,
    Party,
    Refused,
    check_may_appeal,
)
from services.campaigns.moderation.forms import appeal_seen, decision_shown, report_shown
from services.campaigns.moderation.tables import is_open, moderation_case

_case = moderation_case.c


@dataclass(frozen=True)
class Course:
    """What became of one contribution, as one side of it sees that."""

    decisions: Sequence[Decision]
    """The oldest first."""
    appeal: Case | None
    """That of this side, made once for all of it."""
    appeal_until: datetime | None
    """None where there is nothing to appeal against now."""

    def shown(self, language: str) -> dict[str, Any]:
        """The members that reports and one's own contributions have in common."""
        by_case = {each.case_id: each for each in self.decisions}
        made = self.appeal and appeal_seen(self.appeal, by_case.get(self.appeal.id), language)
        return {"appeal": made, "appeal_until": self.appeal_until}


async def reports_shown(
    connection: AsyncConnection, rows: Sequence[Mapping[Any, Any]], now: datetime, language: str
) -> list[dict[str, Any]]:
    """The members of `ReportShown` of each report, but for the secret."""
    about = {row["contribution_id"] for row in rows}
    courses = await courses_of(connection, about, Party.REPORTER, now)
    cases = select(moderation_case).where(_case.id.in_([row["case_id"] for row in rows]))
    found = [storage.case_of_row(row) for row in (await connection.execute(cases)).mappings()]
    by_id = {case.id: case for case in found}
    known = select(contribution.c.id, contribution.c.merchant_id, contribution.c.kind)
    reported = {
        row["id"]: row
        for row in (await connection.execute(known.where(contribution.c.id.in_(about)))).mappings()
    }
    return [
        report_shown(row, reported[row["contribution_id"]], by_id[row["case_id"]], course.decisions, language)
        | course.shown(language)
        for row in rows
        for course in (courses[row["contribution_id"]],)
    ]


async def decisions_shown(
    connection: AsyncConnection, contribution_id: UUID, author: UUID, now: datetime, language: str
) -> dict[str, Any]:
    """The members of `DecisionsShown`, for the author. Raises the problem 404 for anybody else."""
    by = contribution.c.contributor_id.in_(pseudonym_of(author))
    own = select(contribution.c.id).where(contribution.c.id == contribution_id, by)
    if await connection.scalar(own) is None:
        raise not_found("contribution")
    course = (await courses_of(connection, [contribution_id], Party.AUTHOR, now))[contribution_id]
    made = [decision_shown(each, language) for each in course.decisions]
    return {"items": made} | course.shown(language)


async def courses_of(
    connection: AsyncConnection, contributions: Collection[UUID], party: Party, now: datetime
) -> dict[UUID, Course]:
    """By contribution. Whatever is open has to be decided first; each side appeals once."""
    decisions = await storage.decisions_about(connection, contributions)
    of_them = select(moderation_case).where(_case.contribution_id.in_(contributions))
    cases = of_them.where(is_open | (_case.appellant == party.value)).order_by(_case.id)
    still_there = select(contribution.c.id).where(
        contribution.c.id.in_(contributions), contribution.c.withdrawn_at.is_(None)
    )
    left = set((await connection.scalars(still_there)).all())
    hindering: dict[UUID, list[Case]] = {each: [] for each in contributions}
    for row in (await connection.execute(cases)).mappings():
        hindering[row["contribution_id"]].append(storage.case_of_row(row))
    return {
        each: Course(
            decisions[each],
            next((case for case in hindering[each] if case.appellant is party), None),
            _until(decisions[each], party, now) if each in left and not hindering[each] else None,
        )
        for each in contributions
    }


def _until(decisions: Sequence[Decision], party: Party, now: datetime) -> datetime | None:
    try:
        return check_may_appeal(decisions[-1] if decisions else None, party, now).at + APPEALS_FOR
    except Refused:
        return None

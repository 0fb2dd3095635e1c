"""What moderation knows about a person: what they decided, took, reported and appealed against."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from chassis.identity import Principal
from chassis.personal_data import Erasure, Holding, Rows, cut, rows
from services.campaigns.contributions.tables import contribution, standing_change
from services.campaigns.contributors import pseudonym_of
from services.campaigns.moderation.domain import Party
from services.campaigns.moderation.tables import moderation_case, moderation_decision, report


async def _show_taken(connection: AsyncConnection, principal: Principal) -> Rows:
    found = select(moderation_case.c.id, moderation_case.c.taken_until)
    return await rows(connection, found.where(moderation_case.c.taken_by == principal.person_id))


async def _give_back_taken(tx: Transaction, asked: Erasure) -> None:
    taken = update(moderation_case).where(moderation_case.c.taken_by == asked.person_id)
    await tx.execute(taken.values(taken_by=None, taken_until=None))


async def _show_reports(connection: AsyncConnection, principal: Principal) -> Rows:
    found = (
        select(report.c.id, report.c.contribution_id, report.c.ground, report.c.text, report.c.at)
        .where(report.c.contributor_id.in_(pseudonym_of(principal.person_id)))
        .order_by(report.c.id)
    )
    return await rows(connection, found)


async def _blank_reports(tx: Transaction, asked: Erasure) -> None:
    own = report.c.contributor_id.in_(pseudonym_of(asked.person_id))
    await tx.execute(update(report).where(own).values(text=None))
    theirs = moderation_case.c.contribution_id.in_(
        select(contribution.c.id).where(contribution.c.contributor_id.in_(pseudonym_of(asked.person_id)))
    ) & (moderation_case.c.appellant == Party.AUTHOR.value)
    about_mine = moderation_decision.c.case_id.in_(select(report.c.case_id).where(own))
    mine = moderation_case.c.appeal_of.in_(select(moderation_decision.c.id).where(about_mine))
    appealed = theirs | (mine & (moderation_case.c.appellant == Party.REPORTER.value))
    await tx.execute(update(moderation_case).where(appealed).values(appeal_text=None))


HOLDINGS = (
    cut(
        "decisions about contributions",
        standing_change.c.person_id,
        standing_change.c.contribution_id,
        standing_change.c.standing,
        standing_change.c.reasons,
        standing_change.c.at,
    ),
    cut(
        "decisions about what others contributed",
        moderation_decision.c.person_id,
        moderation_decision.c.contribution_id,
        moderation_decision.c.outcome,
        moderation_decision.c.ground,
        moderation_decision.c.at,
    ),
    Holding("cases taken to decide them", (moderation_case.c.taken_by,), _show_taken, _give_back_taken),
    Holding("reports of what others contributed", (), _show_reports, _blank_reports),
)

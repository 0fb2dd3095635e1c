"""What is told of reports and decisions: that there is one, whom it concerns. All words stay here."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Select, and_, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by, distinct_on

from chassis.database import Transaction
from chassis.history import Source
from contracts.campaigns.moderation import (
    ContributionReported,
    ModerationDecided,
    ReportedContributionWithdrawn,
)
from contracts.envelope import Event
from services.campaigns.contributions import storage as contributions
from services.campaigns.contributions.domain import Contribution
from services.campaigns.contributions.tables import contribution
from services.campaigns.moderation import storage
from services.campaigns.moderation.domain import Case, Decision, Party
from services.campaigns.moderation.tables import moderation_case, moderation_decision, report


def reported(case_id: UUID, about: Contribution) -> ContributionReported:
    """The fact of the first report in a case."""
    return ContributionReported(
        city_id=about.city_id,
        case_id=case_id,
        contribution_id=about.id,
        merchant_id=about.merchant_id,
        kind=about.details.kind.value,
    )


def decided(
    decision: Decision, case: Case, about: Contribution, reporters: Sequence[UUID | None]
) -> ModerationDecided:
    """The fact of a decision, for which these `reporters_of` the case wait."""
    return ModerationDecided(
        city_id=decision.city_id,
        decision_id=decision.id,
        contribution_id=about.id,
        merchant_id=about.merchant_id,
        contributor_id=about.contributor_id,
        kind=about.details.kind.value,
        outcome=decision.outcome.value,
        ground=decision.ground,
        appellant=case.appellant.value if case.appellant else None,
        reporter_ids=tuple(each for each in reporters if each),
        reported=bool(reporters),
    )


def reporters_of(case: Case, now: datetime) -> Select[Any]:
    """Who waits for what is decided now, in the order of their reports: pseudonyms; None without account."""
    waits = _wait(literal(case.id), literal(case.is_appeal), literal(case.contribution_id), literal(now))
    return select(report.c.contributor_id).where(waits).order_by(report.c.id)


async def withdrawn(tx: Transaction, cases: Collection[UUID]) -> list[Event[ReportedContributionWithdrawn]]:
    """What is told of those of these cases that were closed undecided, and for which somebody waited."""
    rows = await tx.execute(_WITHDRAWN.where(moderation_case.c.id.in_(cases)))
    return [_withdrawn(row) for row in rows.mappings()]


def _wait(
    case_id: ColumnElement[Any],
    is_appeal: ColumnElement[bool],
    about: ColumnElement[Any],
    at: ColumnElement[Any],
) -> ColumnElement[bool]:
    """Who reported in this case; of an appeal, whoever reported the same before: it may end otherwise."""
    earlier = and_(is_appeal, report.c.contribution_id == about, report.c.at <= at)
    return or_(report.c.case_id == case_id, earlier)


def _reported(row: RowMapping) -> Event[ContributionReported]:
    return Event.of(reported(row["reported_case"], contributions.of_row(row)), row["reported_at"])


def _decided(row: RowMapping) -> Event[ModerationDecided]:
    decision = storage.decision_of_row({name: row[f"decision_{name}"] for name in _DECISION})
    case = storage.case_of_row({name: row[f"case_{name}"] for name in _CASE})
    return Event.of(decided(decision, case, contributions.of_row(row), row["reporters"]), decision.at)


def _withdrawn(row: RowMapping) -> Event[ReportedContributionWithdrawn]:
    fact = ReportedContributionWithdrawn(
        city_id=row["city_id"],
        case_id=row["case_id"],
        contribution_id=row["contribution_id"],
        merchant_id=row["merchant_id"],
        kind=row["kind"],
        reporter_ids=tuple(each for each in row["reporters"] if each not in (None, row["contributor_id"])),
    )
    return Event.of(fact, row["decided_at"])


_DECISION = moderation_decision.c.keys()
_CASE = moderation_case.c.keys()


def _reporters_until(at: ColumnElement[Any]) -> Any:
    """Of the case in each row, as an array; NULL where nobody waits."""
    case = moderation_case.c
    waits = _wait(case.id, case.appeal_of.is_not(None), case.contribution_id, at)
    found = func.array_agg(aggregate_order_by(report.c.contributor_id, report.c.id))
    return select(found).where(waits).scalar_subquery()


_waiting_then = _reporters_until(moderation_case.c.decided_at)
# What an author appeals about is not public: whoever reported it was told so, and waits for nothing.
_WITHDRAWN = (
    select(
        contribution.c.city_id,
        contribution.c.merchant_id,
        contribution.c.contributor_id,
        contribution.c.kind,
        moderation_case.c.id.label("case_id"),
        moderation_case.c.contribution_id,
        moderation_case.c.decided_at,
        _waiting_then.label("reporters"),
    )
    .join(moderation_case, moderation_case.c.contribution_id == contribution.c.id)
    .where(
        moderation_case.c.decided_at.is_not(None),
        moderation_case.c.appellant.is_distinct_from(Party.AUTHOR.value),
        ~exists().where(moderation_decision.c.case_id == moderation_case.c.id),
        _waiting_then.is_not(None),
    )
    .order_by(moderation_case.c.decided_at, moderation_case.c.id)
)
# Ids are made while the contribution is locked: their order is that of the reports.
_first = (
    select(report.c.case_id, report.c.contribution_id, report.c.at)
    .ext(distinct_on(report.c.case_id))
    .order_by(report.c.case_id, report.c.id)
    .subquery()
)
HISTORY = (
    Source(
        contributions.all_with_details()
        .join(_first, _first.c.contribution_id == contribution.c.id)
        .add_columns(_first.c.case_id.label("reported_case"), _first.c.at.label("reported_at"))
        .order_by(_first.c.at, _first.c.case_id),
        _reported,
    ),
    Source(
        contributions.all_with_details()
        .join(moderation_decision, moderation_decision.c.contribution_id == contribution.c.id)
        .join(moderation_case, moderation_case.c.id == moderation_decision.c.case_id)
        .add_columns(
            *(moderation_decision.c[name].label(f"decision_{name}") for name in _DECISION),
            *(moderation_case.c[name].label(f"case_{name}") for name in _CASE),
            func.coalesce(_reporters_until(moderation_decision.c.at), []).label("reporters"),
        )
        .order_by(moderation_decision.c.at, moderation_decision.c.id),
        _decided,
    ),
    Source(_WITHDRAWN, _withdrawn),
)

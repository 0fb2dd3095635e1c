"""What is told of decisions: that there is one, on which ground, whom it concerns. Its words stay here."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from chassis.history import Source
from contracts.campaigns.v1 import ModerationDecided
from contracts.envelope import Event
from services.campaigns.contributions import storage as contributions
from services.campaigns.contributions.domain import Contribution
from services.campaigns.contributions.tables import contribution
from services.campaigns.moderation import storage
from services.campaigns.moderation.domain import Case, Decision
from services.campaigns.moderation.tables import moderation_case, moderation_decision, report


def decided(
    decision: Decision, case: Case, about: Contribution, reporters: Sequence[UUID]
) -> ModerationDecided:
    """The fact of a decision."""
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
        reporter_ids=tuple(reporters),
    )


def _decided(row: RowMapping) -> Event[ModerationDecided]:
    decision = storage.decision_of_row({name: row[f"decision_{name}"] for name in _DECISION})
    case = storage.case_of_row({name: row[f"case_{name}"] for name in _CASE})
    return Event.of(decided(decision, case, contributions.of_row(row), row["reporters"]), decision.at)


_DECISION = moderation_decision.c.keys()
_CASE = moderation_case.c.keys()
_reporters = (
    select(func.array_remove(func.array_agg(aggregate_order_by(report.c.contributor_id, report.c.id)), None))
    .where(report.c.case_id == moderation_case.c.id)
    .scalar_subquery()
)
HISTORY = (
    Source(
        contributions.all_with_details()
        .join(moderation_decision, moderation_decision.c.contribution_id == contribution.c.id)
        .join(moderation_case, moderation_case.c.id == moderation_decision.c.case_id)
        .add_columns(
            *(moderation_decision.c[name].label(f"decision_{name}") for name in _DECISION),
            *(moderation_case.c[name].label(f"case_{name}") for name in _CASE),
            func.coalesce(_reporters, []).label("reporters"),
        )
        .order_by(moderation_decision.c.at, moderation_decision.c.id),
        _decided,
    ),
)

"""Reports, cases and decisions as they are written and read over HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from chassis.http import Body, LongText, Shown
from services.campaigns.contributions.forms import ContributionShown
from services.campaigns.moderation.appeals import Appealed
from services.campaigns.moderation.domain import (
    APPEALS_FOR,
    NO_RULE_BROKEN,
    OTHER,
    Case,
    Decision,
    Outcome,
    Party,
)
from services.campaigns.moderation.reasons import ReasonShown, grounds, in_words


def _known_ground(key: str) -> str:
    if key not in grounds():
        raise ValueError(f"is none of {', '.join(sorted(grounds()))}")
    return key


Ground = Annotated[str, StringConstraints(max_length=40), AfterValidator(_known_ground)]
Said = Annotated[LongText, StringConstraints(min_length=1)]


class ReportWritten(Body):
    """Why a contribution should not be there."""

    ground: Ground
    text: LongText = Field("", validate_default=True)

    @field_validator("text")
    @classmethod
    def _other_is_explained(cls, text: str, told: ValidationInfo) -> str:
        if told.data.get("ground") == OTHER and not text:
            raise ValueError("say what it is, where no ground fits")
        return text


class AppealWritten(Body):
    """Why the decision is wrong."""

    text: Said


class DecisionWritten(Body):
    """What an officer decides."""

    outcome: Outcome
    ground: Ground | None = Field(None, description="The rule that is broken; none where it is published.")
    statement: LongText = Field("", description="In the officer's own words, to author and reporters.")

    @model_validator(mode="after")
    def _reasons_fit(self) -> DecisionWritten:
        if (self.outcome is Outcome.REMOVED) != (self.ground is not None):
            raise ValueError("ground: a removal names the rule that is broken, a publication none")
        if self.ground == OTHER and not self.statement:
            raise ValueError("statement: explain the reason, where no ground fits")
        return self

    def decided(self) -> tuple[Outcome, str, str]:
        return self.outcome, self.ground or NO_RULE_BROKEN, self.statement


class DeputyNamed(Body):
    """Whose officers decide appeals too."""

    deputy_city_id: UUID


class DeputyShown(Shown):
    city_id: UUID
    deputy_city_id: UUID | None


class DecisionShown(Shown):
    """A decision and its statement of reasons. Who decided is told to officers alone."""

    id: UUID
    outcome: Outcome
    ground: ReasonShown
    statement: str
    at: datetime
    appeal_until: datetime
    person_id: UUID | None = Field(None, description="Who decided; for officers, until erased.")


class AppealShown(Shown):
    """An appeal that waits."""

    id: UUID
    due_at: datetime
    deputy_city_id: UUID | None = Field(
        description="Another officer of the city than the first decides, or one of this city, which it named."
    )
    somebody_else_known: bool = Field(
        description="Whether anybody else is known who can decide. If not, it waits until there is a deputy."
    )


class AppealSeen(Shown):
    """An appeal, and what came of it."""

    at: datetime
    due_at: datetime
    decided: bool
    decision: DecisionShown | None


class Appealable(Shown):
    """What one side may do, or did, against a decision."""

    appeal: AppealSeen | None = Field(description="Of one's side, which makes one at most.")
    appeal_until: datetime | None = Field(description="None where there is nothing to appeal against now.")


class DecisionsShown(Appealable):
    """What an author is told of their own contribution."""

    items: list[DecisionShown] = Field(description="The oldest first.")


class ReportShown(Appealable):
    """What a reporter is told."""

    id: UUID
    contribution_id: UUID
    merchant_id: UUID
    kind: str
    ground: ReasonShown
    at: datetime
    due_at: datetime
    decided: bool
    decision: DecisionShown | None = Field(description="None also where its author withdrew it before.")
    secret: str | None = Field(None, description="For who has no account: to read this again. Told once.")


class ReportSeen(Shown):
    """What officers see of a report; not by whom."""

    ground: ReasonShown
    text: str | None
    at: datetime


class CaseAppeal(Shown):
    by: Party
    text: str


class CaseShown(Shown):
    """What waits for a decision, with all that is needed to decide."""

    id: UUID
    city_id: UUID
    contribution: ContributionShown
    reasons: list[ReasonShown]
    reports: list[ReportSeen]
    appeal: CaseAppeal | None
    decisions: list[DecisionShown] = Field(description="About this contribution before, the oldest first.")
    opened_at: datetime
    due_at: datetime
    overdue: bool
    decided_at: datetime | None
    closed_by: Literal["decision", "withdrawal"] | None = Field(
        description="None while it is open. What its author took back is not decided any more."
    )
    taken: bool = Field(description="Whether an officer is about to decide it.")
    taken_by_me: bool


class QueueFigures(Shown):
    """How much waits."""

    open: int
    appeals: int
    overdue: int
    oldest_opened_at: datetime | None
    oldest_due_at: datetime | None


def decision_shown(decision: Decision, language: str, *, to_officers: bool = False) -> dict[str, Any]:
    """The members of `DecisionShown`."""
    (ground,) = in_words([decision.ground], language)
    return {
        "id": decision.id,
        "outcome": decision.outcome,
        "ground": ground,
        "statement": decision.statement,
        "at": decision.at,
        "appeal_until": decision.at + APPEALS_FOR,
        "person_id": decision.person_id if to_officers else None,
    }


def appeal_shown(appealed: Appealed) -> dict[str, Any]:
    """The members of `AppealShown`."""
    return {
        "id": str(appealed.case.id),
        "due_at": appealed.case.due_at.isoformat(),
        "deputy_city_id": str(appealed.deputy_city_id) if appealed.deputy_city_id else None,
        "somebody_else_known": appealed.colleague_known or appealed.deputy_city_id is not None,
    }


def appeal_seen(case: Case, decision: Decision | None, language: str) -> dict[str, Any]:
    """The members of `AppealSeen`."""
    return {
        "at": case.opened_at,
        "due_at": case.due_at,
        "decided": case.decided_at is not None,
        "decision": decision and decision_shown(decision, language),
    }


def report_shown(
    row: Mapping[Any, Any],
    about: Mapping[Any, Any],
    case: Case,
    decisions: Sequence[Decision],
    language: str,
) -> dict[str, Any]:
    """The members of `ReportShown`, but for the secret and what `Appealable` says."""
    (ground,) = in_words([row["ground"]], language)
    decision = next((each for each in decisions if each.case_id == case.id), None)
    return {
        "id": row["id"],
        "contribution_id": row["contribution_id"],
        "merchant_id": about["merchant_id"],
        "kind": about["kind"],
        "ground": ground,
        "at": row["at"],
        "due_at": case.due_at,
        "decided": case.decided_at is not None,
        "decision": decision and decision_shown(decision, language),
    }


def case_shown(
    case: Case,
    about: dict[str, Any],
    reports: Sequence[Mapping[Any, Any]],
    decisions: Sequence[Decision],
    *,
    officer: UUID,
    now: datetime,
    language: str,
) -> dict[str, Any]:
    """The members of `CaseShown`."""
    is_taken = case.taken_until is not None and case.taken_until > now
    is_decided = any(each.case_id == case.id for each in decisions)
    return {
        "id": case.id,
        "city_id": case.city_id,
        "contribution": about,
        "reasons": in_words(case.reasons, language),
        "reports": [
            {"ground": in_words([each["ground"]], language)[0], "text": each["text"], "at": each["at"]}
            for each in reports
        ],
        "appeal": {"by": case.appellant, "text": case.appeal_text} if case.is_appeal else None,
        "decisions": [decision_shown(each, language, to_officers=True) for each in decisions],
        "opened_at": case.opened_at,
        "due_at": case.due_at,
        "overdue": case.decided_at is None and case.due_at < now,
        "decided_at": case.decided_at,
        "closed_by": case.decided_at and ("decision" if is_decided else "withdrawal"),
        "taken": is_taken,
        "taken_by_me": is_taken and case.taken_by == officer,
    }

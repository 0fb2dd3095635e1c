"""Who decides about a contribution, until when, and who may ask for a second decision. Pure.

Source of the rules: Regulation (EU) 2022/2065 (Digital Services Act), articles 16 (reports), 17 (statement of
reasons) and 20 (complaints: free, for six months, not by automatic means alone).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from services.campaigns.contributions.domain import BRUSSELS, Standing

DUE = timedelta(hours=48)
"""Within this a city decides; said to whoever waits. Two working days of a small administration."""
APPEAL_DUE = timedelta(days=7)
"""Somebody else has to be found for it."""
APPEALS_FOR = timedelta(days=183)
"""Six months (article 20)."""
PATIENCE = 0.5
"""What has waited for this part of its stated time, an appeal too, is told to the city's officers."""
TOLD_AT = time(6)
"""In Brussels: before the first digest of the day, so that a reminder counts what waits that morning."""
LEASE = timedelta(minutes=15)
"""How long a case is one officer's. Enough to read and decide; who went home blocks nobody."""
NO_RULE_BROKEN = "no-rule-broken"
REPORTED = "reported"
OTHER = "other"
"""A ground that has no stock text: the statement is all there is."""


class Outcome(StrEnum):
    """What is decided."""

    PUBLISHED = "published"
    REMOVED = "removed"

    @property
    def standing(self) -> Standing:
        return Standing(self.value)


class Party(StrEnum):
    """Who may ask for a second decision."""

    AUTHOR = "author"
    REPORTER = "reporter"

    @property
    def appeals_against(self) -> Outcome:
        """What they may be unhappy with."""
        return Outcome.REMOVED if self is Party.AUTHOR else Outcome.PUBLISHED


class Refused(Exception):
    """A rule forbids it; `why` is the problem's slug, the message is for people."""

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message)
        self.why = why


@dataclass(frozen=True, kw_only=True)
class Case:
    """A contribution that waits for a decision, the first or one on appeal."""

    id: UUID
    city_id: UUID
    contribution_id: UUID
    reasons: tuple[str, ...]
    opened_at: datetime
    due_at: datetime
    decided_at: datetime | None = None
    taken_by: UUID | None = None
    taken_until: datetime | None = None
    appeal_of: UUID | None = None
    appellant: Party | None = None
    appeal_text: str | None = None

    @property
    def is_appeal(self) -> bool:
        return self.appeal_of is not None

    def is_anothers(self, officer: UUID, now: datetime) -> bool:
        """Whether another officer is about to decide it."""
        return self.taken_until is not None and self.taken_until > now and self.taken_by != officer


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What was decided once."""

    id: UUID
    case_id: UUID
    city_id: UUID
    contribution_id: UUID
    outcome: Outcome
    ground: str
    statement: str
    at: datetime
    person_id: UUID | None = None
    """Who decided; none once they were erased."""


@dataclass(frozen=True)
class Morning:
    """When a city is told of its queue that day."""

    day: date
    told_at: datetime

    @classmethod
    def of(cls, now: datetime) -> Morning:
        """That of the calendar day in Brussels."""
        day = now.astimezone(BRUSSELS).date()
        return cls(day, datetime.combine(day, TOLD_AT, BRUSSELS))

    def opened_before(self, stated: timedelta) -> datetime:
        """What is open since then, and to be decided within the stated time, has waited too long."""
        return self.told_at.astimezone(UTC) - stated * PATIENCE


def check_may_decide(case: Case, officer: UUID, earlier: Collection[Decision], now: datetime) -> None:
    """Raise Refused where it is decided, another's just now, or an appeal against their own decision."""
    if case.decided_at is not None:
        raise Refused("already-decided", "This case is decided, or its contribution was withdrawn.")
    if case.is_anothers(officer, now):
        raise Refused("case-taken", "Another officer is about to decide this case.")
    if case.is_appeal and any(each.person_id == officer for each in earlier):
        raise Refused("own-decision", "An appeal is decided by somebody who did not decide before.")


def check_may_appeal(decision: Decision | None, party: Party, now: datetime) -> Decision:
    """The decision that the party may appeal against now. Raises Refused."""
    if decision is None or decision.outcome is not party.appeals_against:
        raise Refused("nothing-to-appeal", "There is no decision that you could appeal against.")
    if now >= decision.at + APPEALS_FOR:
        raise Refused("too-late", "A decision can be appealed against for six months.")
    return decision

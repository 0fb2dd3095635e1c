"""What contributions to a campaign earn, and what a ledger lacks to say so. Pure; times are passed in.

Only what is done here and can be seen by everybody earns anything, the same for each rating (decided:
domain notes, "Reviews, rewards and the law"). What a person is due follows from what they did alone; the
ledger is brought to that by entries, and none of its entries is ever changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from services.campaigns.contributions.domain import brussels_day
from services.campaigns.policy.domain import Action, Ask, Platform, Reward


@dataclass(frozen=True)
class Rule:
    """What one thing done earns."""

    action: Action
    points: int
    a_day: int
    """So many of a Brussels day earn it. More are welcome, and earn nothing: nobody should have to hurry."""


RULES = {
    rule.action: rule
    for rule in (
        Rule(Action.REVIEW, 10, a_day=5),
        Rule(Action.PHOTO, 5, a_day=5),
        Rule(Action.VIDEO, 5, a_day=3),
        Rule(Action.SHARE, 5, a_day=3),
        Rule(Action.CORRECTION, 3, a_day=5),
    )
}
"""A review takes the longest and tells the most. A share by itself cannot be verified, and earns nothing:
what earns is a link of one's own that brings visits; and a correction, once it is accepted."""

LEAST_VISITORS = 3
"""So many different visitors of one link on one day make it one that brings visits. Who visits is not known,
so that one of them may be its author, who tries it, and one their telephone; robots are no visitors."""


class Why(StrEnum):
    """What an entry was made for."""

    EARNED = "earned"
    TAKEN_BACK = "taken-back"
    """Its author withdrew what it was for, or a moderator removed it."""
    RESTORED = "restored"
    """What was taken back stands again."""


@dataclass(frozen=True, kw_only=True)
class Deed:
    """One thing that an ambassador did for a campaign, and that can be seen to be done."""

    cause: UUID
    """The contribution; or the day on which a link brought visits, or the correction."""
    merchant_id: UUID | None
    """None where it is for the campaign as a whole."""
    action: Action
    at: datetime
    """When it was first published, brought enough visits, or was handed in."""
    stands: bool
    """Whether it is public still, or holds; what a link brought is never undone."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A line of the ledger, for ever."""

    cause: UUID
    action: Action
    """The rule by which it was made: see `RULES`."""
    points: int
    """Negative where they are taken back."""
    why: Why


def rewarded(asks: Iterable[Ask]) -> frozenset[Action]:
    """For which actions a campaign that asks this gives points."""
    return frozenset(
        ask.action for ask in asks if ask.platform is Platform.HERE and ask.reward is Reward.POINTS
    ) & frozenset(RULES)


def due(deeds: Iterable[Deed], actions: frozenset[Action]) -> dict[UUID, int]:
    """What each deed of one ambassador in one campaign is worth now.

    The first of a day earn, in the order in which they came. One that was taken back keeps its place: it
    would otherwise pay to withdraw and to write again.
    """
    of_a_day: defaultdict[tuple[Action, date], int] = defaultdict(int)
    worth: dict[UUID, int] = {}
    for deed in sorted(deeds, key=lambda each: (each.at, each.cause)):
        if deed.action not in actions:
            continue
        day = deed.action, brussels_day(deed.at)
        of_a_day[day] += 1
        within = of_a_day[day] <= RULES[deed.action].a_day
        worth[deed.cause] = RULES[deed.action].points if within and deed.stands else 0
    return worth


def lacking(
    deeds: Iterable[Deed], actions: frozenset[Action], booked: Mapping[UUID, int]
) -> tuple[Entry, ...]:
    """The entries that bring the ledger to what is due. `booked` has the sum of each cause it knows."""
    known = {deed.cause: deed for deed in deeds}
    entries = []
    for cause, points in due(known.values(), actions).items():
        if missing := points - booked.get(cause, 0):
            why = Why.TAKEN_BACK if missing < 0 else Why.RESTORED if cause in booked else Why.EARNED
            entries.append(Entry(cause=cause, action=known[cause].action, points=missing, why=why))
    return tuple(entries)

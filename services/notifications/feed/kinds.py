"""What there is to be told, and how each kind goes out. One registration for each:

    "unusual-rise": Kind(defaults={MAIL: Timing.weekly, PUSH: Timing.never}, merge=newest_by("kind"))

Its words are registered in `wording.py`. Then `notify(tx, [Notice(…, kind="unusual-rise", …)])` tells it: the
feed, the choice of the recipient, digests and mails follow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.notifications.delivery.choices import MAIL, PUSH, Timing
from services.notifications.recipients import RecipientKind

Data = Mapping[str, Any]
Merge = Callable[[Sequence[Data]], list[Data]]
"""What a digest says of several unread notices of one kind, oldest first."""


class Standing(StrEnum):
    """What may be decided about a kind."""

    ordinary = "ordinary"
    """The recipient decides all."""
    binding = "binding"
    """Security, or required by law (the reasons of a decision): goes out at once, past every choice."""


def separately(data: Sequence[Data]) -> list[Data]:
    """Each by itself."""
    return list(data)


def newest_by(*keys: str) -> Merge:
    """Of those that agree in all `keys` the last alone: it says all that the earlier ones said."""

    def merge(data: Sequence[Data]) -> list[Data]:
        return list({tuple(each.get(key) for key in keys): each for each in data}.values())

    return merge


def summed(amount: str, key: str) -> Merge:
    """Those that agree in `key` as one, with the sum of their amounts: forty, not four times ten."""

    def merge(data: Sequence[Data]) -> list[Data]:
        sums: dict[Any, Data] = {}
        for each in data:
            before = sums.get(each.get(key), {}).get(amount, 0)
            sums[each.get(key)] = {**each, amount: before + each[amount]}
        return list(sums.values())

    return merge


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind goes out."""

    defaults: Mapping[str, Timing] = field(default_factory=lambda: {MAIL: Timing.weekly, PUSH: Timing.never})
    """By channel, where the recipient chose nothing."""
    merge: Merge = separately
    standing: Standing = Standing.ordinary
    recipient: RecipientKind = RecipientKind.merchant
    """Whose choices it is among."""
    ends: str | None = None
    """The member of its data with the moment from which on it is old news: no message tells it then."""

    def is_over(self, data: Data, now: datetime) -> bool:
        """Whether that moment is there."""
        end = data.get(self.ends) if self.ends else None
        return end is not None and datetime.fromisoformat(end) <= now


_PERSON = RecipientKind.person
_AT_ONCE = {MAIL: Timing.at_once, PUSH: Timing.at_once}
_DAILY = {MAIL: Timing.daily, PUSH: Timing.never}
KINDS: Mapping[str, Kind] = {
    "milestone": Kind(_AT_ONCE, merge=newest_by("kind")),
    "first": Kind(_AT_ONCE),
    "campaign-begins": Kind(_AT_ONCE, ends="ends_at"),
    "campaign-ends": Kind(_DAILY),
    "unusual-rise": Kind(_DAILY, merge=newest_by("kind")),
    "next-step": Kind(),
    "reassessment-due": Kind(),
    "seat-given": Kind(_AT_ONCE, ends="starts_at"),
    "coaching-offered": Kind(_AT_ONCE, ends="expires_at"),
    "welcome": Kind(_AT_ONCE),
    "account-changed": Kind(_AT_ONCE, standing=Standing.binding),
    "claim-disputed": Kind(_AT_ONCE, standing=Standing.binding),
    "held": Kind(_AT_ONCE, standing=Standing.binding, recipient=_PERSON),
    "decision": Kind(_AT_ONCE, standing=Standing.binding, recipient=_PERSON),
    "report-decided": Kind(_AT_ONCE, standing=Standing.binding, recipient=_PERSON),
    "appeal-decided": Kind(_AT_ONCE, standing=Standing.binding, recipient=_PERSON),
    "answer-needed": Kind(merge=newest_by("about")),
    "contribution-reported": Kind(_DAILY, merge=newest_by("contribution_id")),
    "photo-taken-back": Kind(_DAILY),
    "goal-reached": Kind(_DAILY, recipient=_PERSON),
    "request-waiting": Kind(_DAILY, merge=summed("count", "city_id"), recipient=_PERSON),
    "queue-waiting": Kind(_DAILY, merge=newest_by("city_id", "deputy_city_id"), recipient=_PERSON),
    "thanks": Kind(recipient=_PERSON),
    "review-answered": Kind(_DAILY, recipient=_PERSON),
}
"""By name, as notices carry it."""


def kind_of(name: str) -> Kind:
    """How that kind goes out; with the defaults where nobody registered more."""
    return KINDS.get(name, Kind())

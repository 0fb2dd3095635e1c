"""A contribution as notifications sees it: counted from the day it was posted until it is withdrawn
or removed.

What is known about a contribution only ever grows, and knowing the same twice adds nothing. So `merge` is
commutative, associative and idempotent, and any order of delivery ends in the same rows and figures.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

REVIEW = "review"
PHOTO = "photo"
VIDEO = "video"
SHARE = "share"
FOLLOW = "follow"
"""One for each who follows at present."""
VISIT = "visit"
"""By an ambassador's link. Not a contribution, but a kind among a merchant's figures."""
ANSWER = "answer"
"""An answer of the shop to a review: among its figures, but nothing that people did for it."""

# Kinds are data: photos, videos and what later issues bring need no change here.
KIND_PATTERN = re.compile(r"[a-z][a-z0-9-]{0,39}")

_LOCAL = ZoneInfo("Europe/Brussels")
_QUARTER = 15 * 60


class Key(NamedTuple):
    """Rows are locked in this order by everyone, so that no two workers wait for each other."""

    merchant_id: UUID
    contribution_id: UUID


class Contribution(NamedTuple):
    """All that is known of one contribution."""

    merchant_id: UUID
    contribution_id: UUID
    city_id: UUID
    kind: str
    day: date | None
    """The local day it was posted; None while only what came of it is known."""
    withdrawn: bool
    standing_version: int = 0
    """Of the newest news of its moderation; 0 where there is none."""
    removed: bool = False
    """What that news says."""
    author: int | None = None
    """Tells apart who posts about this one merchant, and nothing beyond it; None where nobody is counted."""

    @property
    def key(self) -> Key:
        return Key(self.merchant_id, self.contribution_id)

    @property
    def counts(self) -> bool:
        return self.day is not None and not self.withdrawn and not self.removed


class Figure(NamedTuple):
    """What is counted: contributions of one kind to one merchant on one day."""

    merchant_id: UUID
    day: date
    kind: str
    city_id: UUID


def local_day(at: datetime) -> date:
    """The day people in Belgium would name for `at`."""
    return _day_of_quarter(int(at.timestamp()) // _QUARTER)


@lru_cache(maxsize=4096)
def _day_of_quarter(number: int) -> date:
    """A day begins and clocks change at a quarter of an hour, so that one look at the zone serves many."""
    return datetime.fromtimestamp(number * _QUARTER, _LOCAL).date()


def merge(one: Contribution, other: Contribution) -> Contribution:
    """What both know together. Where they differ, the posting knows better than what came of it.

    A withdrawal is for ever; of what moderation said, the newest holds.
    """
    first, second = sorted(
        (one, other), key=lambda each: (each.day is None, each.day, each.kind, each.author or 0)
    )
    version, removed = max((each.standing_version, each.removed) for each in (one, other))
    withdrawn = first.withdrawn or second.withdrawn
    author = second.author if first.author is None else first.author
    return first._replace(withdrawn=withdrawn, standing_version=version, removed=removed, author=author)


def gather(seen: Iterable[Contribution]) -> list[Contribution]:
    """One entry per contribution, in key order."""
    known: dict[Key, Contribution] = {}
    for contribution in seen:
        earlier = known.get(contribution.key)
        known[contribution.key] = merge(earlier, contribution) if earlier else contribution
    return [known[key] for key in sorted(known)]


def deltas(before: Mapping[Key, Contribution], after: Iterable[Contribution]) -> list[tuple[Figure, int]]:
    """How the figures change, in key order; those that stay the same are left out."""
    changes: dict[Figure, int] = {}
    for contribution in after:
        earlier = before.get(contribution.key)
        if earlier is not None and earlier.counts:
            _add(changes, earlier, -1)
        if contribution.counts:
            _add(changes, contribution, +1)
    return sorted((figure, change) for figure, change in changes.items() if change)


def _add(changes: dict[Figure, int], contribution: Contribution, change: int) -> None:
    assert contribution.day is not None  # only those that count get here
    figure = Figure(contribution.merchant_id, contribution.day, contribution.kind, contribution.city_id)
    changes[figure] = changes.get(figure, 0) + change

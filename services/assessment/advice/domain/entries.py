"""What the catalogue says of a tool and of a training. These are the types of its files too.

What nobody is sure of is said as such (`unknown`, `checked: null`): a shopkeeper decides on it.
"""

from datetime import date
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from services.assessment.questionnaires.domain.questions import Key, Part, Text, Words

Dimension = Literal[
    "visibility", "reputation", "customers", "website", "social", "tools", "security", "skills"
]
Cost = Literal["free", "free-to-start", "paid"]
"""`free-to-start`: what a small shop begins with costs nothing, more does. The cheapest class first."""
Skill = Literal["beginner", "some", "advanced"]
DataKept = Literal["own-device", "own-choice", "eu", "outside-eu", "unknown"]
"""`own-choice`: with any host one likes, the own server included."""
Language = Literal["fr", "nl", "de", "en"]
Freshness: TypeAlias = Literal["checked", "not-checked-yet", "stale"]

Hours = Annotated[float, Meta(gt=0, le=200)]
Address = Annotated[str, Meta(pattern=r"^https://[^\s/]+(/\S*)?$", max_length=200)]

STALE_AFTER_MONTHS = 12
"""Prices, names and owners of tools change within a year or so."""


class _Entry(Part, frozen=True, kw_only=True):
    key: Key
    dimension: Dimension
    needs: Annotated[tuple[Key, ...], Meta(min_length=1)]
    """Keys of the recommendations that it answers."""
    hours: Hours
    languages: Annotated[tuple[Language, ...], Meta(min_length=1)]


class Tool(_Entry, frozen=True, kw_only=True):
    """A tool or solution that exists, with what it is good for and what not."""

    name: Words
    address: Address
    """Its official page."""
    good_for: Text
    not_for: Text
    for_whom: Text
    cost: Cost
    skill: Skill
    """`hours` are those until it is of use, for somebody with this skill."""
    data_kept: DataKept
    open_source: bool
    alternatives: tuple[Key, ...] = ()
    """Keys of other tools."""
    written: date
    """When the entry was written, from general knowledge."""
    checked: date | None
    """When all its facts were last found on the tool's own pages, as these were read on that day, be it in a
    stored copy; null until then, and where a part was not found. The facts: that it exists under this name
    and address, its cost, its languages, where data are kept (unless `unknown`), that it is open source, and
    what its texts state of it. Whom it suits, the skill and the hours are our judgement."""
    sources: Annotated[tuple[Address, ...], Meta(max_length=10)] = ()
    """Pages of its maker, its public repository among them, on which the facts were found: all of them where
    it is `checked`, a part of them where it is not. A page may say something else since."""

    def freshness(self, today: date) -> Freshness:
        """`stale` once its check, or the entry itself where there was none, is older than a year."""
        if _months_between(self.checked or self.written, today) >= STALE_AFTER_MONTHS:
            return "stale"
        return "checked" if self.checked else "not-checked-yet"


class Training(_Entry, frozen=True, kw_only=True):
    """Something to learn in a group, by the dimension that it moves."""

    title: Text
    about: Text
    level: Literal[1, 2, 3]
    """1: nothing is presupposed. 2: one has begun alone. 3: one does it regularly."""


def _months_between(earlier: date, later: date) -> int:
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    return months - (later.day < earlier.day)

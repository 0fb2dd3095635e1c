"""What is searched, and the statements that look for it, by how much they forgive (`Match`).

A word is answered where a word of the merchant's text *begins* with it (so it answers while somebody types),
or where a stretch of the text resembles it. The order of the words never matters. All read a GIN index over
city and trigrams, and take CANDIDATES at most (where words may resemble, RESEMBLING), which are then ranked:

1. **Likeness**, of each word of the question, and of all their mean. Where words begin so: 1 for a whole
   word of the name, BEGUN for the beginning of one, and ELSEWHERE times as much in kind, street and place.
   Where words resemble: how much of it is in the name (`word_similarity`, 0 to 1), or ELSEWHERE times how
   much of it is in the rest, whichever is more.
2. Where a place was given: likeness in tenths, and among equals the nearest first.
3. The name, then the id, so that one question has one answer.

Where more match than are taken, those nearest to the place are ranked, or without one, any: a question
that so many merchants answer has no better ones. So where all cities are searched, a tenth of the merchants
by lot, with a small index of their own, can be asked first: a word of 20,000 shops need not be looked up in
all of them. Nearness is reckoned on a plane, exact to a metre in a town.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Double,
    FromClause,
    Numeric,
    Select,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
)

from services.directory.merchants.tables import IS_PUBLIC, matches_kind, merchant
from services.directory.search.text import SEPARATOR

CANDIDATES = 500
RESEMBLING = 100
"""Candidates where words may resemble: to compare a word with a text costs some ten microseconds."""
LEAST_LIKENESS = 0.5
"""Of a word that is misspelt: `boulangrie` has 0.64 of `boulangerie`; half is one slip in six letters."""
ELSEWHERE = 0.8
BEGUN = 0.9
METRES_PER_DEGREE = 111_320
# Written as the index `merchant_search_by_lot` has it: the last byte of an id is random.
_BY_LOT = literal_column("get_byte(uuid_send(merchant.id), 15) < 26", Boolean)


class Match(Enum):
    """How words may be answered, strictest first."""

    BEGINS = "each word begins one of the text"
    ONE_SLIP = "all but one do, and that one resembles"
    RESEMBLES = "each resembles"

    @property
    def most(self) -> int:
        """How many candidates are taken."""
        return CANDIDATES if self is Match.BEGINS else RESEMBLING


OfWord = Callable[[str, ColumnElement[str], ColumnElement[str]], ColumnElement[float]]
"""How well a word is answered by a name and a whole text."""


@dataclass(frozen=True)
class Around:
    """A place, and how far from it."""

    longitude: float
    latitude: float
    metres: int

    @property
    def shrink(self) -> float:
        """How much shorter a degree of longitude is than one of latitude, there."""
        return max(math.cos(math.radians(self.latitude)), 0.01)


@dataclass(frozen=True)
class Question:
    """What is asked; `words` are folded."""

    words: tuple[str, ...] = ()
    city_id: UUID | None = None
    district_id: UUID | None = None
    kind: str | None = None
    around: Around | None = None

    @property
    def matches(self) -> tuple[Match, ...]:
        """What is tried, in this order, until there are enough."""
        if not self.words:
            return (Match.BEGINS,)
        return tuple(Match) if len(self.words) > 1 else (Match.BEGINS, Match.RESEMBLES)

    @property
    def is_wide(self) -> bool:
        """Whether all cities are searched for words, so that many may answer, each as well as another."""
        return bool(self.words) and self.city_id is None and self.district_id is None and self.around is None


def candidates(asked: Question, match: Match, *, by_lot: bool = False) -> Select[Any]:
    """Ranked, with `likeness`, `metres` (null without a place) and `taken` beside the merchant's columns.

    `taken` is how many there are, `match.most` at most. `by_lot` looks at a tenth of the merchants.
    """
    metres = cast(null(), Double) if asked.around is None else _metres(asked.around)
    found = select(merchant, metres.label("metres")).where(IS_PUBLIC, *_filters(asked))
    if by_lot:
        found = found.where(_BY_LOT)
    if asked.words:
        found = found.where(_answered(asked.words, match))
    if asked.around is not None:
        found = found.where(_in_box(asked.around), metres <= asked.around.metres).order_by(metres)
    taken = found.limit(match.most).subquery()
    return _ranked(taken, asked, _is_there if match is Match.BEGINS else _resembles)


def _answered(words: Sequence[str], match: Match) -> ColumnElement[bool]:
    """An index condition: a list of alternatives becomes one look-up for each."""
    if match is Match.ONE_SLIP:
        return or_(
            *(and_(*(_like(each) if each is slip else _begins(each) for each in words)) for slip in words)
        )
    return and_(*map(_like if match is Match.RESEMBLES else _begins, words))


def _ranked(rows: FromClause, asked: Question, of_word: OfWord) -> Select[Any]:
    likeness = _likeness(asked.words, rows.c.search_text, of_word).label("likeness")
    order: list[ColumnElement[Any]] = [likeness.desc(), rows.c.name, rows.c.id]
    if asked.around is not None:
        order = [func.round(cast(likeness, Numeric), 1).desc(), rows.c.metres, *order]
    return select(rows, likeness, func.count().over().label("taken")).order_by(*order)


def _filters(asked: Question) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.city_id is not None:
        found.append(merchant.c.city_id == asked.city_id)
    if asked.district_id is not None:
        found.append(merchant.c.district_ids.contains([asked.district_id]))
    if asked.kind is not None:
        found.append(matches_kind(asked.kind))
    return found


def _begins(word: str) -> ColumnElement[bool]:
    return merchant.c.search_text.like(f"% {word}%")  # folded words hold letters and digits alone


def _like(word: str) -> ColumnElement[bool]:
    return literal(word, Text).op("<%", is_comparison=True)(merchant.c.search_text)


def _likeness(words: Sequence[str], text: ColumnElement[str], of_word: OfWord) -> ColumnElement[float]:
    if not words:
        return literal(0.0, Double)
    name = func.split_part(text, SEPARATOR, 1)
    each = [of_word(word, name, text) for word in words]
    return cast(sum(each[1:], each[0]) / len(each), Double)


def _is_there(word: str, name: ColumnElement[str], text: ColumnElement[str]) -> ColumnElement[float]:
    whole, begun = f"% {word} %", f"% {word}%"
    return case(
        (name.like(whole), 1.0),
        (name.like(begun), BEGUN),
        (func.concat(text, " ").like(whole), ELSEWHERE),
        else_=ELSEWHERE * BEGUN,
    )


def _resembles(word: str, name: ColumnElement[str], text: ColumnElement[str]) -> ColumnElement[float]:
    return func.greatest(func.word_similarity(word, name), ELSEWHERE * func.word_similarity(word, text))


def _metres(place: Around) -> ColumnElement[float]:
    north = merchant.c.latitude - place.latitude
    east = (merchant.c.longitude - place.longitude) * place.shrink
    return func.sqrt(north * north + east * east) * float(METRES_PER_DEGREE)


def _in_box(place: Around) -> ColumnElement[bool]:
    """Around the circle; what the index over places can find."""
    up = place.metres / METRES_PER_DEGREE
    aside = up / place.shrink
    corners = [
        func.point(place.longitude - aside, place.latitude - up),
        func.point(place.longitude + aside, place.latitude + up),
    ]
    there = func.point(merchant.c.longitude, merchant.c.latitude)
    return there.op("<@", is_comparison=True)(func.box(*corners))

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
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Double,
    FromClause,
    Integer,
    Numeric,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
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


OfWord = Callable[["_Word", ColumnElement[str], ColumnElement[str]], ColumnElement[float]]
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


@dataclass(frozen=True)
class _Shape:
    """What of a question makes the statement another one: to build one takes as long as to look up a word."""

    words: int
    city: bool
    district: bool
    kind: str | None
    place: bool
    match: Match
    by_lot: bool


@dataclass(frozen=True)
class _Word:
    """A word of the question, and as a pattern, whole and begun."""

    itself: ColumnElement[str]
    whole: ColumnElement[str]
    begun: ColumnElement[str]


def candidates(
    asked: Question, match: Match, *, by_lot: bool = False, most: int | None = None
) -> tuple[Select[Any], dict[str, Any]]:
    """A statement and its values: merchants, ranked, with `likeness`, `metres` and `taken` beside.

    `metres` is null without a place. `taken` is how many there are, `match.most` at most; `most` is how many
    of them are given. `by_lot` looks at a tenth of the merchants.
    """
    shape = _Shape(
        words=len(asked.words),
        city=asked.city_id is not None,
        district=asked.district_id is not None,
        kind=asked.kind,
        place=asked.around is not None,
        match=match,
        by_lot=by_lot,
    )
    values = {"most": match.most if most is None else most, **_values(asked)}
    return _statement(shape), values


def _values(asked: Question) -> dict[str, Any]:
    values: dict[str, Any] = {"city_id": asked.city_id, "district_ids": [asked.district_id]}
    for place, word in enumerate(asked.words):  # folded words hold letters and digits alone
        values |= {f"word_{place}": word, f"whole_{place}": f"% {word} %", f"begun_{place}": f"% {word}%"}
    if (around := asked.around) is not None:
        up = around.metres / METRES_PER_DEGREE
        aside = up / around.shrink
        values |= {"longitude": around.longitude, "latitude": around.latitude, "shrink": around.shrink}
        values |= {"west": around.longitude - aside, "east": around.longitude + aside}
        values |= {"south": around.latitude - up, "north": around.latitude + up, "farthest": around.metres}
    return values


@lru_cache(maxsize=256)
def _statement(shape: _Shape) -> Select[Any]:
    words = [_word(place) for place in range(shape.words)]
    metres = _metres() if shape.place else cast(null(), Double)
    found = select(merchant, metres.label("metres")).where(IS_PUBLIC, *_filters(shape))
    if shape.by_lot:
        found = found.where(_BY_LOT)
    if words:
        found = found.where(_answered(words, shape.match))
    if shape.place:
        found = found.where(_in_box(), metres <= _number("farthest")).order_by(metres)
    taken = found.limit(shape.match.most).subquery()
    of_word = _is_there if shape.match is Match.BEGINS else _resembles
    return _ranked(taken, words, of_word, by_place=shape.place).limit(bindparam("most", type_=Integer))


def _word(place: int) -> _Word:
    return _Word(*(bindparam(f"{name}_{place}", type_=Text) for name in ("word", "whole", "begun")))


def _number(name: str) -> ColumnElement[float]:
    return bindparam(name, type_=Double)


def _answered(words: Sequence[_Word], match: Match) -> ColumnElement[bool]:
    """An index condition: a list of alternatives becomes one look-up for each."""
    if match is Match.ONE_SLIP:
        return or_(
            *(and_(*(_like(each) if each is slip else _begins(each) for each in words)) for slip in words)
        )
    return and_(*map(_like if match is Match.RESEMBLES else _begins, words))


def _ranked(rows: FromClause, words: Sequence[_Word], of_word: OfWord, *, by_place: bool) -> Select[Any]:
    likeness = _likeness(words, rows.c.search_text, of_word).label("likeness")
    order: list[ColumnElement[Any]] = [likeness.desc(), rows.c.name, rows.c.id]
    if by_place:
        order = [func.round(cast(likeness, Numeric), 1).desc(), rows.c.metres, *order]
    return select(rows, likeness, func.count().over().label("taken")).order_by(*order)


def _filters(shape: _Shape) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if shape.city:
        found.append(merchant.c.city_id == bindparam("city_id", type_=Uuid))
    if shape.district:
        found.append(merchant.c.district_ids.contains(bindparam("district_ids", type_=ARRAY(Uuid))))
    if shape.kind is not None:
        found.append(matches_kind(shape.kind))
    return found


def _begins(word: _Word) -> ColumnElement[bool]:
    return merchant.c.search_text.like(word.begun)


def _like(word: _Word) -> ColumnElement[bool]:
    return word.itself.op("<%", is_comparison=True)(merchant.c.search_text)


def _likeness(words: Sequence[_Word], text: ColumnElement[str], of_word: OfWord) -> ColumnElement[float]:
    if not words:
        return literal(0.0, Double)
    name = func.split_part(text, SEPARATOR, 1)
    each = [of_word(word, name, text) for word in words]
    return cast(sum(each[1:], each[0]) / len(each), Double)


def _is_there(word: _Word, name: ColumnElement[str], text: ColumnElement[str]) -> ColumnElement[float]:
    return case(
        (name.like(word.whole), 1.0),
        (name.like(word.begun), BEGUN),
        (func.concat(text, " ").like(word.whole), ELSEWHERE),
        else_=ELSEWHERE * BEGUN,
    )


def _resembles(word: _Word, name: ColumnElement[str], text: ColumnElement[str]) -> ColumnElement[float]:
    of_all = ELSEWHERE * func.word_similarity(word.itself, text)
    return func.greatest(func.word_similarity(word.itself, name), of_all)


def _metres() -> ColumnElement[float]:
    north = merchant.c.latitude - _number("latitude")
    east = (merchant.c.longitude - _number("longitude")) * _number("shrink")
    return func.sqrt(north * north + east * east) * float(METRES_PER_DEGREE)


def _in_box() -> ColumnElement[bool]:
    """Around the circle; what the index over places can find."""
    corners = [
        func.point(_number("west"), _number("south")),
        func.point(_number("east"), _number("north")),
    ]
    there = func.point(merchant.c.longitude, merchant.c.latitude)
    return there.op("<@", is_comparison=True)(func.box(*corners))

"""What is searched, and the two statements that look for it.

The exact one finds merchants in whose text a word *begins* with each of the words asked (so it answers while
somebody types), the tolerant one those with a stretch that resembles each of them. The order of the words
never matters. Both read one GIN index over city and trigrams, and take CANDIDATES at most (of those that
resemble, RESEMBLING), which are then ranked:

1. **Likeness**, of each word of the question, and of all their mean. Where words begin so: 1 for a whole
   word of the name, BEGUN for the beginning of one, and ELSEWHERE times as much in kind, street and place.
   Where words resemble: how much of it is in the name (`word_similarity`, 0 to 1), or ELSEWHERE times how
   much of it is in the rest, whichever is more.
2. Where a place was given: likeness in tenths, and among equals the nearest first.
3. The name, then the id, so that one question has one answer.

Where more match than are taken, those nearest to the place are ranked, or without one, any: a question
that so many merchants answer has no better ones. Nearness is reckoned on a plane, exact to a metre in a town.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Double,
    FromClause,
    Numeric,
    Select,
    Text,
    case,
    cast,
    func,
    literal,
    null,
    select,
)

from services.directory.merchants.tables import IS_PUBLIC, matches_kind, merchant
from services.directory.search.text import SEPARATOR

CANDIDATES = 500
RESEMBLING = 100
"""Candidates of the tolerant statement: to compare a word with a text costs some ten microseconds."""
LEAST_LIKENESS = 0.5
"""Of a word that is misspelt: `boulangrie` has 0.64 of `boulangerie`; half is one slip in six letters."""
ELSEWHERE = 0.8
BEGUN = 0.9
METRES_PER_DEGREE = 111_320


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


def candidates(asked: Question, *, tolerant: bool) -> Select[Any]:
    """Ranked, with `likeness` and `metres` (null without a place) beside the merchant's columns."""
    text = merchant.c.search_text
    metres = cast(null(), Double) if asked.around is None else _metres(asked.around)
    found = select(merchant, metres.label("metres")).where(IS_PUBLIC, *_filters(asked))
    for word in asked.words:
        pattern = literal(word, Text)
        found = found.where(pattern.op("<%", is_comparison=True)(text) if tolerant else _begins(word))
    if asked.around is not None:
        found = found.where(_in_box(asked.around), metres <= asked.around.metres).order_by(metres)
    taken = found.limit(RESEMBLING if tolerant else CANDIDATES).subquery()
    return _ranked(taken, asked, _resembles if tolerant else _is_there)


def _ranked(rows: FromClause, asked: Question, of_word: OfWord) -> Select[Any]:
    likeness = _likeness(asked.words, rows.c.search_text, of_word).label("likeness")
    order: list[ColumnElement[Any]] = [likeness.desc(), rows.c.name, rows.c.id]
    if asked.around is not None:
        order = [func.round(cast(likeness, Numeric), 1).desc(), rows.c.metres, *order]
    return select(rows, likeness).order_by(*order)


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

"""Which groups are best made of those who wait for a training. Pure: the same waiting give the same groups.

**What is maximised**, in this order, for each weak dimension and language by itself:

1. how many of those who said when they have time are in a group, of two to five, when all have time;
2. on how few half-days: each is a journey for the consultant;
3. how near each other a group's shops are, so that it can meet at one of them.

The first two are exact: all sets of half-days are looked at. A set can be used if each of its half-days gets
two of its own; whoever has time on one of these is then placed, as any number from two on divides into groups
of two to five. Nearness is not: whoever is next joins the nearest, which is good and not always best.

**It ends**: there are 12 half-days, so at most 4,096 sets, each looked at once; at most MOST_ASKS are placed,
who asked first first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, cos, hypot, inf, radians
from typing import Literal
from uuid import UUID

MOST_IN_A_GROUP = 5
"""Many merchants need almost individual support (the source article)."""
FEWEST_IN_A_GROUP = 2
MOST_ASKS = 500
HalfDay = Literal[
    "mon-am", "mon-pm", "tue-am", "tue-pm", "wed-am", "wed-pm",
    "thu-am", "thu-pm", "fri-am", "fri-pm", "sat-am", "sat-pm",
]  # fmt: skip
HALF_DAYS: tuple[HalfDay, ...] = HalfDay.__args__  # type: ignore[attr-defined]
_ENOUGH = FEWEST_IN_A_GROUP * len(HALF_DAYS)
"""A half-day on which so many have time always finds two that no other half-day needs."""
_METRES_PER_DEGREE = 111_320


@dataclass(frozen=True)
class Ask:
    """A shop that waits for a training."""

    request_id: UUID
    merchant_id: UUID
    dimension: str
    """Where it is weak."""
    language: str
    half_days: frozenset[HalfDay]
    """On which it has time; on none where it did not say."""
    place: tuple[float, float] | None
    """Longitude and latitude, where they are known."""


@dataclass(frozen=True)
class Proposed:
    """A group that could meet."""

    dimension: str
    language: str
    half_day: HalfDay
    asks: tuple[Ask, ...]


def best_groups(asks: Sequence[Ask]) -> list[Proposed]:
    """The groups of those who wait, who asked first first; as the module says. A shop is in one at most."""
    first_of_shop = {ask.merchant_id: ask for ask in reversed(asks[:MOST_ASKS])}
    alike: dict[tuple[str, str], list[Ask]] = defaultdict(list)
    for ask in asks[:MOST_ASKS]:
        if first_of_shop[ask.merchant_id] is ask and ask.half_days:
            alike[ask.dimension, ask.language].append(ask)
    return [
        Proposed(dimension, language, half_day, group)
        for (dimension, language), some in sorted(alike.items())
        for half_day, members in _by_half_day(some)
        for group in _divided(members)
    ]


def _by_half_day(asks: Sequence[Ask]) -> Iterator[tuple[HalfDay, list[Ask]]]:
    """Who meets on which half-day: as many as can be placed, on as few as that takes."""
    placed = _best_half_days(asks)
    used = set(placed)
    taken = {ask.request_id for members in placed.values() for ask in members}
    for ask in asks:
        if ask.request_id not in taken and (
            free := [each for each in HALF_DAYS if each in ask.half_days & used]
        ):
            best = min(free, key=lambda each: _cost_of_joining(ask, placed[each]))
            placed[best].append(ask)
    for half_day in HALF_DAYS:
        if half_day in placed:
            yield half_day, [ask for ask in asks if ask in placed[half_day]]


def _best_half_days(asks: Sequence[Ask]) -> dict[HalfDay, list[Ask]]:
    """The half-days to use, each with the two that it needs."""
    has_time = [[ask for ask in asks if half_day in ask.half_days] for half_day in HALF_DAYS]
    known = {ask.request_id: 1 << number for number, ask in enumerate(asks)}
    reached = _reached([sum(known[ask.request_id] for ask in some) for some in has_time])
    impossible: list[int] = []
    for chosen in sorted(range(1, len(reached)), key=lambda s: (-reached[s].bit_count(), s.bit_count(), s)):
        if any(chosen & less == less for less in impossible):
            continue  # what even fewer half-days cannot have, more cannot
        numbers = [number for number in range(len(HALF_DAYS)) if chosen >> number & 1]
        pairs = _two_for_each(numbers, has_time)
        if pairs is not None:
            return {HALF_DAYS[number]: pairs[number] for number in numbers}
        impossible.append(chosen)
    return {}


def _reached(has_time: Sequence[int]) -> list[int]:
    """For each set of half-days, as bits, who has time on one of them, as bits."""
    reached = [0] * (1 << len(has_time))
    for chosen in range(1, len(reached)):
        lowest = chosen & -chosen
        reached[chosen] = reached[chosen ^ lowest] | has_time[lowest.bit_length() - 1]
    return reached


def _two_for_each(numbers: Sequence[int], has_time: Sequence[Sequence[Ask]]) -> dict[int, list[Ask]] | None:
    """Two for each half-day, nobody twice (a matching, by augmenting paths); None where there is none."""
    holder: dict[UUID, tuple[int, int]] = {}
    held: dict[tuple[int, int], Ask] = {}

    def seat(place: tuple[int, int], seen: set[UUID]) -> bool:
        for ask in has_time[place[0]][:_ENOUGH]:
            if ask.request_id in seen:
                continue
            seen.add(ask.request_id)
            if ask.request_id not in holder or seat(holder[ask.request_id], seen):
                holder[ask.request_id], held[place] = place, ask
                return True
        return False

    places = [(number, which) for number in numbers for which in range(FEWEST_IN_A_GROUP)]
    if not all(seat(place, set()) for place in places):
        return None
    return {number: [held[number, which] for which in range(FEWEST_IN_A_GROUP)] for number in numbers}


def _cost_of_joining(ask: Ask, members: Sequence[Ask]) -> tuple[bool, float]:
    """A group that is full costs another one; then the way."""
    return len(members) % MOST_IN_A_GROUP == 0, min(_metres(ask, other) for other in members)


def _divided(members: Sequence[Ask]) -> Iterator[tuple[Ask, ...]]:
    """Groups as equal as they can be, of those near each other; whoever asked first has the nearest."""
    left = list(members)
    for number in range(ceil(len(members) / MOST_IN_A_GROUP), 0, -1):
        seed, size = left[0], ceil(len(left) / number)
        nearest = sorted(left, key=lambda ask: (ask is not seed, _metres(seed, ask)))[:size]
        chosen = {ask.request_id for ask in nearest}
        yield tuple(ask for ask in left if ask.request_id in chosen)
        left = [ask for ask in left if ask.request_id not in chosen]


def _metres(one: Ask, other: Ask) -> float:
    """As the crow flies; nobody knows how far is whoever has no place, who is taken last."""
    if one.place is None or other.place is None:
        return inf
    (x, y), (to_x, to_y) = one.place, other.place
    return hypot((to_x - x) * cos(radians(y)), to_y - y) * _METRES_PER_DEGREE


def fits(group: Iterable[Ask], half_day: HalfDay) -> bool:
    """Whether all of a group have time then."""
    return all(half_day in ask.half_days for ask in group)

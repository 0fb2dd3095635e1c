"""A rise is called one only beyond what chance gives: exactly, and as often as is stated on flat series."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from random import Random

import pytest

from services.notifications.campaigns.periods import Around
from services.notifications.growth.chance import at_least, at_most, beyond_chance
from services.notifications.growth.domain import (
    DEEDS,
    KINDS,
    LEVEL,
    Beside,
    Counts,
    Judged,
    Verdict,
    compared,
    judge,
    monday_of,
)
from services.notifications.growth.figures import Growth, Peers
from services.notifications.growth.wording import said_of, said_of_week
from services.notifications.growth.words import counted
from services.notifications.languages import LANGUAGES

WEEK = date(2026, 11, 16)
BEFORE = [WEEK - timedelta(weeks=number) for number in range(1, 9)]


def beta_binomial(count: int, total: int, ours: int, theirs: int) -> Fraction:
    """In fractions, with factorials: nothing is rounded."""

    def beta(one: int, other: int) -> Fraction:
        return Fraction(math.factorial(one - 1) * math.factorial(other - 1), math.factorial(one + other - 1))

    return math.comb(total, count) * beta(count + ours, total - count + theirs) / beta(ours, theirs)


def test_the_chances_are_those_counted_in_fractions() -> None:
    for shape, weeks in ((4, 8), (2, 3), (1, 8)):
        for count in range(14):
            for before in (0, 1, 7, 30):
                total = count + before
                exact = [beta_binomial(n, total, shape, shape * weeks) for n in range(total + 1)]
                assert sum(exact) == 1
                if count and count * weeks > before:
                    found = at_least(count, before, weeks, shape)
                    assert found == pytest.approx(float(sum(exact[count:])), rel=1e-9)
                if count * weeks < before:
                    found = at_most(count, before, weeks, shape)
                    assert found == pytest.approx(float(sum(exact[: count + 1])), rel=1e-9)
    assert at_least(4_000, 20_000, 8, 2) < 1  # long sums end
    # With an endless shape it is the conditional test of two Poisson rates: binomial with 1 of 9.
    poisson = sum(math.comb(12, n) * (1 / 9) ** n * (8 / 9) ** (12 - n) for n in range(5, 13))
    assert at_least(5, 7, 8, 1e9) == pytest.approx(poisson, rel=1e-4)


def test_the_more_is_asked_at_once_the_less_is_called_a_rise() -> None:
    assert beyond_chance({"a": 0.009}, 0.01) == {"a"}
    assert beyond_chance({"a": 0.009, "b": 0.5}, 0.01) == set()
    assert beyond_chance({"a": 0.004, "b": 0.009}, 0.01) == {"a", "b"}
    assert beyond_chance({}, 0.01) == set()


def poisson(chance: Random, mean: float) -> int:
    """Knuth's way, in parts for a large mean."""
    drawn = 0
    while mean > 30:
        drawn, mean = drawn + poisson(chance, 30), mean - 30
    limit, product = math.exp(-mean), chance.random()
    while product > limit:
        drawn, product = drawn + 1, product * chance.random()
    return drawn


Rate = Callable[[Random, float], float]
FLAT: dict[str, Rate] = {
    "Poisson": lambda _, mean: mean,
    "rates that vary by half": lambda chance, mean: chance.gammavariate(4, mean / 4),
}


@pytest.mark.parametrize("flat", FLAT)
def test_on_flat_series_a_rise_is_called_in_no_more_weeks_than_stated(flat: str) -> None:
    chance, alarms, weeks = Random(7), Counter[str](), 2_500
    means = (0.05, 0.5, 2.0, 8.0, 40.0)
    for _ in range(weeks):
        counts: Counts = {
            week: {
                kind: poisson(chance, FLAT[flat](chance, mean))
                for kind, mean in zip(DEEDS, means, strict=True)
            }
            for week in (WEEK, *BEFORE)
        }
        said = {each.own.verdict for each in judge(counts, WEEK, BEFORE[-1], after_campaign=False)}
        alarms.update(verdict for verdict in (Verdict.RISE, Verdict.FALL) if verdict in said)
    most = LEVEL * weeks + 3 * math.sqrt(LEVEL * weeks)
    assert alarms[Verdict.RISE] <= most, alarms
    assert alarms[Verdict.FALL] <= most, alarms


def reviews(week: int, *before: int) -> Counts:
    """Of the week, and of those before it, the newest first."""
    return {day: {"review": count} for day, count in zip((WEEK, *BEFORE), (week, *before), strict=False)}


@pytest.mark.parametrize(
    ("week", "before", "after_campaign", "verdict"),
    [
        (4, [0] * 8, False, Verdict.RISE),
        (2, [0] * 8, False, Verdict.USUAL),
        (3, [1, 0, 2, 1, 1, 0, 1, 1], False, Verdict.USUAL),
        (14, [1, 0, 2, 1, 1, 0, 1, 1], False, Verdict.RISE),
        (0, [20] * 8, False, Verdict.FALL),
        (0, [20] * 8, True, Verdict.AFTER_CAMPAIGN),
        (9, [10] * 8, True, Verdict.AFTER_CAMPAIGN),
        (80, [10] * 8, True, Verdict.RISE),
        (9, [10] * 8, False, Verdict.USUAL),
        (50, [1, 1, 1], False, Verdict.UNKNOWN),
    ],
)
def test_what_may_be_said_of_a_week(
    week: int, before: list[int], after_campaign: bool, verdict: Verdict
) -> None:
    since = BEFORE[len(before) - 1]
    told = {
        each.kind: each for each in judge(reviews(week, *before), WEEK, since, after_campaign=after_campaign)
    }
    assert told["review"].own.verdict is verdict
    assert told["review"].last_year is None
    assert told["photo"].own.verdict in {Verdict.USUAL, Verdict.UNKNOWN}


def test_the_same_weeks_of_last_year_are_looked_at_where_they_are_known() -> None:
    then = [WEEK - timedelta(weeks=number) for number in (51, 52, 53)]
    counts = {**reviews(20, *[15] * 8), **{day: {"review": 2} for day in then}}
    (review, *_) = judge(counts, WEEK, then[-1], after_campaign=False)
    assert review.own.verdict is Verdict.USUAL
    assert review.last_year is not None
    assert (review.last_year.median, review.last_year.verdict) == (2, Verdict.RISE)
    assert judge(counts, WEEK, then[-1] + timedelta(days=1), after_campaign=False)[0].last_year is None
    assert monday_of(date(2026, 11, 22)) == WEEK
    assert compared({}, WEEK, BEFORE, after_campaign=True)["review"].verdict is Verdict.USUAL


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_verdict_and_kind_has_words_of_its_own_in_every_language(language: str) -> None:
    held = {verdict: Beside(8, 1.5, 12, verdict) for verdict in Verdict}
    growth = Growth(WEEK, [], 7, {"review": Peers(2, Verdict.RISE)}, Around(running=True, over=True))
    said = {said_of(Judged("photo", 3, held[verdict], None), growth, language) for verdict in Verdict}
    said |= {said_of(Judged("review", 3, held[verdict], held[verdict]), growth, language) for verdict in held}
    assert len(said) == 2 * len(Verdict)
    kinds = {counted(kind, count, language) for kind in (*KINDS, "of-tomorrow") for count in (1, 1_200)}
    assert len(kinds) == 2 * (len(KINDS) + 1)
    over = growth._replace(around=Around(running=False, over=True))
    weeks = {said_of_week(each, language) for each in (growth, over)}
    assert len(weeks) == 2
    assert not any("{" in each for each in said | kinds | weeks)

"""How likely a week's count is where nothing has changed: an exact test of one week against several.

What is assumed where nothing has changed: each week's count is Poisson around a rate that itself varies from
week to week (weather, holidays, one visitor who brings others), as a gamma distribution with the given
`shape`: its standard deviation is 1/√shape of its mean. Given their sum, such weeks are Dirichlet-multinomial
whatever the rate is, so that one week among `weeks` others is beta-binomial: nothing is estimated, and no
count is too small. With an endless shape it is the usual conditional test of two Poisson rates.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from math import exp, lgamma
from typing import TypeVar

Question = TypeVar("Question", bound=Hashable)


def at_least(count: int, before: int, weeks: int, shape: float) -> float:
    """The chance of `count` or more in one week, where `weeks` others like it had `before` in sum."""
    total, ours, theirs = count + before, shape, shape * weeks
    if count == 0:
        return 1.0
    if count * weeks <= before:  # no more than they had: never a rise, and the sum would be long
        return 1.0
    term, found, number = exp(_log_weight(count, total, ours, theirs)), 0.0, count
    while number <= total and term > found * 1e-17:
        found += term
        if number == total:
            break
        term *= (total - number) * (number + ours) / ((number + 1) * (total - number - 1 + theirs))
        number += 1
    return min(found, 1.0)


def at_most(count: int, before: int, weeks: int, shape: float) -> float:
    """The chance of `count` or fewer in one week, where `weeks` others like it had `before` in sum."""
    total, ours, theirs = count + before, shape, shape * weeks
    if count * weeks >= before:  # no fewer than they had
        return 1.0
    return min(sum(exp(_log_weight(number, total, ours, theirs)) for number in range(count + 1)), 1.0)


def beyond_chance(chances: Mapping[Question, float], level: float) -> set[Question]:
    """The questions whose answer is beyond chance, all asked at once: with Holm's correction for that.

    Where nothing has changed, at least one is among them with a probability of at most `level`, however they
    depend on each other. Source: S. Holm, Scandinavian Journal of Statistics 6 (1979) 65-70.
    """
    found: set[Question] = set()
    for left, question in zip(
        range(len(chances), 0, -1), sorted(chances, key=chances.__getitem__), strict=True
    ):
        if chances[question] * left > level:
            break
        found.add(question)
    return found


def _log_weight(count: int, total: int, ours: float, theirs: float) -> float:
    """The logarithm of the beta-binomial probability of `count` of `total`."""
    chosen = lgamma(total + 1) - lgamma(count + 1) - lgamma(total - count + 1)
    return chosen + _log_beta(count + ours, total - count + theirs) - _log_beta(ours, theirs)


def _log_beta(one: float, other: float) -> float:
    return lgamma(one) + lgamma(other) - lgamma(one + other)

"""Assessments as reports count them, of any shape."""

from collections.abc import Sequence
from random import Random
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from services.assessment.reports.domain.figures import OTHER, Attempt, Scored

BASIS, MAPPED = "form.v1", "form.v1--full.v1"
KINDS = ("shop=bakery", "shop=butcher", "shop=florist", OTHER)
DIMENSIONS = ("visibility", "social", "skills")
STEPS = ("claim", "learn", "mend")


def identity(number: int) -> UUID:
    return UUID(int=(7 << 76) | (2 << 62) | number)


def attempt(number: int, chance: Random) -> Attempt:
    answered = chance.sample(DIMENSIONS, chance.randint(1, len(DIMENSIONS)))
    dimensions = {each: chance.randint(0, 100) for each in answered}
    scored = {BASIS: Scored(chance.randint(0, 100), dimensions)}
    if chance.random() < 0.95:
        scored[MAPPED] = Scored(chance.randint(0, 100), {answered[0]: dimensions[answered[0]]})
    return Attempt(
        id=identity(number),
        merchant_id=chance.choice([None, identity(10_000 + chance.randint(0, 30))]),
        kind=chance.choice(KINDS),
        scored=scored,
        recommendations=chance.sample(STEPS, chance.randint(0, len(STEPS))),
        wish=chance.choice([None, "group", "visit", "not-now"]),
    )


@st.composite
def populations(draw: st.DrawFn, first: int = 0, most: int = 40) -> list[Attempt]:
    """Made of a seed: a hundred draws for each person would take minutes to shrink."""
    size, chance = draw(st.integers(0, most)), Random(draw(st.integers(0, 2**32)))
    return [attempt(first + number, chance) for number in range(size)]


def simple(number: int, kind: str = OTHER, score: int = 50, **more: Any) -> Attempt:
    """One whose dimensions nobody looks at."""
    given: dict[str, Any] = {"merchant_id": None, "recommendations": (), "wish": None}
    return Attempt(identity(number), kind=kind, scored={BASIS: Scored(score, {})}, **(given | more))


def ids(attempts: Sequence[Attempt]) -> set[UUID]:
    return {each.id for each in attempts}

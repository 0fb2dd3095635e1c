"""What the rules about copies and bursts find in labelled reviews: precision and recall.

The set (`rgmining-synthetic-dataset`, of Tawaramoto et al., DEXA 2011) says who reviewed what, and which 57
of 1,000 reviewers are not honest. It has no times and no texts, which these two rules are about; both are
laid upon it here, the same ones in each run. Honest reviews are spread evenly over a month, each with a
text of its own. The dishonest ones of a product are written within one evening hour, and say what the first
of them says, with a share of the words changed. So this measures how the rules tell organised reviews that
look like this from others in such a crowd, and not how organised reviews look. Of languages, insults,
links, devices, ties and distances the set says nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import synthetic
from rich.console import Console

from bench.post import WORDS
from bench.rows import Row
from services.campaigns.screening.domain import Place, Thresholds, Written, burst, duplicate
from services.campaigns.screening.fingerprint import bands, folded, pieces

BEGAN = datetime(2026, 11, 1, tzinfo=UTC)
MONTH, EVENING = timedelta(days=30), timedelta(hours=1)
LENGTH = 24
"""Words of a text, some 150 characters."""
CHANGED = (0.0, 0.1, 0.2, 0.3)
BURSTS = (20, 8, 4)
"""The threshold that is set, and two that are not: what a stricter one would cost."""
PLACE = Place(5.65, 49.72)


@dataclass(frozen=True)
class Review:
    """A review of the set, with what is laid upon it."""

    product: int
    dishonest: bool
    at: datetime
    text: str


class _Graph:
    """Takes what the set gives: names, and who reviewed what."""

    def __init__(self) -> None:
        self.products = 0
        self.reviews: list[tuple[bool, int]] = []

    def new_reviewer(self, name: str) -> bool:
        return "anomaly" in name

    def new_product(self, name: str) -> int:  # noqa: ARG002 - a number does
        self.products += 1
        return self.products

    def add_review(self, reviewer: bool, product: int, score: float) -> None:  # noqa: ARG002
        self.reviews.append((reviewer, product))


async def rows(rounds: int, console: Console) -> list[Row]:  # noqa: ARG001 - it comes out the same each time
    """Precision and recall of each rule."""
    found: list[Row] = []
    for share in CHANGED:
        reviews = laid_out(share)
        what = f"copies with {share:.0%} of the words changed"
        found += _rows(what, reviews, held_as_copies(reviews, Thresholds()))
    for most in BURSTS:
        reviews = laid_out(0)
        limits = replace(Thresholds(), burst_reviews=most)
        found += _rows(f"bursts from {most} reviews an hour on", reviews, held_as_bursts(reviews, limits))
    return found


def laid_out(changed: float) -> list[Review]:
    """The set in the order of the times that it is given."""
    graph, chance = synthetic.load(_Graph()), Random(20261126)
    evenings = {each: BEGAN + MONTH * chance.random() for each in range(1, graph.products + 1)}
    first: dict[int, list[str]] = {}
    reviews = []
    for dishonest, product in graph.reviews:
        words = chance.sample(WORDS, LENGTH)
        at = BEGAN + MONTH * chance.random()
        if dishonest:
            at = evenings[product] + EVENING * chance.random()
            words = _reworded(first.setdefault(product, words), changed, chance)
        reviews.append(Review(product, dishonest, at, " ".join(words).capitalize() + "."))
    return sorted(reviews, key=lambda review: review.at)


def held_as_copies(reviews: Iterable[Review], limits: Thresholds) -> list[bool]:
    """Which are held, one after the other, each compared with those before it that share a band."""
    known: defaultdict[int, list[str]] = defaultdict(list)
    held = []
    for review in reviews:
        own = bands(pieces(folded(review.text)))
        alike = [text for band in own for text in known[band]]
        held.append(duplicate(_written(review, alike=alike), limits))
        for band in own:
            known[band].append(review.text)
    return held


def held_as_bursts(reviews: Sequence[Review], limits: Thresholds) -> list[bool]:
    """Which are held, one after the other."""
    times: defaultdict[int, list[datetime]] = defaultdict(list)
    held = []
    for review in reviews:
        since = review.at - timedelta(minutes=limits.burst_minutes)
        before = sum(at >= since for at in times[review.product])
        held.append(burst(_written(review, before=before), limits))
        times[review.product].append(review.at)
    return held


def precision_and_recall(reviews: Sequence[Review], held: Sequence[bool]) -> tuple[float | None, float]:
    """Of the held ones the dishonest, and of the dishonest the held. The first is None where none is held."""
    right = sum(review.dishonest and is_held for review, is_held in zip(reviews, held, strict=True))
    recall = right / sum(review.dishonest for review in reviews)
    return (round(right / sum(held), 3) if any(held) else None), round(recall, 3)


def _rows(what: str, reviews: Sequence[Review], held: Sequence[bool]) -> list[Row]:
    precision, recall = precision_and_recall(reviews, held)
    dishonest = sum(review.dishonest for review in reviews)
    against = f"labels of {len(reviews)} reviews, {dishonest} of them dishonest; times and texts are ours"
    return [
        Row(f"screening, {what}: {name}", against, value, 1.0, value, None, "higher")
        for name, value in (("precision", precision), ("recall", recall))
    ]


def _written(review: Review, *, alike: Sequence[str] = (), before: int = 0) -> Written:
    return Written(
        merchant_id=UUID(int=review.product),
        place=PLACE,
        now=review.at,
        text=review.text,
        alike=alike,
        of_merchant=before,
    )


def _reworded(words: Sequence[str], share: float, chance: Random) -> list[str]:
    places = set(chance.sample(range(len(words)), round(share * len(words))))
    return [chance.choice(WORDS) if place in places else word for place, word in enumerate(words)]

"""POST a review with little and with much stored before: the same handler, all checks on, in one town."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from itertools import count
from random import Random

from rich.console import Console

from bench.ground import ground, merchant
from bench.load import post_all
from bench.post import CONNECTIONS, REVIEWS, WORDS, Town
from bench.rows import Row, compare, interleaved
from bench.stored import filled

LITTLE, MUCH = 10_000, 2_000_000
SHOPS = 6
"""That all ambassadors review in a round; the first to warm up. Those of other rounds are others."""
TARGET = 1.2


async def rows(rounds: int, console: Console) -> list[Row]:
    """Microseconds a request."""
    with ground() as servers:
        town = Town(servers, servers.postgres.root)
        await town.build()
        contestants = {
            name: partial(_cost, town, await filled(town, stored, console), count())
            for name, stored in (("much", MUCH), ("little", LITTLE))
        }
        found = await interleaved(contestants, rounds, console)
    return [
        compare(
            f"POST a review with {MUCH:,} contributions stored, µs/request",
            f"with {LITTLE:,}",
            found["much"],
            found["little"],
            target=TARGET,
            better="lower",
        )
    ]


async def _cost(town: Town, url: str, numbers: Iterator[int]) -> float:
    first = next(numbers) * SHOPS
    async with town.service(url, "api") as port:
        await post_all(port, list(_reviews(town, range(first, first + 1))), CONNECTIONS)
        wanted = list(_reviews(town, range(first + 1, first + SHOPS)))
        answers = await post_all(port, wanted, CONNECTIONS)
    if answers.statuses != {201: len(wanted)}:
        raise RuntimeError(f"not every review was accepted: {dict(answers.statuses)}")
    return 1e6 * answers.seconds / len(wanted)


def _reviews(town: Town, shops: range) -> Iterator[bytes]:
    for shop in shops:
        for person, token in enumerate(town.tokens):
            chance = Random(person * 1_000 + shop)
            said = " ".join(chance.sample(WORDS, 24)).capitalize() + "."
            body = {"merchant_id": str(merchant(shop)), "rating": 4, "text": said, "language": "fr"}
            yield town.request(REVIEWS, token, json.dumps(body).encode())

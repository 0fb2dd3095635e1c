"""POST a review with little and with much stored before: the same handler, all checks on, in one town.

What is stored came over three years, 1,800 contributions a day where it is much. That matters: a text is
compared with those of the last 180 days alone (docs/decisions/0047), so that a post costs what half a year
brought, not what lies there in all. The same two million in fewer days would leave more to compare with.
"""

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

LITTLE, MUCH, DAYS = 10_000, 2_000_000, 3 * 365
SHOPS = 6
"""That all ambassadors review in a round; the first to warm up. Those of other rounds are others."""
TARGET = 1.2


async def rows(rounds: int, console: Console) -> list[Row]:
    """Microseconds a request."""
    with ground() as servers:
        town = Town(servers, servers.postgres.root)
        await town.build()
        contestants = {
            name: partial(_cost, town, await filled(town, stored, console, DAYS), count())
            for name, stored in (("much", MUCH), ("little", LITTLE))
        }
        found = await interleaved(contestants, rounds, console)
    return [
        compare(
            f"POST a review with {MUCH:,} contributions of three years stored, µs/request",
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

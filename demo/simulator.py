"""Ambassadors who post reviews and shares at a given rate, and an exact account of what became of each.

Posting is open-loop: the next post leaves when it is due, whether or not earlier ones were answered, as
citizens do not wait for each other. It survives refused connections, gateways without a service behind
them and services that are killed: a post is repeated under its key until it is known what became of it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from demo import effects
from demo.gateway import Gateway, NoAnswer, Refused, accepted
from demo.posts import Post, plan
from demo.town import JOINING, NIS_CODE

AMBASSADORS = 200
MOST_AMBASSADORS = 10_000
AT_ONCE_PREPARING = 16


@dataclass
class Tally:
    """How far a run is. Each post is in `attempted` and then in one of the other three."""

    planned: int = 0
    attempted: set[str] = field(default_factory=set)
    """Idempotency keys of posts that were sent."""
    accepted: dict[str, str] = field(default_factory=dict)
    """Contribution ids, with the merchant of each."""
    refused: dict[str, str] = field(default_factory=dict)
    """Keys of posts that were refused, with the problem's slug."""
    unknown: dict[str, str] = field(default_factory=dict)
    """Keys of posts of which it never became known, with what happened last."""

    @property
    def answered(self) -> int:
        return len(self.accepted) + len(self.refused) + len(self.unknown)


@dataclass(frozen=True)
class Result:
    """The account of a run, by ids."""

    attempted: frozenset[str]
    accepted: frozenset[str]
    refused: dict[str, str]
    unknown: dict[str, str]
    effected: frozenset[str]
    """Accepted contributions that the audience of their merchant is made of."""
    duplicated: int
    """Contributions counted more than once, and milestones told more than once."""
    notified: int
    """Milestones that appeared in the feeds of the demo's merchants during the run."""
    seconds: float
    """From the first post to the last answer."""
    disturbances: dict[str, int]
    """What happened to requests besides being answered: statuses and network errors, by number."""

    @property
    def lost(self) -> frozenset[str]:
        return self.accepted - self.effected

    @property
    def exact(self) -> bool:
        """Everything is known, nothing is lost, nothing counts twice."""
        return not (self.lost or self.duplicated or self.unknown)

    def line(self) -> dict[str, int | float]:
        """What the command line prints."""
        return {
            "attempted": len(self.attempted),
            "accepted": len(self.accepted),
            "refused": len(self.refused),
            "effected": len(self.effected),
            "notified": self.notified,
            "lost": len(self.lost),
            "duplicated": self.duplicated,
            "seconds": round(self.seconds, 3),
        }


class NothingToPostTo(Exception):
    """The city has no merchants yet."""


class Simulator:
    """One run. `told` is called with how many posts are answered, and what is being done."""

    def __init__(
        self,
        gateway: str,
        rate: float,
        seconds: float,
        seed: int | None = None,
        *,
        ambassadors: int = AMBASSADORS,
        nis_code: str = NIS_CODE,
        patience: float = 60,
        effects_within: float = 30,
    ) -> None:
        self.url = gateway
        self.rate = rate
        self.count = max(1, round(rate * seconds))
        self.seed = random.randrange(1 << 32) if seed is None else seed
        self.ambassadors = min(ambassadors, MOST_AMBASSADORS)
        self.nis_code = nis_code
        self.patience = patience
        """Seconds that a post is repeated for, from when it was due."""
        self.effects_within = effects_within
        """Seconds from the last answer in which every effect must be there."""
        self.tally = Tally(planned=self.count)
        self.told: Callable[[int, str], None] = lambda _answered, _phase: None
        self._enough = False

    def stop(self) -> None:
        """Send no further posts; what was sent is followed to its end."""
        self._enough = True

    async def run(self) -> Result:
        """Post, wait for the effects, and account for them. Raises NothingToPostTo, NoAnswer, Refused."""
        async with Gateway(self.url) as gateway:
            merchants = await self._merchants(gateway)
            posts = plan(self._people(), merchants, self.count, f"simulated-{uuid4().hex}", self.seed)
            await self._prepare(gateway, {post.person for post in posts})
            before = await effects.milestones(gateway)
            gateway.disturbances.clear()
            seconds = await self._post_all(gateway, posts)
            return await self._account(gateway, before, seconds)

    def _people(self) -> list[str]:
        """Other ambassadors with every seed, so that a second run is not refused for what the first did."""
        first = random.Random(self.seed).randrange(1, MOST_AMBASSADORS - self.ambassadors + 2)
        return [f"ambassador-{number}" for number in range(first, first + self.ambassadors)]

    async def _merchants(self, gateway: Gateway) -> list[str]:
        cities = await gateway.read("/api/v1/cities", nis_code=self.nis_code)
        if not cities["items"]:
            raise NothingToPostTo(f"No city with NIS code {self.nis_code} takes part.")
        city = cities["items"][0]["id"]
        merchants = [each["id"] async for each in gateway.read_all("/api/v1/merchants", city=city)]
        if not merchants:
            raise NothingToPostTo(f"The city with NIS code {self.nis_code} has no merchants yet.")
        return merchants

    async def _prepare(self, gateway: Gateway, people: Iterable[str]) -> None:
        """Sign everybody in, as ambassadors of what runs: the run itself posts and does nothing else."""
        running = await gateway.read("/api/v1/campaigns", nis_code=self.nis_code, state="running")
        at_once = asyncio.Semaphore(AT_ONCE_PREPARING)

        async def one(person: str) -> None:
            async with at_once:
                await gateway.token_of(person)
                for campaign in running["items"]:
                    path, key = f"/api/v1/campaigns/{campaign['id']}/ambassadors", f"join-{campaign['id']}"
                    await gateway.ask("POST", path, person=person, key=key, json=JOINING)

        await asyncio.gather(*map(one, sorted(people)), gateway.token_of(effects.READER))

    async def _post_all(self, gateway: Gateway, posts: list[Post]) -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with asyncio.TaskGroup() as under_way:
            for number, post in enumerate(posts):
                await asyncio.sleep(max(0.0, began + number / self.rate - loop.time()))
                if self._enough:
                    break
                under_way.create_task(self._post(gateway, post))
        return loop.time() - began

    async def _post(self, gateway: Gateway, post: Post) -> None:
        self.tally.attempted.add(post.key)
        try:
            body = await self._ask(gateway, post)
            self.tally.accepted[body["id"]] = post.merchant_id
        except Refused as refused:
            self.tally.refused[post.key] = refused.slug
        except NoAnswer as silence:
            self.tally.unknown[post.key] = str(silence)
        self.told(self.tally.answered, "posting")

    async def _ask(self, gateway: Gateway, post: Post) -> Any:
        return accepted(
            await gateway.ask(
                "POST", post.path, person=post.person, key=post.key, json=post.body, patience=self.patience
            )
        )

    async def _account(self, gateway: Gateway, before: list[effects.Milestone], seconds: float) -> Result:
        expected = self.tally.accepted
        self.told(self.tally.answered, "waiting for the effects")
        audiences = await effects.wait_for_effects(gateway, expected, self.effects_within)
        await effects.wait_until_read(
            gateway, "notifications", "notifications__reactions", self.effects_within
        )
        milestones = await effects.milestones(gateway)
        counted = {each for audience in audiences.values() for each in audience.contributions}
        told_again = effects.repeated(milestones) - effects.repeated(before)
        earlier = {each.notification_id for each in before}
        return Result(
            attempted=frozenset(self.tally.attempted),
            accepted=frozenset(expected),
            refused=dict(self.tally.refused),
            unknown=dict(self.tally.unknown),
            effected=frozenset(expected) & counted,
            duplicated=sum(each.duplicated for each in audiences.values()) + told_again,
            notified=len({each.notification_id for each in milestones} - earlier),
            seconds=seconds,
            disturbances=dict(gateway.disturbances),
        )

"""What became of contributions: looked up by id in the audience and in the feeds, never by counting alone."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from demo.gateway import Gateway, Refused

READER = "otto"
"""The demo's operator, who may read every merchant's audience."""
OWNERS = ("marc", "nele", "dieter")
"""Who runs an account in the demo town, and so has a feed."""
LISTED = ("review", "photo", "video", "share", "follow")
"""Kinds of what people do and may take back. Visits are counted, and nobody knows whose they were."""
POLL_SECONDS = 0.25
MOST_READS_OF_ONE = 5


@dataclass(frozen=True)
class Audience:
    """One merchant's audience: the total that people see, and the contributions it is made of."""

    total: int
    contributions: tuple[str, ...]

    @property
    def duplicated(self) -> int:
        """How many more are counted than there are, and how many are listed more than once."""
        distinct = len(set(self.contributions))
        return max(0, self.total - distinct) + len(self.contributions) - distinct


@dataclass(frozen=True)
class Milestone:
    """A milestone in a feed."""

    notification_id: str
    merchant_id: str
    kind: str
    threshold: int

    @property
    def effect(self) -> tuple[str, str, int]:
        """What may be told once for ever."""
        return self.merchant_id, self.kind, self.threshold


async def audience_of(gateway: Gateway, merchant_id: str) -> Audience:
    """Total and contributions that belong together: read again where the total moved meanwhile."""
    for _ in range(MOST_READS_OF_ONE):
        before = await _total(gateway, merchant_id)
        path = f"/api/v1/audience/{merchant_id}/contributions"
        listed = [item["contribution_id"] async for item in gateway.read_all(path, person=READER)]
        total = await _total(gateway, merchant_id)
        if before == total:
            break
    return Audience(total, tuple(listed))


async def _total(gateway: Gateway, merchant_id: str) -> int:
    shown = await gateway.read(f"/api/v1/audience/{merchant_id}", person=READER)
    return sum(shown["totals"].get(kind, 0) for kind in LISTED)


async def audiences_of(gateway: Gateway, merchants: Iterable[str]) -> dict[str, Audience]:
    """Those of many merchants, some at a time."""
    at_once = asyncio.Semaphore(8)

    async def one(merchant_id: str) -> tuple[str, Audience]:
        async with at_once:
            try:
                return merchant_id, await audience_of(gateway, merchant_id)
            except Refused as refused:
                if refused.status != 404:  # a merchant nobody has contributed to yet may be unknown there
                    raise
                return merchant_id, Audience(0, ())

    return dict(await asyncio.gather(*map(one, merchants)))


async def wait_for_effects(
    gateway: Gateway, expected: Mapping[str, str], patience: float
) -> dict[str, Audience]:
    """The audiences of the merchants (the values of `expected`) once they hold every contribution (its keys),
    or as they are when `patience` seconds have passed."""
    deadline = asyncio.get_running_loop().time() + patience
    found: dict[str, Audience] = {}
    missing_at = set(expected.values())
    while True:
        found |= await audiences_of(gateway, missing_at)
        missing_at = {
            merchant for each, merchant in expected.items() if each not in found[merchant].contributions
        }
        if not missing_at or asyncio.get_running_loop().time() > deadline:
            return found
        await asyncio.sleep(POLL_SECONDS)


async def wait_until_published(gateway: Gateway, service: str, patience: float) -> None:
    """Return when all that the service has recorded is on the bus, or after `patience` seconds."""
    deadline = asyncio.get_running_loop().time() + patience
    while asyncio.get_running_loop().time() < deadline:
        status = await gateway.read(f"/api/v1/operations/{service}/status", person=READER)
        if status["outbox"]["unpublished"] == 0:
            return
        await asyncio.sleep(POLL_SECONDS)


async def wait_until_read(gateway: Gateway, service: str, consumer: str, patience: float) -> None:
    """Return when the consumer has applied all that its stream held, or after `patience` seconds."""
    deadline = asyncio.get_running_loop().time() + patience
    path = f"/api/v1/operations/{service}/status"
    while asyncio.get_running_loop().time() < deadline:
        status = await gateway.read(path, person=READER)
        state = next(each for each in status["consumers"] if each["consumer"] == consumer)
        if state["pending"] == 0 and state["under_way"] == 0:
            return
        await asyncio.sleep(POLL_SECONDS)


async def milestones(gateway: Gateway, owners: Collection[str] = OWNERS) -> list[Milestone]:
    """Every milestone that the owners' feeds show."""
    found = []
    for owner in owners:
        for merchant_id in (await gateway.token_of(owner)).merchants:
            path = "/api/v1/notifications"
            async for item in gateway.read_all(path, person=owner, merchant=merchant_id):
                if item["kind"] in {"first", "milestone"}:
                    data = item["data"]
                    found.append(Milestone(item["id"], merchant_id, data["kind"], data["threshold"]))
    return found


def repeated(found: Iterable[Milestone]) -> int:
    """How many milestones were told again."""
    return sum(times - 1 for times in Counter(each.effect for each in found).values())

"""Work that people do while services die, each action with an id of its own, and where its effect shows.

`run` returns what was accepted; `effected` what arrived where it should. Nothing is inferred from totals.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import nats
from nats.aio.client import Client
from nats.js.errors import NotFoundError

from chassis.ids import lowest_at
from contracts.streams import DEPLOYER, DURABLES, STREAMS, inbox_prefix
from demo.gateway import Gateway, NoAnswer, accepted
from demo.town import ANSWERS, NIS_CODE
from tests.support.running_system import OWNERS_OF_DATA, RunningSystem

PATIENCE = 60.0
PAUSE = 0.04


@dataclass
class Account:
    """What became of a load's actions; `enough` ends it."""

    enough: bool = False

    attempted: set[str] = field(default_factory=set)
    accepted: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)


async def list_merchants(town: RunningSystem, account: Account) -> None:
    """An officer imports shops one by one; an action's id is the shop's OpenStreetMap id."""
    async with Gateway(town.gateway) as gateway:
        (city,) = (await gateway.read("/api/v1/cities", nis_code=NIS_CODE))["items"]
        while not account.enough:
            node = f"node/{secrets.randbelow(1 << 40)}"
            body = {"type": "FeatureCollection", "features": [_shop(node)]}
            path = f"/api/v1/cities/{city['id']}/imports"
            await _act(
                account, node, gateway.ask("POST", path, person="claire", json=body, patience=PATIENCE)
            )


def _shop(node: str) -> dict[str, Any]:
    place = [5.6 + secrets.randbelow(90_000) / 1e6, 49.7 + secrets.randbelow(40_000) / 1e6]
    tags = {"@id": node, "shop": "bakery", "name": f"Boulangerie {node.removeprefix('node/')}"}
    return {
        "type": "Feature",
        "id": node,
        "properties": tags,
        "geometry": {"type": "Point", "coordinates": place},
    }


async def take_assessments(town: RunningSystem, account: Account) -> None:
    """A merchant takes the assessment again and again; an action's id is its Idempotency-Key."""
    async with Gateway(town.gateway) as gateway:
        (merchant,) = (await gateway.token_of("marc")).merchants
        questionnaires = await gateway.read("/api/v1/questionnaires")
        chosen = questionnaires["items"][0]
        while not account.enough:
            key = f"assessment-{secrets.token_hex(8)}"
            body = {
                "merchant_id": merchant,
                "questionnaire": chosen["name"],
                "version": chosen["version"],
                "answers": ANSWERS,
            }
            ask = gateway.ask(
                "POST", "/api/v1/assessments", person="marc", key=key, json=body, patience=PATIENCE
            )
            await _act(account, key, ask, lambda answer: str(answer["id"]))


async def _act(
    account: Account, action: str, asking: Awaitable[Any], effect_id: Callable[[Any], str] | None = None
) -> None:
    account.attempted.add(action)
    try:
        answer = accepted(await asking)
        account.accepted.add(effect_id(answer) if effect_id else action)
    except NoAnswer:
        account.unknown.add(action)
    await asyncio.sleep(PAUSE)


async def merchants_known(town: RunningSystem, nodes: Collection[str], service: str) -> Counter[str]:
    """How often each imported shop is known to a service that learns of shops from events alone."""
    ids = {
        row["id"]: row["source_id"]
        for row in await rows(
            town, "directory", "SELECT id, source_id FROM merchant WHERE source_id = ANY($1)", list(nodes)
        )
    }
    query = {
        "campaigns": "SELECT id FROM known_merchant WHERE id = ANY($1)",
        "assessment": "SELECT merchant_id AS id FROM merchants WHERE merchant_id = ANY($1)",
        "notifications": "SELECT merchant_id AS id FROM merchant WHERE merchant_id = ANY($1)",
    }[service]
    found = await rows(town, service, query, list(ids))
    return Counter(ids[row["id"]] for row in found)


async def rows(town: RunningSystem, service: str, query: str, *values: object) -> list[Any]:
    """What a service's database holds; read by the test as the administrator."""
    connection = await asyncpg.connect(town.database_url(service))
    try:
        return list(await connection.fetch(query, *values))
    finally:
        await connection.close()


async def drained(town: RunningSystem, patience: float = 30) -> None:
    """Return when every outbox is empty and every consumer has nothing pending."""
    deadline = asyncio.get_running_loop().time() + patience
    async with Gateway(town.gateway) as gateway:
        while True:
            left = []
            for service in ("directory", "assessment", "campaigns", "notifications"):
                status = await gateway.read(f"/api/v1/operations/{service}/status", person="otto")
                left += [f"{service} outbox"] * bool(status["outbox"]["unpublished"])
                left += [
                    each["consumer"]
                    for each in status["consumers"]
                    if not each["idle"] and (each["pending"] != 0 or each["under_way"] != 0)
                ]
            if not left:
                return
            assert asyncio.get_running_loop().time() < deadline, f"not drained: {left}"
            await asyncio.sleep(0.2)


async def resumed(town: RunningSystem, patience: float = 30) -> float:
    """Seconds from now until relays and consumers are seen to work again, with load going on or not.

    That is: what any outbox held until now is published, and something posted from now on has reached the
    audience (its inbox row is of the same transaction as its effect). Fails after `patience`.
    """
    loop = asyncio.get_running_loop()
    began, since = loop.time(), lowest_at(datetime.now(UTC))
    left = {*OWNERS_OF_DATA, "effect"}
    while left:
        for each in sorted(left):
            if each == "effect":
                query = "SELECT event_id FROM inbox WHERE event_id > $1 AND consumer = ANY($2)"
                done = bool(await rows(town, "notifications", query, since, list(_AUDIENCE)))
            else:
                query = "SELECT 1 FROM outbox WHERE published_at IS NULL AND id < $1 LIMIT 1"
                done = not await rows(town, each, query, since)
            if done:
                left.discard(each)
        assert not left or loop.time() - began < patience, f"not resumed in {patience:.0f} s: {left}"
        await asyncio.sleep(0.05)
    return loop.time() - began


_AUDIENCE = [
    each.name for each in DURABLES.values() if each.service == "notifications" and each.stream == "CAMPAIGNS"
]


async def dead_letters(town: RunningSystem) -> int:
    """How many there are in all services."""
    found = [await rows(town, service, "SELECT 1 FROM dead_letter") for service in OWNERS_OF_DATA]
    return sum(map(len, found))


def first_id_at(at: datetime) -> UUID:
    """The smallest event id of a time."""
    return lowest_at(at)


async def deployer(town: RunningSystem) -> Client:
    """A connection with the deploy step's rights."""
    password = town.system.secrets.read(f"nats_{DEPLOYER}")
    url = f"nats://127.0.0.1:{town.system.ports.nats}"
    return await nats.connect(
        url, user=DEPLOYER, password=password, inbox_prefix=inbox_prefix(DEPLOYER).encode()
    )


async def stream_ids(town: RunningSystem) -> dict[str, set[UUID]]:
    """The ids of all events in each stream that there is."""
    client = await deployer(town)
    jetstream = client.jetstream(timeout=10)
    found: dict[str, set[UUID]] = {}
    for name in STREAMS:
        with suppress(NotFoundError):
            left = (await jetstream.stream_info(name)).state.messages
            found[name] = set()
            subscription = await jetstream.pull_subscribe(f"{name.lower()}.>", stream=name)
            while left > 0:
                for message in await subscription.fetch(1_000, timeout=10):
                    await message.ack()  # the server sends no more than 1,000 that are not
                    found[name].add(UUID((message.headers or {})["Nats-Msg-Id"]))
                    left -= 1
    await client.close()
    return found


async def milestones_told(town: RunningSystem, since: datetime) -> Counter[str]:
    """How often the stream tells each milestone that was reached after `since`."""
    told: Counter[str] = Counter()
    client = await deployer(town)
    subjects = "notifications.audience-milestone-reached.>"
    subscription = await client.jetstream().pull_subscribe(subjects, stream="NOTIFICATIONS")
    left = (await subscription.consumer_info()).num_pending or 0
    while left > 0:
        for message in await subscription.fetch(500, timeout=10):
            await message.ack()
            left -= 1
            data = json.loads(message.data)["data"]
            told[data["milestone_id"]] += datetime.fromisoformat(data["reached_at"]) > since
    await client.close()
    return +told

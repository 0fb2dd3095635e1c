"""POST a review: our service against a handler that checks the token and inserts the same rows, no more.

Closed loop over a few connections. Every process and database is fresh in each round, and warmed up by
one review of each ambassador (who is known to the service from then on).
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import httpx
from rich.console import Console

from bench.ground import CITY, Ground, ground, merchant
from bench.load import post_all
from bench.rows import Contestant, Row, compare, interleaved
from chassis.clock import utc_now
from chassis.database import Database
from chassis.identity import Grant, Role
from chassis.settings import ServiceSettings
from contracts.directory.v1 import CityJoined, MerchantListed
from deploy.one_machine.gateway import GatewaySettings, gateway_program
from deploy.one_machine.probe import status_of
from deploy.one_machine.program import Child, Program
from deploy.one_machine.system import PROJECT, SERVICES
from services.campaigns.places import projections
from tests.support.servers import free_port
from tests.support.tokens import TestIssuer

CONNECTIONS = 16
AMBASSADORS, MERCHANTS = 200, 20
TARGET = 0.6
TARGET_THROUGH_GATEWAY = 0.4
"""All checks on, and the gateway before it: against a handler that checks nothing but the token."""
REVIEWS = "/api/v1/contributions/reviews"
JOINING = b'{"pledge": 1, "age": "18_or_older", "language": "fr"}'
TEMPLATE = "town_with_campaign"

WORDS = Path(__file__).with_name("review_words.txt").read_text().split()


class Town:
    """A city with merchants, a running campaign and its ambassadors, as a database to be copied."""

    def __init__(self, servers: Ground, root: Path) -> None:
        self.servers = servers
        self.root = root
        self.issuer = TestIssuer()
        self.cache = self.issuer.write_cache(root / "jwks.json")
        self.stamps: Path | None = None
        """Where services note what they do when; they are as they are without it."""
        self.people = [uuid4() for _ in range(AMBASSADORS)]
        self.tokens = [self.issuer.token(person, seconds=7200) for person in self.people]

    async def build(self) -> None:
        """Make the template: facts of the directory by the projection, the campaign over HTTP."""
        await self.servers.template("campaigns")
        url = await self.servers.postgres.create_database(TEMPLATE, template="campaigns_template")
        database = Database(ServiceSettings(service_name="campaigns", database_url=url))
        async with database.transaction() as tx:
            await projections.learn(tx, [CityJoined(city_id=CITY, nis_code="85046", version=1)])
            await projections.learn(tx, [listed(merchant(number)) for number in range(MERCHANTS)])
        await database.close()
        async with self.service(url, "api") as port:
            campaign = await self._start_campaign(port)
            path = f"/api/v1/campaigns/{campaign}/ambassadors"
            answers = await post_all(port, (self.request(path, token, JOINING) for token in self.tokens), 8)
        assert answers.statuses == {201: AMBASSADORS}, answers.statuses

    async def _start_campaign(self, port: int) -> str:
        officer = self.issuer.headers(uuid4(), Grant(Role.city_officer, city_id=CITY))
        now = utc_now()
        plan = {
            "city_id": str(CITY),
            "name": "Le mois des ambassadeurs",
            "starts_at": (now + timedelta(days=1)).isoformat(),
            "ends_at": (now + timedelta(days=31)).isoformat(),
        }
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=officer) as client:
            made = await client.post("/api/v1/campaigns", json=plan, headers={"Idempotency-Key": uuid4().hex})
            campaign: str = made.raise_for_status().json()["id"]
            for step in ("schedule", "start"):
                key = {"Idempotency-Key": uuid4().hex}
                (await client.post(f"/api/v1/campaigns/{campaign}/{step}", headers=key)).raise_for_status()
        return campaign

    @asynccontextmanager
    async def service(self, url: str, mode: str, name: str = "campaigns") -> AsyncIterator[int]:
        """A service as a process; its port."""
        command: tuple[str, ...] = ("-m", f"services.{name}", mode)
        if self.stamps is not None:
            stamps = str(self.stamps / f"{name}.stamps")
            command = ("-m", "bench.contestants.stamped_service", name, stamps, mode)
        async with self.process(*command, url=url, user=name) as port:
            yield port

    @asynccontextmanager
    async def process(
        self, *arguments: str, url: str, port: int | None = None, user: str = "campaigns"
    ) -> AsyncIterator[int]:
        """Any process that serves HTTP over a database; its port."""
        port = port or free_port()
        program = Program(
            name="contestant",
            command=(sys.executable, *arguments),
            ready=lambda: status_of(port, "/healthz") is not None,
            log=self.root / "contestant.log",
            environment={
                **self.servers.environment(user, url),
                "COCOCITY_PORT": str(port),
                "COCOCITY_JWKS_CACHE": str(self.cache),
                # Every rule is asked, and none holds: what is published costs more than what waits.
                "COCOCITY_SCREENING_BURST_REVIEWS": "1000000",
            },
            directory=PROJECT,
        )
        child = Child(program)
        try:
            await asyncio.to_thread(child.wait_until_ready)
            yield port
        finally:
            await asyncio.to_thread(child.stop)

    def request(self, path: str, token: str, body: bytes) -> bytes:
        """One POST, on the wire."""
        return (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
            f"Idempotency-Key: {uuid4().hex}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode() + body

    def reviews(self, merchants: Sequence[int], path: str) -> Iterator[bytes]:
        """Every ambassador reviews each of these merchants."""
        for number in merchants:
            for person, token in enumerate(self.tokens):
                review = {
                    "merchant_id": str(merchant(number)),
                    "rating": 4,
                    "text": written_by(person, number),
                    "language": "fr",
                }
                yield self.request(path, token, json.dumps(review).encode())

    async def rate(self, port: int, path: str = REVIEWS) -> float:
        """Requests a second, after a warm-up. Every one must be accepted."""
        await post_all(port, list(self.reviews([0], path)), CONNECTIONS)
        wanted = list(self.reviews(range(1, MERCHANTS), path))
        answers = await post_all(port, wanted, CONNECTIONS)
        if answers.statuses != {201: len(wanted)}:
            raise RuntimeError(f"not every review was accepted: {dict(answers.statuses)}")
        return len(wanted) / answers.seconds


async def rows(rounds: int, console: Console) -> list[Row]:
    """Requests a second."""
    with ground() as servers:
        root = servers.postgres.root
        town = Town(servers, root)
        await town.build()
        contestants: dict[str, Contestant] = {
            "ours": partial(_ours, town),
            "same rows": partial(_peer, town, REVIEWS),
            "bare": partial(_peer, town, "/bare"),
            "gateway": partial(_through_gateway, town),
            "with worker": partial(_ours, town, "all"),
        }
        found = await interleaved(contestants, rounds, console)
    measure = f"POST a review, {CONNECTIONS} connections, requests/s"
    ours = found["ours"]
    return [
        compare(
            measure,
            "same token check, same rows, same ORM, nothing else",
            ours,
            found["same rows"],
            target=TARGET,
        ),
        compare(measure, "a handler with one insert, no token", ours, found["bare"], target=None),
        compare(
            f"{measure}, through the gateway",
            "same token check, same rows, same ORM, no gateway, nothing else",
            found["gateway"],
            found["same rows"],
            target=TARGET_THROUGH_GATEWAY,
        ),
        compare(f"{measure}, through the gateway", "the service itself", found["gateway"], ours, target=None),
        compare(
            f"{measure}, with relay and consumers in the process",
            "api alone",
            found["with worker"],
            ours,
            target=None,
        ),
    ]


async def _ours(town: Town, mode: str = "api") -> float:
    async with town_database(town.servers) as url, town.service(url, mode) as port:
        return await _checked(town, url, await town.rate(port))


async def _peer(town: Town, path: str) -> float:
    port = free_port()
    async with (
        town_database(town.servers) as url,
        town.process("-m", "bench.contestants.same_rows", str(port), url=url, port=port),
    ):
        return await _checked(town, url, await town.rate(port, path))


async def _through_gateway(town: Town) -> float:
    async with town_database(town.servers) as url, town.service(url, "api") as port:
        settings = GatewaySettings(
            root=town.root,
            port=free_port(),
            services=dict.fromkeys(SERVICES, port),
            windows={},
            log_directory=town.root,
            requests_per_second=100_000,
            burst=100_000,
            trace_share=0.0,
        )
        gateway = Child(gateway_program(settings))
        try:
            await asyncio.to_thread(gateway.wait_until_ready)
            return await _checked(town, url, await town.rate(settings.port))
        finally:
            await asyncio.to_thread(gateway.stop)


async def _checked(town: Town, url: str, rate: float) -> float:
    stored = await town.servers.count(url, "SELECT count(*) FROM contribution")
    if stored != AMBASSADORS * MERCHANTS:
        raise RuntimeError(f"{stored} of {AMBASSADORS * MERCHANTS} reviews stored")
    return rate


@asynccontextmanager
async def town_database(servers: Ground) -> AsyncIterator[str]:
    """A copy of what Town.build made."""
    url = await servers.postgres.create_database(template=TEMPLATE)
    try:
        yield url
    finally:
        await servers.postgres.drop_database(url.rsplit("/", 1)[1])


def written_by(person: int, shop: int) -> str:
    """A review of some 150 characters like no other: it is compared, and published."""
    chance = random.Random(person * MERCHANTS + shop)
    return " ".join(chance.sample(WORDS, 24)).capitalize() + "."


def listed(of: UUID) -> MerchantListed:
    """As the directory tells it."""
    return MerchantListed(
        city_id=CITY, merchant_id=of, version=1, kind="shop=bakery", longitude=5.65, latitude=49.72
    )

"""Follow a short link: our service, which counts the visit, against a bare redirect of the same framework.

Closed loop over a few connections, as many telephones on several shops' links. Every visit must be in the
database two seconds after the last.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

import httpx
from rich.console import Console

from bench.ground import CITY, Ground, ground, merchant
from bench.load import post_all
from bench.post import Town, listed
from bench.rows import Contestant, Row, compare, interleaved
from chassis.database import Database
from chassis.settings import ServiceSettings
from contracts.directory.v1 import CityJoined
from services.campaigns.places import projections
from tests.support.servers import free_port

CONNECTIONS = 16
SHOPS, VISITORS, REQUESTS, WARM_UP = 20, 200, 20_000, 2_000
TARGET = 0.7
TEMPLATE = "town_with_links"
_BROWSERS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 "
    "Mobile Safari/537.36",
)
_VISITS = "SELECT coalesce(sum(visits), 0) FROM visit_day"


async def rows(rounds: int, console: Console) -> list[Row]:
    """Redirects a second."""
    with ground() as servers:
        town = Town(servers, servers.postgres.root)
        codes = await _links(town)
        contestants: dict[str, Contestant] = {
            "ours": partial(_ours, town, codes),
            "bare": partial(_bare, town, codes),
        }
        found = await interleaved(contestants, rounds, console)
    measure = f"follow a short link, {CONNECTIONS} connections, redirects/s"
    against = "a bare redirect of the same framework"
    return [compare(measure, against, found["ours"], found["bare"], target=TARGET)]


async def _links(town: Town) -> list[str]:
    """The codes of SHOPS permanent links, in a database to be copied."""
    await town.servers.template("campaigns")
    url = await town.servers.postgres.create_database(TEMPLATE, template="campaigns_template")
    database = Database(ServiceSettings(service_name="campaigns", database_url=url))
    async with database.transaction() as tx:
        await projections.learn(tx, [CityJoined(city_id=CITY, nis_code="85046", version=1)])
        await projections.learn(tx, [listed(merchant(number)) for number in range(SHOPS)])
    await database.close()
    async with (
        town.service(url, "api") as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/api/v1/share-links/merchants") as client,
    ):
        answers = [await client.get(f"/{merchant(number)}") for number in range(SHOPS)]
    return [answer.raise_for_status().json()["code"] for answer in answers]


async def _ours(town: Town, codes: Sequence[str]) -> float:
    async with _database(town.servers) as url, town.service(url, "api") as port:
        rate = await _rate(port, codes)
        await asyncio.sleep(2)
        stored = await town.servers.count(url, _VISITS)
        if stored != REQUESTS + WARM_UP:
            raise RuntimeError(f"{stored} of {REQUESTS + WARM_UP} visits stored")
        return rate


async def _bare(town: Town, codes: Sequence[str]) -> float:
    port = free_port()
    arguments = ("-m", "bench.contestants.bare_redirect", str(port))
    async with _database(town.servers) as url, town.process(*arguments, url=url, port=port):
        return await _rate(port, codes)


async def _rate(port: int, codes: Sequence[str]) -> float:
    await post_all(port, list(_visits(codes, WARM_UP)), CONNECTIONS)
    answers = await post_all(port, list(_visits(codes, REQUESTS)), CONNECTIONS)
    if answers.statuses != {302: REQUESTS}:
        raise RuntimeError(f"not every link was followed: {dict(answers.statuses)}")
    return REQUESTS / answers.seconds


def _visits(codes: Sequence[str], number: int) -> Iterator[bytes]:
    for visit in range(number):
        yield (
            f"GET /s/{codes[visit % len(codes)]} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"User-Agent: {_BROWSERS[visit % len(_BROWSERS)]}\r\n"
            f"X-Forwarded-For: 203.0.113.{visit % VISITORS}\r\n\r\n"
        ).encode()


@asynccontextmanager
async def _database(servers: Ground) -> AsyncIterator[str]:
    url = await servers.postgres.create_database(template=TEMPLATE)
    try:
        yield url
    finally:
        await servers.postgres.drop_database(url.rsplit("/", 1)[1])

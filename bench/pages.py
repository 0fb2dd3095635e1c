"""A town's and a shop's page of the whole running system, with the demo town loaded.

How much of a page's time is the portal's own: the page from the portal's process, against what it reads of
the services read alone, by the same code. From the gateway: a page that is kept there, against a file. And
how long somebody with a slow phone waits for it.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import httpx
from rich.console import Console

from bench.load import post_all
from bench.painted import BUDGET, largest_paint
from bench.rows import Contestant, Row, compare, interleaved
from chassis.clock import utc_now
from deploy.one_machine.ports import Ports
from services.portal.neighbours import Neighbours
from services.portal.shops import read_shop_page
from services.portal.towns import Towns, Wish
from tests.support.running_system import RunningSystem, running_system

VISITS, REQUESTS, CACHED = 200, 1_000, 10_000
CONNECTIONS = 16
OWN_SHARE = 2.0
"""A page may take twice what the services take: the portal's own share is half at most."""
FROM_CACHE = 0.8
_UNLIMITED = {"COCOCITY_GATEWAY_RATE": "1000000", "COCOCITY_GATEWAY_BURST": "1000000"}
"""What one address may ask for is not what is measured."""


@dataclass(frozen=True)
class _Page:
    name: str
    path: str
    read: Callable[[], Awaitable[Any]]
    """What the page reads of the services."""


async def rows(rounds: int, console: Console) -> list[Row]:
    """Milliseconds and requests a second."""
    os.environ |= _UNLIMITED
    with running_system() as town:
        nis_code, shop = await _a_town(town)
        neighbours = Neighbours(_addresses(town.system.ports))
        measured = [
            _Page(
                "town",
                f"/towns/{nis_code}",
                partial(Towns(neighbours).page, nis_code, "fr", Wish(), utc_now()),
            ),
            _Page("shop", f"/merchants/{shop}", partial(read_shop_page, neighbours, UUID(shop), "fr", None)),
        ]
        found = [row for page in measured for row in await _rows(town, page, rounds, console)]
        await neighbours.close()
        return found


async def _rows(town: RunningSystem, page: _Page, rounds: int, console: Console) -> list[Row]:
    portal, gateway = town.system.ports.portal, town.system.ports.gateway
    visitor = httpx.AsyncClient(base_url=f"http://127.0.0.1:{portal}", params={"lang": "fr"})
    contestants: dict[str, Contestant] = {
        "page": partial(_p95, partial(_visit, visitor, page.path)),
        "services": partial(_p95, page.read),
        "rate": partial(_rate, portal, page.path, REQUESTS),
        "kept": partial(_rate, gateway, page.path, CACHED),
        "file": partial(_rate, gateway, "/static/icon.svg", CACHED),
        "seen": partial(largest_paint, f"{town.gateway}{page.path}?lang=fr"),
    }
    async with visitor:
        seen = await interleaved(contestants, rounds, console)
    what = f"{page.name} page"
    return [
        compare(
            f"{what}, p95 ms, one after the other", "what it reads of the services, alone",
            seen["page"], seen["services"], target=OWN_SHARE, better="lower",
        ),
        compare(
            f"{what}, {CONNECTIONS} connections, requests/s", "the same kept by the gateway",
            seen["rate"], seen["kept"], target=None,
        ),
        compare(
            f"{what} kept by the gateway, {CONNECTIONS} connections, requests/s",
            "a file kept by the gateway", seen["kept"], seen["file"], target=FROM_CACHE,
        ),
        compare(
            f"{what} on a slow phone, ms until its largest part is seen", "the budget of 1.5 s",
            seen["seen"], [BUDGET] * rounds, target=1.0, better="lower",
        ),
    ]  # fmt: skip


async def _p95(once: Callable[[], Awaitable[Any]]) -> float:
    await once()  # connects, and compiles the template
    took = []
    for _ in range(VISITS):
        began = time.perf_counter()
        await once()
        took.append((time.perf_counter() - began) * 1000)
    return statistics.quantiles(took, n=20)[-1]


async def _visit(visitor: httpx.AsyncClient, path: str) -> None:
    (await visitor.get(path)).raise_for_status()


async def _rate(port: int, path: str, requests: int) -> float:
    request = f"GET {path}?lang=fr HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    # Kept first: who waits for a page to be made looks again after half a second only, while one connection
    # goes on alone until it has had the thousand requests after which the gateway hangs up.
    await post_all(port, [request], 1)
    answers = await post_all(port, [request] * requests, CONNECTIONS)
    if answers.statuses.keys() != {200}:
        raise RuntimeError(f"{path}: {answers.statuses}")
    return requests / answers.seconds


def _addresses(ports: Ports) -> dict[str, str]:
    return {
        name: f"http://127.0.0.1:{getattr(ports, name)}" for name in ("directory", "campaigns", "assessment")
    }


async def _a_town(town: RunningSystem) -> tuple[str, str]:
    async with httpx.AsyncClient(base_url=f"{town.gateway}/api/v1") as client:
        (city,) = (await client.get("/cities")).json()["items"]
        shops = (await client.get("/merchants", params={"city": city["id"]})).json()["items"]
    return city["nis_code"], shops[0]["id"]

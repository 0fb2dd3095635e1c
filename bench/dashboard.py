"""What an officer waits for their dashboard with two million contributions stored, and how old it is.

The service runs with its worker. Dashboards are asked for one after the other, of the city and of its
campaign in turn; then somebody shares a shop, and the city is looked at until that is seen.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from itertools import count
from uuid import uuid4

import httpx
from rich.console import Console

from bench.ground import CITY, ground, merchant
from bench.post import Town
from bench.rows import Row, compare
from bench.stored import filled
from chassis.identity import Grant, Role

STORED = 2_000_000
LOOKS, SHARES = 200, 20
MOST_MILLISECONDS, MOST_SECONDS = 30, 2
_AGAIN_SECONDS = 0.05


async def rows(rounds: int, console: Console) -> list[Row]:
    """Milliseconds, and seconds."""
    with ground() as servers:
        town = Town(servers, servers.postgres.root)
        await town.build()
        url = await filled(town, STORED, console)
        campaign = await servers.value(url, "SELECT id FROM campaign")
        token = town.issuer.token(uuid4(), Grant(Role.city_officer, city_id=CITY), seconds=7200)
        officer = {"Authorization": f"Bearer {token}"}
        async with (
            town.service(url, "all") as port,
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=officer) as client,
        ):
            paths = [f"/api/v1/dashboards/{of}" for of in (f"cities/{CITY}", f"campaigns/{campaign}")]
            looks = [await _looks(client, paths, console) for _ in range(rounds)]
            ages = [await _ages(town, client, paths[0], number, console) for number in range(rounds)]
    measure, bound = f"dashboard over {STORED:,} contributions", [float(MOST_MILLISECONDS)] * rounds
    p50, p95 = zip(*looks, strict=True)
    return [
        compare(f"{measure}, p95, ms", f"{MOST_MILLISECONDS} ms", p95, bound, target=1.0, better="lower"),
        compare(f"{measure}, p50, ms", f"{MOST_MILLISECONDS} ms", p50, bound, target=None, better="lower"),
        compare(
            f"{measure}, from an action until it is seen, p95, s",
            f"{MOST_SECONDS} s",
            ages,
            [float(MOST_SECONDS)] * rounds,
            target=1.0,
            better="lower",
        ),
    ]


async def _looks(client: httpx.AsyncClient, paths: list[str], console: Console) -> tuple[float, float]:
    """The median and the 95th percentile, in milliseconds, after each was asked for once."""
    taken = []
    for number in range(LOOKS + len(paths)):
        began = time.perf_counter()
        (await client.get(paths[number % len(paths)])).raise_for_status()
        taken.append(1e3 * (time.perf_counter() - began))
    p50, p95 = statistics.median(taken[len(paths) :]), _p95(taken[len(paths) :])
    console.print(f"  dashboards: p50 {p50:.1f} ms, p95 {p95:.1f} ms")
    return p50, p95


async def _ages(town: Town, client: httpx.AsyncClient, path: str, number: int, console: Console) -> float:
    """From when a share is sent until the city's total has it: the 95th percentile, in seconds."""
    taken = []
    for token in town.tokens[:SHARES]:
        before = await _shares(client, path)
        body = {"merchant_id": str(merchant(number)), "channel": "sms"}
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid4().hex}
        began = time.perf_counter()
        (await client.post("/api/v1/contributions/shares", json=body, headers=headers)).raise_for_status()
        await _until_more(client, path, before)
        taken.append(time.perf_counter() - began)
    console.print(f"  seen after p50 {statistics.median(taken):.2f} s, p95 {_p95(taken):.2f} s")
    return _p95(taken)


async def _until_more(client: httpx.AsyncClient, path: str, shares: int) -> None:
    async with asyncio.timeout(60):
        for _ in count():
            if await _shares(client, path) > shares:
                return
            await asyncio.sleep(_AGAIN_SECONDS)


async def _shares(client: httpx.AsyncClient, path: str) -> int:
    (total,) = (
        each["total"] for each in (await client.get(path)).json()["actions"] if each["kind"] == "share"
    )
    return int(total)


def _p95(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=20, method="inclusive")[-1]

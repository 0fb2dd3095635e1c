"""Imports that run by themselves, as an officer and a worker do them."""

from __future__ import annotations

import asyncio
from typing import Any

from chassis.clock import utc_now
from services.directory.imports.jobs import storage
from services.directory.imports.jobs.run import Imports
from tests.support.directory import DirectoryUnderTest

MIDDLE = {"longitude": 5.64, "latitude": 49.72}
"""Where shops are put of which nothing better is known."""


def numbered(count: int) -> bytes:
    lines = [f"{number};Shop {number};5.64;49.72" for number in range(1, count + 1)]
    return "\n".join(["id;name;longitude;latitude", *lines]).encode()


async def announced(
    directory: DirectoryUnderTest, city: str, content: bytes, source: str = "ucm", form: str = "csv"
) -> str:
    """An import whose file was sent, in parts of some bytes."""
    answer = await directory.call(
        "POST", f"/cities/{city}/import-jobs", "otto", json={"source": source, "format": form}
    )
    assert answer.status_code == 201, answer.text
    job = str(answer.json()["id"])
    size = max(len(content) // 3, 1)
    for number, start in enumerate(range(0, len(content), size)):
        path = f"/imports/{job}/parts/{number}"
        sent = await directory.call("PUT", path, "otto", content=content[start : start + size])
        assert sent.status_code == 204, sent.text
    return job


async def start(directory: DirectoryUnderTest, job: str, **how: Any) -> None:
    answer = await directory.call("POST", f"/imports/{job}/start", "otto", json={"place": MIDDLE, **how})
    assert answer.status_code == 202, answer.text


async def worked(directory: DirectoryUnderTest) -> None:
    """A worker did everything that waits."""
    imports, stop = Imports(directory.database, utc_now), asyncio.Event()
    while True:
        async with directory.database.transaction() as tx:
            job = await storage.claim(tx, utc_now())
        if job is None:
            return
        await imports.go_on(job, stop)


async def imported(directory: DirectoryUnderTest, city: str, content: bytes, **how: Any) -> dict[str, Any]:
    job = await announced(directory, city, content, how.pop("source", "ucm"), how.pop("form", "csv"))
    await start(directory, job, **how)
    await worked(directory)
    return await shown(directory, job)


async def shown(directory: DirectoryUnderTest, job: str) -> dict[str, Any]:
    answer = await directory.call("GET", f"/imports/{job}", "otto")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def lines(directory: DirectoryUnderTest, job: str, **params: Any) -> list[dict[str, Any]]:
    answer = await directory.call("GET", f"/imports/{job}/rows", "otto", params=params)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found

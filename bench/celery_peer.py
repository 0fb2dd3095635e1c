"""Celery with Redis doing the consumer's work, with two worker processes."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import redis.asyncio
from celery import Celery

from bench.ground import COUNTED, EVENTS, Ground, fresh_database, messages
from tests.support.servers import free_port

QUEUE = "events"


@asynccontextmanager
async def redis_server() -> AsyncIterator[str | None]:
    """Its URL; None where the program is not installed. Nothing is written to disk: its fastest way."""
    program = shutil.which("redis-server")
    if program is None:
        yield None
        return
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = await asyncio.create_subprocess_exec(
        program, *options, stdout=asyncio.subprocess.DEVNULL, cwd=tempfile.gettempdir()
    )
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        await process.wait()


async def celery_rate(servers: Ground, redis_url: str) -> float:
    """Events a second: tasks wait in Redis, two processes work them off."""
    async with fresh_database(servers) as url:
        client = redis.asyncio.from_url(redis_url)
        await client.flushall()
        app = Celery("bench", broker=redis_url)
        environment = servers.environment("notifications", url) | {"BENCH_REDIS_URL": redis_url}
        worker = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "celery", "--app", "bench.contestants.celery_tasks", "worker"),
            *("--pool", "prefork", "--concurrency", "2", "--queues", "idle", "--loglevel", "error"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
            env={**os.environ, **environment},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            await asyncio.to_thread(_until_answered, app)
            await asyncio.to_thread(_enqueue, app)
            began = time.perf_counter()
            await asyncio.to_thread(app.control.add_consumer, QUEUE)
            while await client.llen(QUEUE) or await client.hlen("unacked"):  # noqa: ASYNC110  it asks Redis
                await asyncio.sleep(0.02)
            seconds = time.perf_counter() - began
        finally:
            worker.terminate()
            await worker.wait()
            await client.aclose()
        done = await servers.count(url, COUNTED)
    if done != EVENTS:
        raise RuntimeError(f"Celery did {done} of {EVENTS} events")
    return EVENTS / seconds


def _until_answered(app: Celery) -> None:
    deadline = time.monotonic() + 30
    while not app.control.ping(timeout=0.5):
        if time.monotonic() > deadline:
            raise RuntimeError("Celery's worker did not start")


def _enqueue(app: Celery) -> None:
    with app.producer_pool.acquire(block=True) as producer:
        for each in messages():
            app.send_task("count", args=[each.body.decode()], queue=QUEUE, producer=producer)

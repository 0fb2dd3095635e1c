"""Where a running system holds given words: every table, every message of the bus, every file it wrote.

Left out are the servers' own files (what is in them is asked for by SQL and over the bus), secrets, and the
mailboxes of the demo: a mail that was sent is its recipient's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import asyncpg
import nats
from nats.js.api import ConsumerConfig, DeliverPolicy

from contracts.streams import DEPLOYER, OWNERS, STREAMS, inbox_prefix
from deploy.one_machine.system import System

_NOT_OURS = ("postgres", "jetstream", "secrets", "mails")
_TABLES = """
    SELECT CAST(c.oid AS regclass) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
"""
_FETCHED = 500

Places = Counter[str]
"""By place (`directory.person`, `stream CAMPAIGNS`, `log/gateway.log`), how many rows, messages or files."""


def as_patterns(words: Iterable[str]) -> list[str]:
    """Each word as it is, and as its bytes look in hexadecimal: that is how PostgreSQL writes `bytea`."""
    return [form for word in words for form in (word.lower(), word.lower().encode().hex())]


async def places_of(system: System, words: Collection[str]) -> Places:
    """Where any of these words is, in small or in capital letters."""
    return await in_databases(system, words) + await in_streams(system, words) + in_files(system, words)


def of_database(system: System, owner: str) -> dict[str, Any]:
    """How the database of a service is reached, with every right."""
    server = {"host": "127.0.0.1", "port": system.ports.postgres, "user": "postgres"}
    return {**server, "password": system.secrets.read("postgres_admin"), "database": owner}


async def in_databases(system: System, words: Collection[str]) -> Places:
    """Tables of every service, each column of theirs, whatever its type; partitions one by one."""
    found: Places = Counter()
    for owner in OWNERS:
        connection = await asyncpg.connect(**of_database(system, owner))
        try:
            for (table,) in await connection.fetch(_TABLES):
                rows = await connection.fetchval(
                    f"SELECT count(*) FROM {table} t WHERE lower(CAST(t AS text)) LIKE ANY($1::text[])",
                    [f"%{pattern}%" for pattern in as_patterns(words)],
                )
                if rows:
                    found[f"{owner}.{table}"] = rows
        finally:
            await connection.close()
    return found


async def in_streams(system: System, words: Collection[str]) -> Places:
    """Subject, headers and body of every message that is still in a stream."""
    found: Places = Counter()
    client = await nats.connect(
        f"nats://127.0.0.1:{system.ports.nats}",
        user=DEPLOYER,
        password=system.secrets.read(f"nats_{DEPLOYER}"),
        inbox_prefix=inbox_prefix(DEPLOYER),
    )
    wanted = _any_of(words)
    try:
        bus = client.jetstream()
        for stream in STREAMS:
            config = ConsumerConfig(deliver_policy=DeliverPolicy.ALL)
            reader = await bus.pull_subscribe("", stream=stream, config=config)
            left = (await reader.consumer_info()).num_pending
            while left:
                messages = await reader.fetch(min(left, _FETCHED), timeout=10)
                left -= len(messages)
                for each in messages:
                    said = b"\n".join((each.subject.encode(), repr(each.headers).encode(), each.data))
                    found[f"stream {stream}"] += bool(wanted.search(said))
                    await each.ack()
            await reader.unsubscribe()
    finally:
        await client.close()
    return +found


def in_files(system: System, words: Collection[str]) -> Places:
    """Logs, the traces that were exported, pages kept by the gateway, whatever else a program wrote."""
    wanted = _any_of(words)
    files = (each for each in system.root.rglob("*") if each.is_file() and _is_ours(each, system.root))
    return Counter(str(each.relative_to(system.root)) for each in files if wanted.search(each.read_bytes()))


def _is_ours(file: Path, root: Path) -> bool:
    return file.relative_to(root).parts[0] not in _NOT_OURS


def _any_of(words: Collection[str]) -> re.Pattern[bytes]:
    return re.compile(b"|".join(re.escape(word.encode()) for word in words), re.IGNORECASE)

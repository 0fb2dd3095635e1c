"""What grows with what is stored: an event in the audience consumer, and posting a contribution."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import asyncpg
from rich.console import Console

from bench import posting_growth
from bench.consumer import rate
from bench.ground import CITY, COUNTED, MERCHANTS, Ground, ground, merchant
from bench.rows import Row, compare, interleaved
from chassis.ids import lowest_at

LITTLE, MUCH = 10_000, 2_000_000
TARGET = 1.15
_EACH = 100_000

# Ids grow with time, as real ones do: UUIDv7, the number where they have chance.
_CONTRIBUTIONS = """
    INSERT INTO audience_contribution_blue
        (merchant_id, contribution_id, city_id, kind, day, withdrawn, standing_version, removed)
    SELECT ($3::uuid[])[1 + n % cardinality($3::uuid[])],
           overlay($4 placing to_hex(n + 268435456) from 29)::uuid,
           $5, 'review', date '2026-01-01' + n % 300, false, 0, false
    FROM generate_series($1::int, $2::int) AS n
"""
_INBOX = """
    INSERT INTO inbox (event_id, consumer)
    SELECT overlay($3 placing to_hex(n + 268435456) from 29)::uuid, 'audience_blue#1'
    FROM generate_series($1::int, $2::int) AS n
"""
_FIGURES = """
    INSERT INTO audience_day_blue (merchant_id, day, kind, city_id, count)
    SELECT merchant_id, day, kind, city_id, count(*) FROM audience_contribution_blue GROUP BY 1, 2, 3, 4
"""


async def rows(rounds: int, console: Console) -> list[Row]:
    """Microseconds: an event's in its reader, and a request's that tells one."""
    return [*await _reading(rounds, console), *await posting_growth.rows(rounds, console)]


async def _reading(rounds: int, console: Console) -> list[Row]:
    with ground() as servers:
        await servers.template("notifications")
        for stored in (LITTLE, MUCH):
            await _fill(servers, stored, console)
        found = await interleaved(
            {
                "much": partial(_cost, servers, MUCH),
                "little": partial(_cost, servers, LITTLE),
            },
            rounds,
            console,
        )
    return [
        compare(
            f"audience consumer with {MUCH:,} contributions stored, µs/event",
            f"with {LITTLE:,}",
            found["much"],
            found["little"],
            target=TARGET,
            better="lower",
        )
    ]


async def _cost(servers: Ground, stored: int) -> float:
    return 1e6 / await rate(servers, "audience_consumer", COUNTED, template=f"stored_{stored}", before=stored)


async def _fill(servers: Ground, stored: int, console: Console) -> None:
    """A template database in which so many contributions were counted."""
    url = await servers.postgres.create_database(f"stored_{stored}", template="notifications_template")
    connection = await asyncpg.connect(url)
    contribution = str(UUID(int=(0x0185 << 112) | (7 << 76) | (2 << 62)))
    event = str(UUID(int=lowest_at(datetime.now(UTC)).int | (7 << 76) | (2 << 62)))
    merchants = [merchant(number) for number in range(MERCHANTS)]
    for start in range(0, stored, _EACH):
        end = min(start + _EACH, stored) - 1
        await connection.execute(_CONTRIBUTIONS, start, end, merchants, contribution, CITY)
        await connection.execute(_INBOX, start, end, event)
        console.print(f"  {end + 1:,} of {stored:,} contributions stored")
    await connection.execute(_FIGURES)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()

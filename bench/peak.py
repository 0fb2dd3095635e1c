"""The peak of Monday morning: 20,000 weekly digests due at 08:00, by one worker, from the database to SMTP.

Each digest has three pieces of news, a chart of eight weeks and a shop that agreed. All of it is measured
but the look-up of addresses: claiming, leaving out, the list of gone addresses, composing, handing
over to a server that keeps nothing, noting and telling. One worker; others share the load.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

import asyncpg
from rich.console import Console

from bench.ground import CITY, Ground, contestant, fresh_database, ground, merchant
from bench.rows import Row, compare
from tests.support.servers import free_port

FEW, MANY = 2_000, 20_000
TARGET = 1.1
LONGEST_SECONDS, MOST_MEGABYTES = 300.0, 250.0
"""Who reads at 08:05 has it; a worker that grows with what is due would be ended on a Monday."""
MOST_ROUNDS = 2
"""Each takes a minute or two, and differs little from the next."""
PROGRESS_SECONDS = 5.0

_PREPARED = (
    """
    INSERT INTO merchant
        (merchant_id, city_id, public_version, claimed_version, closed_version, kind, district_ids)
    SELECT id, $2, 1, 2, 0, 'shop=bakery', '{}' FROM unnest($1::uuid[]) AS id
    """,
    """
    INSERT INTO preference
        (recipient_kind, recipient_id, city_id, version, mail, agreed_at, unsubscribe_token)
    SELECT 'merchant', id, $2, 1, true, now(), id::text FROM unnest($1::uuid[]) AS id
    """,
    """
    INSERT INTO delivery (id, city_id, recipient_kind, recipient_id, channel, "window", state, due_at,
                          attempts, created_at)
    SELECT uuidv7(), $2, 'merchant', id, 'mail', 'digest:2026-11-23', 'pending',
           '2026-11-23T07:00:00Z', 0, '2026-11-20T07:00:00Z'
    FROM unnest($1::uuid[]) AS id
    """,
    """
    INSERT INTO notification (id, city_id, recipient_kind, recipient_id, sequence, kind, reason, data,
                              created_at)
    SELECT uuidv7(), $2, 'merchant', id, number, 'milestone', kind,
           jsonb_build_object('kind', kind, 'threshold', 5, 'count', 5), '2026-11-20T07:00:00Z'
    FROM unnest($1::uuid[]) AS id,
         unnest(ARRAY['review', 'photo', 'share']) WITH ORDINALITY AS told (kind, number)
    """,
    """
    INSERT INTO decision (notification_id, channel, city_id, recipient_kind, recipient_id, delivery_id, rules,
                          decided_at)
    SELECT notification.id, 'mail', $2, 'merchant', notification.recipient_id, delivery.id,
           '{default:weekly}', notification.created_at
    FROM notification JOIN delivery USING (recipient_kind, recipient_id)
    WHERE cardinality($1::uuid[]) > 0
    """,
    """
    INSERT INTO audience_day_blue (merchant_id, day, kind, city_id, count)
    SELECT id, date '2026-11-16' - 7 * week, 'review', $2, 1 + (number * (week + 1)) % 40
    FROM unnest($1::uuid[]) WITH ORDINALITY AS shop (id, number), generate_series(0, 7) AS week
    """,
)


async def rows(rounds: int, console: Console) -> list[Row]:
    """Seconds, megabytes, and milliseconds of one digest."""
    rounds = min(rounds, MOST_ROUNDS)
    seconds: dict[int, list[float]] = {FEW: [], MANY: []}
    memory: list[float] = []
    with ground() as servers:
        await servers.template("notifications")
        for number in range(rounds):
            for size in (FEW, MANY) if number % 2 else (MANY, FEW):
                took, megabytes = await _peak(servers, size, console)
                seconds[size].append(took)
                memory += [megabytes] if size == MANY else []
                console.print(f"  round {number + 1} of {rounds}: {size:,}: {took:.1f} s, {megabytes:.0f} MB")
    limits = {"seconds": (seconds[MANY], LONGEST_SECONDS), "MB": (memory, MOST_MEGABYTES)}
    what = {"seconds": "seconds until the last is handed over", "MB": "most memory of the worker, MB"}
    of = f"{MANY:,} weekly digests due at 08:00"
    each = {size: [1000 * took / size for took in measured] for size, measured in seconds.items()}
    return [
        *(
            compare(
                f"{of}, {what[unit]}", "the limit set", ours, [limit] * len(ours), target=1.0, better="lower"
            )
            for unit, (ours, limit) in limits.items()
        ),
        compare(
            f"{of}, cost of one, ms", f"of {FEW:,}", each[MANY], each[FEW], target=TARGET, better="lower"
        ),
    ]


async def _peak(servers: Ground, size: int, console: Console) -> tuple[float, float]:
    """Seconds and megabytes of one worker that sends all. Raises RuntimeError where some were not sent."""
    port = free_port()
    async with fresh_database(servers) as url, contestant("smtp_sink", str(port), environment={}):
        await _fill(url, size)
        environment = servers.environment("notifications", url) | {"COCOCITY_SMTP_PORT": str(port)}
        async with contestant("peak", environment=environment) as process:
            process.begin()
            told = asyncio.create_task(_tell_progress(servers, url, size, console))
            took, megabytes = await process.result(), await process.result()
            told.cancel()
        with suppress(asyncio.CancelledError):
            await told
        sent = await servers.count(url, "SELECT count(*) FROM delivery WHERE state = 'sent'")
        if sent != size:
            raise RuntimeError(f"{sent:,} of {size:,} digests were sent")
    return took, megabytes


async def _fill(url: str, size: int) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in _PREPARED:
            await connection.execute(statement, [merchant(number) for number in range(size)], CITY)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


async def _tell_progress(servers: Ground, url: str, size: int, console: Console) -> None:
    while True:
        await asyncio.sleep(PROGRESS_SECONDS)
        sent = await servers.count(url, "SELECT count(*) FROM delivery WHERE due_at IS NULL")
        console.print(f"    {sent:,} of {size:,}", highlight=False)

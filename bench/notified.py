"""From a filled stream to decided notifications: the reaction's consumer against the floor of the audience's.

Every event is of another merchant, and decided upon. In one measure one in five reaches a milestone and is
told, in the other all do. Every rule has something to do: all merchants have an account, agreed to mails, and
have a recommended step that their first notification names. What is told is kept as a milestone, told to the
world, put into a feed and queued as a delivery.
"""

from __future__ import annotations

from functools import partial

import asyncpg
from rich.console import Console

from bench.consumer import rate
from bench.ground import CITY, EVENTS, Ground, ground, merchant
from bench.rows import Row, compare, interleaved
from contracts.streams import durable_for
from services.notifications.campaigns import periods
from services.notifications.contributions.facts import TYPES

MANY = EVENTS
"""Merchants: one for each event."""
TARGET = 0.3
ONE_IN = {5: TARGET, 1: None}
"""One in so many is told, with the target for it."""
DECIDED = """
    SELECT CASE WHEN (SELECT count(*) FROM notification WHERE data ? 'first_step') = {told}
                THEN (SELECT count(*) FROM milestone_contribution) ELSE -1 END
"""
_DURABLE = durable_for("notifications__reactions", (*TYPES, *periods.TYPES)).name

_MERCHANTS = """
    INSERT INTO merchant
        (merchant_id, city_id, public_version, claimed_version, closed_version, kind, district_ids)
    SELECT id, $2, 1, 2, 0, 'shop=bakery', '{}' FROM unnest($1::uuid[]) AS id
"""
_AGREED = """
    INSERT INTO preference
        (recipient_kind, recipient_id, city_id, version, mail, agreed_at, unsubscribe_token)
    SELECT 'merchant', id, $2, 1, true, now(), id::text FROM unnest($1::uuid[]) AS id
"""
_ADVISED = """
    INSERT INTO advice (merchant_id, city_id, assessment_id, completed_at, step)
    SELECT id, $2, id, now(), 'answer-reviews' FROM unnest($1::uuid[]) AS id
"""
_COUNTED = """
    INSERT INTO milestone_count (merchant_id, kind, city_id, count)
    SELECT id, kind, $2, CASE WHEN number % $3 = 0 THEN 4 ELSE 5 END
    FROM unnest($1::uuid[]) WITH ORDINALITY AS known (id, number), unnest(ARRAY['review', 'share']) AS kind
"""
"""The next is the fifth, which is told, or the sixth."""


async def rows(rounds: int, console: Console) -> list[Row]:
    """Events a second."""
    with ground() as servers:
        await servers.template("notifications")
        for one_in in ONE_IN:
            await _with_accounts(servers, one_in)
        found = await interleaved(
            {
                **{str(one_in): partial(_decided, servers, one_in) for one_in in ONE_IN},
                "floor": partial(
                    rate, servers, "floor_consumer", "SELECT count(*) FROM raw_event", merchants=MANY
                ),
            },
            rounds,
            console,
        )
    return [
        compare(
            f"events to decided notifications, {MANY:,} merchants, one in {one_in} told, events/s",
            "the floor: nats-py fetch(500), COPY, ack",
            found[str(one_in)],
            found["floor"],
            target=target,
        )
        for one_in, target in ONE_IN.items()
    ]


async def _decided(servers: Ground, one_in: int) -> float:
    counted = DECIDED.format(told=MANY // one_in)
    template = f"one_in_{one_in}"
    return await rate(servers, "reactions", counted, durables=(_DURABLE,), template=template, merchants=MANY)


async def _with_accounts(servers: Ground, one_in: int) -> None:
    """A template database with all the merchants, each with an account, a wish for mails and a step."""
    url = await servers.postgres.create_database(f"one_in_{one_in}", template="notifications_template")
    connection = await asyncpg.connect(url)
    merchants = [merchant(number) for number in range(MANY)]
    for statement in (_MERCHANTS, _AGREED, _ADVISED):
        await connection.execute(statement, merchants, CITY)
    await connection.execute(_COUNTED, merchants, CITY, one_in)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()

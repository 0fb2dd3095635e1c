"""From a filled stream to decided notifications: the reaction's consumer against the floor of the audience's.

Every event reaches a milestone of another merchant, and every rule has something to do: all merchants have an
account, agreed to mails, and have a recommended step that their first notification names. So each event is
counted, kept as a milestone, told to the world, put into a feed and queued as a delivery.
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
DECIDED = "SELECT count(*) FROM notification WHERE data ? 'first_step'"
TEMPLATE = "notifications_with_accounts"
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


async def rows(rounds: int, console: Console) -> list[Row]:
    """Events a second."""
    with ground() as servers:
        await servers.template("notifications")
        await _with_accounts(servers)
        found = await interleaved(
            {
                "ours": partial(
                    rate,
                    servers,
                    "reactions",
                    DECIDED,
                    durables=(_DURABLE,),
                    template=TEMPLATE,
                    merchants=MANY,
                ),
                "floor": partial(
                    rate, servers, "floor_consumer", "SELECT count(*) FROM raw_event", merchants=MANY
                ),
            },
            rounds,
            console,
        )
    return [
        compare(
            f"events to decided notifications, {MANY:,} merchants, every rule on, events/s",
            "the floor: nats-py fetch(500), COPY, ack",
            found["ours"],
            found["floor"],
            target=TARGET,
        )
    ]


async def _with_accounts(servers: Ground) -> None:
    """A template database with all the merchants, each with an account, a wish for mails and a step."""
    url = await servers.postgres.create_database(TEMPLATE, template="notifications_template")
    connection = await asyncpg.connect(url)
    merchants = [merchant(number) for number in range(MANY)]
    for statement in (_MERCHANTS, _AGREED, _ADVISED):
        await connection.execute(statement, merchants, CITY)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()

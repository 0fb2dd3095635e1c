"""A town in which much was contributed before: to 1,500 shops, by 50,000 people, over three hundred days.

Half are reviews with their texts and, of the last 180 days, the numbers by which texts are compared; half are
shares; four in five count for the campaign that runs. What a city sees of them is counted by the command that
counts it anew.
"""

from __future__ import annotations

import time

import asyncpg
from rich.console import Console

from bench.ground import CITY, MERCHANTS, merchant
from bench.post import MERCHANTS as LISTED
from bench.post import TEMPLATE, Town, listed
from chassis.database import Database
from chassis.settings import ServiceSettings
from services.campaigns.dashboard.rebuild import rebuild
from services.campaigns.places import projections
from services.campaigns.screening.fingerprint import BANDS, KEPT

PEOPLE, DAYS = 50_000, 300
_EACH = 100_000
# Ids are made of the time, as real ones are: UUIDv7, the number where they have chance.
_CONTRIBUTIONS = """
    INSERT INTO contribution (id, city_id, merchant_id, contributor_id, kind, slot, campaign_id, reason,
                              counts_for_audience, posted_at, standing, standing_version, published_at)
    SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '70008000'
            || lpad(to_hex(n), 12, '0'))::uuid,
           $3, ($4::uuid[])[1 + (n::bigint * 7919) % cardinality($4::uuid[])],
           ('00000000-0000-7000-9000-' || lpad(to_hex((n::bigint * 104729) % $5::int), 12, '0'))::uuid,
           CASE n % 2 WHEN 0 THEN 'review' ELSE 'share' END, n::text,
           CASE WHEN n % 5 > 0 THEN $6::uuid END, CASE n % 5 WHEN 0 THEN 'not-enrolled' END,
           true, at, 'published', 1, at
    FROM generate_series($1::int, $2::int) AS n
    CROSS JOIN LATERAL (SELECT date_trunc('milliseconds',
        now() - interval '1 day' * $7::int * (1 - n::float8 / $8::int)) AS at) AS posted
"""
_BESIDE = (
    """
    INSERT INTO review (contribution_id, rating, text, language, tie, version)
    SELECT id, 4, concat_ws(' ', md5(slot), md5(slot || 'a'), md5(slot || 'b'), md5(slot || 'c')),
           'fr', 'none', 1
    FROM contribution WHERE kind = 'review' AND slot::int BETWEEN $1 AND $2
    """,
    """
    INSERT INTO share (contribution_id, channel, day)
    SELECT id, 'mail', (posted_at AT TIME ZONE 'Europe/Brussels')::date
    FROM contribution WHERE kind = 'share' AND slot::int BETWEEN $1 AND $2
    """,
)
_FINGERPRINTS = """
    INSERT INTO text_fingerprint (band, contribution_id)
    SELECT (band << 32) | (hashtext(slot || band) & 4294967295), id
    FROM contribution CROSS JOIN generate_series(0::bigint, $3::bigint - 1) AS band
    WHERE kind = 'review' AND slot::int BETWEEN $1 AND $2 AND posted_at > now() - $4::interval
"""
_VISITS = """
    INSERT INTO visit_day (subject_id, day, id, kind, city_id, merchant_id, campaign_id, visits, visitors,
                           told_visits, told_visitors, told_version, told_at)
    SELECT gen_random_uuid(), current_date - day, gen_random_uuid(), kind, $2, merchant_id,
           CASE kind WHEN 'share' THEN $3::uuid END, 7, 5, 7, 5, 1, now()
    FROM unnest($1::uuid[]) AS merchant_id CROSS JOIN generate_series(0, 89) AS day
    CROSS JOIN unnest(ARRAY['page', 'share']) AS kind
"""
# A way to the rows of a portion, for the time of the filling.
_WAY = "CREATE INDEX filling ON contribution ((slot::int)) WHERE slot ~ '^[0-9]+$'"
_TRIGGERS = "ALTER TABLE {table} {switch} TRIGGER USER"


async def filled(town: Town, stored: int, console: Console, days: int = DAYS) -> str:
    """A database in which so many contributions of so many days lie; its URL."""
    url = await town.servers.postgres.create_database(f"stored_{stored}", template=TEMPLATE)
    database = Database(ServiceSettings(service_name="campaigns", database_url=url), longest_statement=None)
    async with database.transaction() as tx:
        more = [listed(merchant(number)) for number in range(LISTED, MERCHANTS)]
        await projections.learn(tx, more)
    connection = await asyncpg.connect(url)
    campaign = await connection.fetchval("SELECT id FROM campaign")
    shops = [merchant(number) for number in range(MERCHANTS)]
    for table in ("contribution", "visit_day"):
        await connection.execute(_TRIGGERS.format(table=table, switch="DISABLE"))
    began = time.perf_counter()
    for start in range(0, stored, _EACH):
        span = start, min(start + _EACH, stored) - 1
        values = *span, CITY, shops, PEOPLE, campaign, days, stored
        await connection.execute(_CONTRIBUTIONS, *values)
    console.print(f"  {stored:,} contributions stored in {time.perf_counter() - began:,.0f} s")
    await connection.execute(_WAY)
    await connection.execute("ANALYZE contribution")
    for start in range(0, stored, _EACH):
        span = start, min(start + _EACH, stored) - 1
        for statement in _BESIDE:
            await connection.execute(statement, *span)
        await connection.execute(_FINGERPRINTS, *span, BANDS, KEPT)
    console.print(f"  with their texts after {time.perf_counter() - began:,.0f} s")
    await connection.execute("DROP INDEX filling")
    await connection.execute(_VISITS, shops, CITY, campaign)
    for table in ("contribution", "visit_day"):
        await connection.execute(_TRIGGERS.format(table=table, switch="ENABLE"))
    began = time.perf_counter()
    await rebuild(database, lambda _: None)
    console.print(f"  what the city sees counted in {time.perf_counter() - began:,.0f} s")
    await connection.execute("VACUUM ANALYZE")
    await connection.close()
    await database.close()
    return url

"""What a search while typing takes among 200,000 merchants, in all cities at once.

Against reading every name, and against the bare look-up in the index.
"""

from __future__ import annotations

import time
from uuid import UUID, uuid4

import asyncpg
from rich.console import Console
from sqlalchemy import text

from bench.ground import Ground, ground
from bench.made_shops import Shop, shops
from bench.rows import Row, compare
from chassis.database import Database
from chassis.settings import ServiceSettings
from services.directory.merchants.details import Details
from services.directory.search.find import SETTINGS, find
from services.directory.search.folding import words_of
from services.directory.search.question import LEAST_LIKENESS, Match, Question, candidates
from services.directory.search.text import search_text

MERCHANTS, CITIES = 200_000, 60
MOST_MILLISECONDS = 30
QUESTIONS = (
    "boulangerie", "boulangrie", "boul", "bakk", "bo", "kapsalon gent", "pharmacie dupl", "dupl pharmacie",
    "bloemn", "restaurnt vanga", "grand rue habay", "apotheke schmi", "cafe lamber", "Crêperie", "zzzz",
)  # fmt: skip
_COLUMNS = (
    "id", "city_id", "version", "kind", "longitude", "latitude", "name", "street", "house_number", "postcode",
    "place", "district_ids", "claimed", "closed", "source", "source_id", "source_details", "search_text",
)  # fmt: skip
_SOURCE = '{"kind": "shop=yes", "longitude": 5, "latitude": 50}'
_SCAN = "SELECT id FROM merchant WHERE NOT closed AND name ILIKE $1 ORDER BY name LIMIT 20"
_LOOK_UP = "SELECT id FROM merchant WHERE NOT closed AND search_text LIKE $1 LIMIT 20"


async def rows(rounds: int, console: Console) -> list[Row]:
    """Milliseconds; of each round the slowest twentieth of the questions begins there (p95)."""
    with ground() as servers:
        url = await _filled(servers, console)
        database = Database(ServiceSettings(service_name="directory", database_url=url))
        plain = await asyncpg.connect(url)
        try:
            await _show_plan(database, console)
            found: dict[str, list[float]] = {"ours": [], "scan": [], "look-up": []}
            for number in range(rounds):
                found["ours"].append(_p95([await _ours(database, asked) for asked in QUESTIONS]))
                for name, statement, pattern in (("scan", _SCAN, "%{}%"), ("look-up", _LOOK_UP, "% {}%")):
                    timed = [
                        await _plain(plain, statement, pattern.format(words_of(each)[0]))
                        for each in QUESTIONS
                    ]
                    found[name].append(_p95(timed))
                console.print(f"  round {number + 1} of {rounds}: { ({k: v[-1] for k, v in found.items()}) }")
        finally:
            await plain.close()
            await database.close()
    measure = f"search among {MERCHANTS:,} merchants, p95, ms"
    bound = [float(MOST_MILLISECONDS)] * rounds
    return [
        compare(measure, "name ILIKE", found["ours"], found["scan"], target=0.5, better="lower"),
        compare(measure, "the bare look-up in its index", found["ours"], found["look-up"], target=None,
                better="lower"),
        compare(measure, f"{MOST_MILLISECONDS} ms", found["ours"], bound, target=1.0, better="lower"),
    ]  # fmt: skip


async def _ours(database: Database, asked: str) -> float:
    began = time.perf_counter()
    await find(database, Question(words=tuple(words_of(asked))), 20)
    return 1e3 * (time.perf_counter() - began)


async def _plain(connection: asyncpg.Connection, statement: str, pattern: str) -> float:
    began = time.perf_counter()
    await connection.fetch(statement, pattern)
    return 1e3 * (time.perf_counter() - began)


def _p95(milliseconds: list[float]) -> float:
    return sorted(milliseconds)[round(0.95 * (len(milliseconds) - 1))]


async def _show_plan(database: Database, console: Console) -> None:
    for match in Match:
        asked, values = candidates(Question(words=("boulangerie", "peeters")), match)
        compiled = asked.params(values).compile(
            database.engine.sync_engine, compile_kwargs={"literal_binds": True}
        )
        async with database.connection() as connection:
            await connection.execute(SETTINGS, {"least": str(LEAST_LIKENESS)})
            plan = await connection.execute(text("EXPLAIN " + str(compiled).replace(":", r"\:")))
            console.print("\n".join(plan.scalars()), highlight=False, markup=False)


async def _filled(servers: Ground, console: Console) -> str:
    template = await servers.template("directory")
    url = await servers.postgres.create_database("searched", template=template)
    connection = await asyncpg.connect(url)
    cities = [uuid4() for _ in range(CITIES)]
    for city in cities:
        await connection.execute(
            "INSERT INTO city (id, version, joined_at, name_fr, name_nl) VALUES ($1, 1, now(), 'x', 'x')",
            city,
        )
    records = [_record(shop, cities[shop.number * 7919 % CITIES]) for shop in shops(MERCHANTS)]
    await connection.copy_records_to_table("merchant", records=records, columns=_COLUMNS)
    await connection.execute("VACUUM ANALYZE merchant")
    await connection.close()
    console.print(f"  {MERCHANTS:,} merchants stored")
    return url


def _record(shop: Shop, city: UUID) -> tuple[object, ...]:
    details = Details(
        shop.kind, shop.longitude, shop.latitude, shop.name, shop.street, shop.house_number, shop.postcode,
        shop.place,
    )  # fmt: skip
    return (
        uuid4(), city, 1, shop.kind, shop.longitude, shop.latitude, shop.name, shop.street, shop.house_number,
        shop.postcode, shop.place, [], False, False, "made", str(shop.number), _SOURCE,
        search_text(details),
    )  # fmt: skip

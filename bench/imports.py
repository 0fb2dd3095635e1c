"""Importing 200,000 establishments of the register: against COPY of the same rows, and its memory.

Against COPY twice: of every row that the import writes (shop, version, event, line of the report) into the
tables and indexes they lie in, which is what PostgreSQL alone takes for it; and of the twelve columns that
the register gives into one plain table: a list that nobody can search and of which nobody is told.
"""

from __future__ import annotations

import csv
import io
import tempfile
import time
import zipfile
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
from rich.console import Console

from bench.ground import Ground, contestant, ground
from bench.made_shops import Shop, shops
from bench.rows import Row, compare

LITTLE, MUCH = 20_000, 200_000
TARGET_OF_COPY, TARGET_OF_MEMORY = 0.35, 1.15
WRITTEN = ("city", "import_job", "merchant", "merchant_version", "outbox", "import_row")
"""What an import of the register fills, in an order that foreign keys allow."""
_NACE = {
    "shop=bakery": "47241", "shop=butcher": "47221", "shop=florist": "47761", "shop=hairdresser": "96021",
    "shop=clothes": "47711", "shop=books": "47610", "amenity=pharmacy": "47730",
    "amenity=restaurant": "56101", "amenity=cafe": "56301", "craft=carpenter": "47599",
}  # fmt: skip
_HEADINGS = {
    "enterprise.csv": ("EnterpriseNumber", "TypeOfEnterprise"),
    "establishment.csv": ("EstablishmentNumber", "StartDate", "EnterpriseNumber"),
    "denomination.csv": ("EntityNumber", "Language", "TypeOfDenomination", "Denomination"),
    "address.csv": (
        "EntityNumber", "TypeOfAddress", "Zipcode", "MunicipalityNL", "MunicipalityFR", "StreetNL",
        "StreetFR", "HouseNumber", "DateStrikingOff",
    ),
    "activity.csv": ("EntityNumber", "ActivityGroup", "NaceVersion", "NaceCode", "Classification"),
    "contact.csv": ("EntityNumber", "EntityContact", "ContactType", "Value"),
}  # fmt: skip
_BARE = """
    CREATE TABLE bare (id uuid, city_id uuid, kind text, longitude float8, latitude float8, name text,
                       street text, house_number text, postcode text, place text, source text, source_id text)
"""


async def rows(rounds: int, console: Console) -> list[Row]:
    """Rows a second, and MB at the peak."""
    rounds = min(rounds, 3)  # a round takes minutes
    ours, plain, same, little, much = [], [], [], [], []
    with ground() as servers, tempfile.TemporaryDirectory(prefix="cococity-bench-") as folder:
        await servers.template("directory")
        for number in range(rounds):
            async with _imported(servers, Path(folder), LITTLE) as (_, peak, _):
                little.append(peak)
            async with _imported(servers, Path(folder), MUCH) as (rate, peak, url):
                ours.append(rate)
                much.append(peak)
                same.append(await _same_rows(servers, url, Path(folder)))
            plain.append(await _copied(servers))
            console.print(
                f"  round {number + 1} of {rounds}: {ours[-1]:,.0f} rows/s, COPY {plain[-1]:,.0f}, "
                f"of all it writes {same[-1]:,.0f}, peak {little[-1]:,.0f} and {much[-1]:,.0f} MB"
            )
    measure = f"import of {MUCH:,} establishments, rows/s"
    return [
        compare(measure, "COPY of all it writes", ours, same, target=TARGET_OF_COPY),
        compare(measure, "COPY into a plain table", ours, plain, target=None),
        compare(
            f"peak memory of importing {MUCH:,} establishments, MB", f"{LITTLE:,}", much, little,
            target=TARGET_OF_MEMORY, better="lower",
        ),
    ]  # fmt: skip


@asynccontextmanager
async def _imported(servers: Ground, folder: Path, count: int) -> AsyncGenerator[tuple[float, float, str]]:
    """Rows a second, the peak of a process that does nothing else in MB, and the database as it is then."""
    path = folder / f"register-{count}.zip"
    if not path.exists():
        _write(path, count)
    url = await servers.postgres.create_database(template="directory_template")
    environment = servers.environment("directory", url)
    try:
        async with contestant("import_register", str(path), environment=environment) as process:
            began = time.perf_counter()
            process.begin()
            peak = await process.result()
            rate = count / (time.perf_counter() - began)
        listed = await servers.count(url, "SELECT count(*) FROM merchant")
        assert listed == count, f"{listed} of {count} were listed"
        yield rate, peak, url
    finally:
        await servers.postgres.drop_database(url.rsplit("/", 1)[1])


async def _same_rows(servers: Ground, imported: str, folder: Path) -> float:
    """All that an import wrote, by COPY into tables like those it lies in: shops a second."""
    for table in WRITTEN:
        source = await asyncpg.connect(imported)
        everything = f"SELECT * FROM {table}"
        await source.copy_from_query(everything, output=folder / table, format="binary")
        await source.close()
    url = await servers.postgres.create_database(template="directory_template")
    connection = await asyncpg.connect(url)
    try:
        began = time.perf_counter()
        for table in WRITTEN:
            await connection.copy_to_table(table, source=folder / table, format="binary")
        took = time.perf_counter() - began
        copied = await connection.fetchval("SELECT count(*) FROM merchant")
        assert copied == MUCH, f"{copied} of {MUCH} were copied"
        return MUCH / took
    finally:
        await connection.close()
        await servers.postgres.drop_database(url.rsplit("/", 1)[1])


async def _copied(servers: Ground) -> float:
    url = await servers.postgres.create_database()
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_BARE)
        records = [_record(shop) for shop in shops(MUCH)]
        began = time.perf_counter()
        await connection.copy_records_to_table("bare", records=records)
        return MUCH / (time.perf_counter() - began)
    finally:
        await connection.close()
        await servers.postgres.drop_database(url.rsplit("/", 1)[1])


def _record(shop: Shop) -> tuple[object, ...]:
    return (
        uuid4(), UUID(int=1), shop.kind, shop.longitude, shop.latitude, shop.name, shop.street,
        shop.house_number, shop.postcode, shop.place, "kbo:made", str(2_000_000_000 + shop.number),
    )  # fmt: skip


def _write(path: Path, count: int) -> None:
    """The six files, each written row by row."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, headings in _HEADINGS.items():
            with (
                archive.open(name, "w") as member,
                io.TextIOWrapper(member, newline="", encoding="utf-8") as text,
            ):
                written = csv.writer(text, quoting=csv.QUOTE_ALL)
                written.writerow(headings)
                written.writerows(_lines(name, count))


def _lines(name: str, count: int) -> Iterator[tuple[object, ...]]:
    for shop in shops(count):
        entity, enterprise = f"2.{shop.number:09d}", f"0.{shop.number:09d}"
        match name:
            case "enterprise.csv":
                yield enterprise, 2
            case "establishment.csv":
                yield entity, "01-01-2001", enterprise
            case "denomination.csv":
                yield entity, 1, "003", shop.name
            case "address.csv":
                yield entity, "BAET", "6720", "Habay", shop.place, "", shop.street, shop.house_number, ""
            case "activity.csv":
                yield entity, "001", 2008, _NACE[shop.kind], "MAIN"
            case _:
                yield entity, "EST", "TEL", "063 42 22 79"

"""Rows of merchants: the one place that keeps version, history and event together."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Row, Text, Uuid, bindparam, cast, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import outbox
from chassis.database import Transaction, copy_rows
from chassis.problems import Problem
from services.directory.merchants.details import Details
from services.directory.merchants.domain import DETAIL_FIELDS, Change, Merchant, Version
from services.directory.merchants.sameness import NEAR_DEGREES
from services.directory.merchants.tables import IS_PUBLIC, merchant, merchant_version
from services.directory.search.text import search_text

ROWS_AT_ONCE = 1_000


def gone() -> Problem:
    """The merchant is listed no more; nothing else about it is said."""
    return Problem(410, "merchant-closed", "Gone", "This merchant is listed no more.")


async def lock_one(tx: Transaction, merchant_id: UUID) -> Merchant | None:
    """The merchant, locked until the transaction ends."""
    rows = await tx.execute(select(merchant).where(merchant.c.id == merchant_id).with_for_update())
    row = rows.first()
    return of_row(row) if row is not None else None


async def city_of(connection: AsyncConnection, merchant_id: UUID) -> UUID | None:
    """The city of a merchant, which never changes; None where there is no such merchant."""
    found = select(merchant.c.city_id).where(merchant.c.id == merchant_id)
    city_id: UUID | None = (await connection.execute(found)).scalar_one_or_none()
    return city_id


async def these(connection: AsyncConnection, merchant_ids: Collection[UUID]) -> list[Merchant]:
    """The merchants of these ids, as they are just now."""
    rows = await connection.execute(select(merchant).where(merchant.c.id.in_(merchant_ids)))
    return [of_row(row) for row in rows]


async def lock_these(tx: Transaction, merchant_ids: Collection[UUID]) -> list[Merchant]:
    """The merchants of these ids, locked in the order of their ids."""
    wanted = select(merchant).where(merchant.c.id.in_(merchant_ids))
    return [of_row(row) for row in await tx.execute(wanted.order_by(merchant.c.id).with_for_update())]


async def lock_city(tx: Transaction, city_id: UUID, *, open_only: bool = False) -> list[Merchant]:
    """All merchants of a city, locked in the order of their ids."""
    wanted = select(merchant).where(merchant.c.city_id == city_id).order_by(merchant.c.id).with_for_update()
    if open_only:
        wanted = wanted.where(IS_PUBLIC)
    return [of_row(row) for row in await tx.execute(wanted)]


# One by one, by the unique index: a planner that believes the table empty would read all of the city.
_OF_SOURCE = text("""
    SELECT m.id FROM unnest(CAST(:source_ids AS text[])) AS wanted (source_id)
     CROSS JOIN LATERAL (
        SELECT id FROM merchant
         WHERE city_id = :city_id AND source = :source AND source_id = wanted.source_id
        OFFSET 0) m
""").bindparams(bindparam("source_ids", type_=ARRAY(Text)))


async def lock_of_source(
    tx: Transaction, city_id: UUID, source: str, source_ids: Sequence[str]
) -> list[Merchant]:
    """Those that a source calls so, locked in the order of their ids."""
    asked = {"city_id": city_id, "source": source, "source_ids": list(source_ids)}
    ids = list((await tx.execute(_OF_SOURCE, asked)).scalars())
    if not ids:
        return []
    return await lock_these(tx, ids)


async def all_of_city(connection: AsyncConnection, city_id: UUID) -> list[Merchant]:
    """All merchants of a city, as they are just now."""
    return [
        of_row(row) for row in await connection.execute(select(merchant).where(merchant.c.city_id == city_id))
    ]


async def public_around(connection: AsyncConnection, city_id: UUID, place: Details) -> list[Merchant]:
    """The city's public merchants within some hundred metres to the north and south of a place."""
    strip = merchant.c.latitude.between(place.latitude - NEAR_DEGREES, place.latitude + NEAR_DEGREES)
    wanted = select(merchant).where(merchant.c.city_id == city_id, strip, IS_PUBLIC)
    return [of_row(row) for row in await connection.execute(wanted)]


async def store(tx: Transaction, change: Change, merchants: Sequence[Merchant], at: datetime) -> None:
    """Write merchants that just reached a new version, with its history row and its event."""
    for some in _chunks(sorted(merchants, key=lambda each: each.id)):
        rows = [_row_of(each) for each in some]
        if change is Change.LISTED:
            await copy_rows(tx, merchant, rows)
        else:
            await tx.execute(_UPDATE, [{**row, "row_id": row["id"]} for row in rows])
        versions = [Version.of(each, change, at) for each in some]
        await copy_rows(tx, merchant_version, [_version_row(version) for version in versions])
        await outbox.record(tx, *(version.event() for version in versions))


async def remember_source(tx: Transaction, merchants: Sequence[Merchant]) -> None:
    """Note what the source says and calls them now, where nothing of the public state changes: no event."""
    for some in _chunks(merchants):
        rows = [
            {"row_id": each.id, "called": each.source_id, "source_details": vars(each.source_details)}
            for each in some
        ]
        await tx.execute(_REMEMBER, rows)


async def forget_details(tx: Transaction, each: Merchant) -> None:
    """Keep the place alone of a merchant that is not public: nobody is told, there is nothing to tell."""
    bare = each.details.only_the_place()
    left = {**vars(bare), "source_details": vars(bare), "search_text": search_text(bare)}
    await tx.execute(update(merchant).where(merchant.c.id == each.id).values(left))


async def confirm(tx: Transaction, merchant_ids: Collection[UUID], day: date) -> None:
    """Somebody said on that day that these are as they are: neither a version nor an event."""
    seen = (merchant.c.id == func.any(cast(list(merchant_ids), ARRAY(Uuid))), merchant.c.checked_on < day)
    await tx.execute(update(merchant).where(*seen).values(checked_on=day))


_UPDATE = (
    update(merchant)
    .where(merchant.c.id == bindparam("row_id"))
    .values({column.name: bindparam(column.name) for column in merchant.c if column.name != "id"})
)
_REMEMBER = (
    update(merchant)
    .where(merchant.c.id == bindparam("row_id"))
    .values(source_id=bindparam("called"), source_details=bindparam("source_details"))
)


def of_row(row: Row[Any]) -> Merchant:
    """The merchant in a row of its table."""
    known = row._mapping
    return Merchant(
        id=known["id"],
        city_id=known["city_id"],
        version=known["version"],
        details=Details.of({field: known[field] for field in DETAIL_FIELDS}),
        district_ids=tuple(known["district_ids"]),
        claimed=known["claimed"],
        closed=known["closed"],
        delisted=known["delisted"],
        checked_on=known["checked_on"],
        source=known["source"],
        source_id=known["source_id"],
        source_details=Details.of(known["source_details"]),
    )


def _row_of(each: Merchant) -> dict[str, Any]:
    return {
        "id": each.id,
        "city_id": each.city_id,
        "version": each.version,
        **vars(each.details),
        "district_ids": list(each.district_ids),
        "claimed": each.claimed,
        "closed": each.closed,
        "delisted": each.delisted,
        "checked_on": each.checked_on,
        "source": each.source,
        "source_id": each.source_id,
        "source_details": vars(each.source_details),
        "search_text": search_text(each.details),
    }


def _version_row(version: Version) -> dict[str, Any]:
    return {**vars(version), "change": version.change.value, "district_ids": list(version.district_ids)}


def _chunks(merchants: Sequence[Merchant]) -> Iterator[Sequence[Merchant]]:
    for start in range(0, len(merchants), ROWS_AT_ONCE):
        yield merchants[start : start + ROWS_AT_ONCE]

"""Imports a map extract into a city's directory: all of it in one transaction, or nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Database
from chassis.problems import Problem, not_found
from services.directory.audit import use_cases as audit
from services.directory.audit.use_cases import Action
from services.directory.cities import storage as cities
from services.directory.doubts.finding import find_duplicates, propose_closures, withdraw_closures
from services.directory.imports.domain import Outcome, classify
from services.directory.imports.features import NoCollection
from services.directory.imports.plan import SOURCE, Plan, Present, plan_import
from services.directory.merchants import objections
from services.directory.merchants import storage as merchants
from services.directory.merchants.domain import Change, Merchant
from services.directory.merchants.tables import merchant

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


async def import_extract(
    database: Database,
    city_id: UUID,
    body: bytes,
    *,
    by: UUID,
    at: datetime,
    dry_run: bool,
    is_complete: bool = False,
) -> Plan:
    """What the import did, or would do. Raises 404 without the city, 400 and 422 for an unreadable file."""
    known = await _known_ids(database, city_id)
    read = await asyncio.to_thread(_read, body, known)
    planned = partial(plan_import, city_id, read, today=at.date(), is_complete=is_complete)
    if dry_run:
        async with database.connection() as connection:
            present = await _present(connection, city_id, merchants.all_of_city)
        return await asyncio.to_thread(planned, present)
    async with database.transaction() as tx:
        await cities.lock(tx, city_id)  # two imports of one city follow one another
        present = await _present(tx, city_id, merchants.lock_city)
        plan = await asyncio.to_thread(planned, present)
        await merchants.store(tx, Change.LISTED, plan.listed, at)
        await merchants.store(tx, Change.UPDATED, plan.updated, at)
        await merchants.remember_source(tx, plan.source_only)
        await merchants.confirm(tx, plan.confirmed, at.date())
        await withdraw_closures(tx, plan.found)
        await propose_closures(tx, city_id, plan.gone, at)
        await find_duplicates(tx, city_id, SOURCE, [each.id for each in plan.listed], at)
        totals = plan.totals()
        await audit.record(
            tx, Action.MERCHANTS_IMPORTED, city_id, by=by, city_id=city_id, at=at, details=totals
        )
        return plan


async def _present(
    connection: AsyncConnection,
    city_id: UUID,
    merchants_of: Callable[[AsyncConnection, UUID], Awaitable[list[Merchant]]],
) -> Present:
    # Merchants first: who objects meanwhile waits for their lock, and who did so before is read afterwards.
    listed = await merchants_of(connection, city_id)
    districts = await cities.districts(connection, city_id)
    return Present(listed, districts, await objections.of_city(connection, city_id))


async def _known_ids(database: Database, city_id: UUID) -> frozenset[str]:
    """Only a preference between two drawings of one shop: read without a lock, before the long reading."""
    async with database.connection() as connection:
        if await cities.city_by_id(connection, city_id) is None:
            raise not_found("city")
        found = select(merchant.c.source_id).where(merchant.c.city_id == city_id, merchant.c.source == SOURCE)
        return frozenset((await connection.execute(found)).scalars())


def _read(body: bytes, known: frozenset[str]) -> list[Outcome]:
    """In a thread of its own: twenty thousand features take some two seconds."""
    try:
        collection = msgspec.json.decode(body.removeprefix(_BYTE_ORDER_MARK))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(
            400, "malformed-json", "The body is not JSON", f"The file is not JSON: {error}"
        ) from error
    try:
        return classify(collection, known)
    except NoCollection as wrong:
        errors = [{"field": wrong.field, "detail": str(wrong)}]
        raise Problem(
            422,
            "not-a-feature-collection",
            "Not a map extract",
            f"{wrong.field}: {wrong}",
            field=wrong.field,
            errors=errors,
        ) from wrong

"""A city joins, and continues under another code."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from chassis import outbox
from chassis.database import Transaction
from chassis.ids import new_id
from chassis.problems import conflict, invalid, not_found
from contracts.envelope import Event
from services.directory.audit import use_cases as audit
from services.directory.audit.use_cases import Action
from services.directory.cities import facts, storage
from services.directory.cities.domain import Commune, NoMerger, commune, merged
from services.directory.cities.responsible import Named, put_down, require_account
from services.directory.cities.tables import city, city_nis_code

FIRST_VERSION = 1


async def join_city(
    tx: Transaction, nis_code: str, responsible: Named | None, *, by: UUID, at: datetime
) -> UUID:
    """The commune of this code takes part from now on.

    Raises 422 for a code no commune has today or an account nobody has, 409 where it takes part already.
    """
    if responsible is not None:
        await require_account(tx, responsible)
    joining = commune(nis_code)
    if joining is None:
        raise invalid("nis_code", f"no Belgian commune has the code {nis_code} today")
    city_id = new_id()
    await tx.execute(
        insert(city).values(
            id=city_id,
            version=FIRST_VERSION,
            joined_at=at,
            name_fr=joining.name_fr,
            name_nl=joining.name_nl,
        )
    )
    if responsible is not None:
        await put_down(tx, city_id, responsible)
    await _name(tx, city_id, FIRST_VERSION, joining, since=at.date(), at=at)
    await outbox.record(tx, Event.of(facts.named(city_id, FIRST_VERSION, nis_code, at.date()), at))
    await audit.record(tx, Action.CITY_JOINED, city_id, by=by, city_id=city_id, at=at)
    return city_id


async def merge_commune(
    tx: Transaction, city_id: UUID, nis_code: str, merged_on: date, *, by: UUID, at: datetime
) -> None:
    """The city continues under this code, and its commune's name, from `merged_on` on.

    Raises 404 for no city, 422 for a code or a day that cannot follow the present one, 409 where another
    city has the code today.
    """
    locked = await storage.lock(tx, city_id)
    if locked is None:
        raise not_found("city")
    present = await storage.present_code(tx, city_id)
    try:
        named, continued = merged(present, nis_code, merged_on, at.date())
    except NoMerger as wrong:
        raise invalid(wrong.field, str(wrong)) from wrong
    version = locked["version"] + 1
    await tx.execute(
        update(city_nis_code)
        .where(city_nis_code.c.city_id == city_id, city_nis_code.c.valid_until.is_(None))
        .values(valid_until=named.since)
    )
    await _name(tx, city_id, version, continued, since=named.since, at=at)
    await tx.execute(
        update(city)
        .where(city.c.id == city_id)
        .values(version=version, name_fr=continued.name_fr, name_nl=continued.name_nl)
    )
    told = facts.named(city_id, version, nis_code, named.since, present.nis_code)
    await outbox.record(tx, Event.of(told, at))
    await audit.record(tx, Action.COMMUNE_MERGED, city_id, by=by, city_id=city_id, at=at)


async def _name(
    tx: Transaction, city_id: UUID, version: int, carried: Commune, *, since: date, at: datetime
) -> None:
    """The city has the code of this commune. Raises 409 where another one has it."""
    code = insert(city_nis_code).values(
        city_id=city_id, version=version, at=at, valid_from=since, nis_code=carried.nis_code
    )
    # The index decides, also between two that ask at once.
    if (await tx.execute(code.on_conflict_do_nothing())).rowcount == 0:
        detail = f"{carried.name_fr} ({carried.nis_code}) takes part already."
        raise conflict("city-exists", detail, field="nis_code")

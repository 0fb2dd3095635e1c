"""Mails about roles, queued with what causes them; their words are in `words.py`."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from chassis.identity import Grant
from services.directory import mails
from services.directory.cities.tables import city, district
from services.directory.merchants.tables import merchant
from services.directory.people import storage as people


async def tell(tx: Transaction, person_id: UUID, kind: str, given: Grant, *, by: UUID, at: datetime) -> None:
    """Write to a person about a role that somebody else (`by`) has taken, given or withdrawn."""
    person = await people.person_by_id(tx, person_id)
    if person is None:  # erased since: there is nobody to tell
        return
    data = await about(tx, given, by)
    await mails.queue(tx, to=person["email"], language=person["language"], kind=kind, data=data, now=at)


async def about(connection: AsyncConnection, given: Grant, by: UUID | None) -> dict[str, Any]:
    """What a mail or a page says of a role: `role`, `city_fr`, `city_nl`, its `part`, and `by` whom.

    Somebody without a name is called by their address: who is asked, or told, must know by whom.
    """
    names: dict[str, Any] = {"city_fr": None, "city_nl": None, "part": None}
    if given.city_id is not None:
        found = select(city.c.name_fr, city.c.name_nl).where(city.c.id == given.city_id)
        names["city_fr"], names["city_nl"] = (await connection.execute(found)).one()
    if given.district_id is not None:
        part = select(district.c.name).where(district.c.id == given.district_id)
        names["part"] = (await connection.execute(part)).scalar_one()
    if given.merchant_id is not None:
        part = select(merchant.c.name).where(merchant.c.id == given.merchant_id)
        names["part"] = (await connection.execute(part)).scalar_one()
    person = await people.person_by_id(connection, by) if by is not None else None
    return {
        "role": given.role.value,
        "by": (person["display_name"] or person["email"]) if person is not None else None,
        **names,
    }

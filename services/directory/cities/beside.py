"""Two cities that take part, whose communes became one: they stay two, run by the same officers.

A city's id is for ever (rows, events, campaigns and figures hold it), so neither becomes a part of the other.
One goes on under the new code (`use_cases.merge_commune`); the other keeps the code it had last, by which it
is found, and its shops, districts and campaigns. Officers of each become officers of the other.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from chassis.database import Transaction
from chassis.identity import Grant, Role
from chassis.problems import invalid, not_found
from services.directory.audit import use_cases as audit
from services.directory.audit.use_cases import Action
from services.directory.cities import storage
from services.directory.cities.domain import NoMerger, merged
from services.directory.people.tables import role_grant
from services.directory.roles import use_cases as roles


async def join_beside(
    tx: Transaction, city_id: UUID, other_id: UUID, nis_code: str, merged_on: date, *, by: UUID, at: datetime
) -> None:
    """The city's commune became one with that of the other, which has the code. Asked twice: once.

    Raises 404 for no city, 422 where the other has another code today or the day cannot be.
    """
    both = {each: await storage.lock(tx, each) for each in sorted({city_id, other_id})}
    if both[city_id] is None:
        raise not_found("city")
    if len(both) < 2 or both[other_id] is None:
        raise invalid("beside", "is no other city that takes part")
    if (await storage.present_code(tx, other_id)).nis_code != nis_code:
        raise invalid("beside", f"does not have the code {nis_code} today")
    try:
        merged(await storage.present_code(tx, city_id), nis_code, merged_on, at.date())
    except NoMerger as wrong:
        raise invalid(wrong.field, str(wrong)) from wrong
    await _share_officers(tx, city_id, other_id, by=by, at=at)
    details = {"beside": other_id}
    await audit.record(tx, Action.COMMUNE_MERGED, city_id, by=by, city_id=city_id, at=at, details=details)


async def _share_officers(tx: Transaction, one: UUID, other: UUID, *, by: UUID, at: datetime) -> None:
    officers = select(role_grant.c.person_id, role_grant.c.city_id).where(
        role_grant.c.role == Role.city_officer.value, role_grant.c.city_id.in_((one, other))
    )
    found = (await tx.execute(officers.order_by(role_grant.c.person_id).with_for_update())).all()
    for officer in found:
        there = other if officer.city_id == one else one
        await roles.give(tx, officer.person_id, Grant(Role.city_officer, city_id=there), by=by, at=at)

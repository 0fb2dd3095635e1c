"""Who is who in the demonstration."""

from datetime import datetime
from uuid import UUID

from chassis.database import Database, Transaction
from chassis.identity import Grant
from services.directory.cities import storage as cities
from services.directory.people import storage
from services.directory.people.demo import CITY, DemoPerson
from services.directory.roles import use_cases as roles


async def ensure_demo_person(
    database: Database, wanted: DemoPerson, at: datetime
) -> tuple[UUID, list[Grant]]:
    """Somebody of the demo with their grants, made on first demand.

    Called for every demo token: somebody who is there with their role costs two reads and no write.
    """
    async with database.connection() as connection:
        person_id = await storage.demo_person_id(connection, wanted.name)
        grants = await storage.grants_of(connection, person_id) if person_id else []
    if person_id is not None and (wanted.role is None or any(each.role is wanted.role for each in grants)):
        return person_id, grants
    async with database.transaction() as tx:
        person_id = await storage.add_demo_person(tx, wanted, at)
        await _give_first_role(tx, person_id, wanted, at)
        return person_id, await storage.grants_of(tx, person_id)


async def _give_first_role(tx: Transaction, person_id: UUID, wanted: DemoPerson, at: datetime) -> None:
    """A role of the city waits until the city takes part."""
    city_id = await cities.city_of_code(tx, CITY) if wanted.of_the_city else None
    if wanted.role is not None and (city_id is not None or not wanted.of_the_city):
        await roles.give(tx, person_id, Grant(wanted.role, city_id=city_id), by=None, at=at)

"""The second wall: where a query forgets whose rows it wants, another city's do not come back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from chassis import migrations
from chassis.clock import utc_now
from chassis.database import Database
from chassis.ids import new_id
from chassis.row_security import CITIES, scoped_role
from services.assessment.assessments.tables import assessments
from services.directory.people.tables import person, role_grant
from tests.support.one_service import settings_of
from tests.support.servers import Postgres


@pytest_asyncio.fixture
async def assessment(postgres: Postgres) -> AsyncIterator[Database]:
    url = await postgres.create_database()
    await migrations.upgrade("assessment", url.replace("postgresql://", "postgresql+asyncpg://"))
    database = Database(settings_of("assessment", url, None))
    yield database
    await database.close()


@pytest_asyncio.fixture
async def two_cities(assessment: Database) -> tuple[UUID, UUID]:
    """An assessment in each."""
    cities = new_id(), new_id()
    async with assessment.transaction() as tx:
        for city in cities:
            await tx.execute(assessments.insert().values(_an_assessment(city)))
    return cities


def _an_assessment(city: UUID) -> dict[str, object]:
    ids = {name: new_id() for name in ("id", "merchant_id", "completed_by")}
    asked = {"questionnaire": "digital-maturity", "questionnaire_version": 1, "answers": {}}
    found = {"score": 29, "dimensions": {}, "recommendations": []}
    return {**ids, **asked, **found, "city_id": city, "completed_at": utc_now()}


async def _seen(database: Database, cities: set[UUID] | None) -> set[UUID]:
    async with database.scoped(cities) as connection:
        return set((await connection.execute(select(assessments.c.city_id))).scalars())


async def test_a_query_without_its_where_gives_the_own_citys_rows(
    assessment: Database, two_cities: tuple[UUID, UUID]
) -> None:
    here, there = two_cities
    assert await _seen(assessment, {here}) == {here}
    assert await _seen(assessment, {there}) == {there}
    assert await _seen(assessment, {here, there}) == {here, there}


async def test_who_holds_a_role_nowhere_sees_nothing_and_who_holds_it_everywhere_all(
    assessment: Database, two_cities: tuple[UUID, UUID]
) -> None:
    assert await _seen(assessment, set()) == set()
    assert await _seen(assessment, None) == set(two_cities)


async def test_without_the_setting_nothing_is_shown(
    assessment: Database, two_cities: tuple[UUID, UUID]
) -> None:
    async with assessment.connection() as connection:
        await connection.execute(text(f"SET LOCAL ROLE {scoped_role('assessment')}"))
        assert (await connection.execute(select(assessments))).all() == []


async def test_a_scope_ends_with_its_transaction(assessment: Database, two_cities: tuple[UUID, UUID]) -> None:
    await _seen(assessment, {two_cities[0]})
    async with assessment.connection() as connection:  # the same one of the pool
        assert await connection.scalar(text(f"SELECT current_setting('{CITIES}', true)")) in {"", None}
        assert len((await connection.execute(select(assessments))).all()) == 2


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO assessments SELECT * FROM assessments",
        "UPDATE assessments SET score = 100",
        "DELETE FROM assessments",
        "TRUNCATE assessments",
        "DROP POLICY in_scope ON assessments",
        "CREATE POLICY mine ON assessments USING (true)",
        "ALTER TABLE assessments DISABLE ROW LEVEL SECURITY",
        "SELECT * FROM outbox",
        "CREATE TABLE mine (id integer)",
    ],
)
async def test_the_scoped_role_neither_writes_nor_changes_what_it_may_see(
    assessment: Database, two_cities: tuple[UUID, UUID], statement: str
) -> None:
    async with assessment.scoped({two_cities[0]}) as connection:
        with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
            await connection.execute(text(statement))


async def test_a_person_is_shown_with_a_role_that_is_shown(postgres: Postgres) -> None:
    url = await postgres.create_database()
    await migrations.upgrade("directory", url.replace("postgresql://", "postgresql+asyncpg://"))
    database = Database(settings_of("directory", url, None))
    here, there, everywhere = new_id(), new_id(), None
    holders = {}
    async with database.transaction() as tx:
        # Which city it is says nothing here, and a whole one takes much to write.
        await tx.execute(text("ALTER TABLE role_grant DROP CONSTRAINT role_grant_city_id_fkey"))
        for city in (here, there, everywhere):
            holders[city] = new_id()
            await tx.execute(
                person.insert().values(
                    id=holders[city],
                    display_name="-",
                    email=f"{holders[city]}@example.be",
                    language="fr",
                    created_at=utc_now(),
                )
            )
            role = {"role": "consultant", "city_id": city, "granted_at": utc_now()}
            await tx.execute(role_grant.insert().values(id=new_id(), person_id=holders[city], **role))
    async with database.scoped({here}) as connection:
        seen = set((await connection.execute(select(person.c.id))).scalars())
    await database.close()
    assert seen == {holders[here], holders[everywhere]}

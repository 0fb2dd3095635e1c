"""Rows of persons and of their grants."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from chassis.identity import Grant, Role
from chassis.ids import new_id
from services.directory.cities.tables import city
from services.directory.merchants.tables import IS_PUBLIC, merchant
from services.directory.people.demo import DemoPerson
from services.directory.people.tables import person, role_grant


@dataclass(frozen=True)
class Contact:
    """How a merchant's owner is reached, at the moment of sending."""

    merchant_id: UUID
    merchant_name: str
    """What its kind is called in tags (`bakery`) where it has no name."""
    email: str
    language: str
    person_name: str | None
    phone: str | None
    street: str | None
    house_number: str | None
    postcode: str | None
    place: str | None


async def person_by_id(connection: AsyncConnection, person_id: UUID) -> RowMapping | None:
    """The person, or None."""
    rows = await connection.execute(select(person).where(person.c.id == person_id))
    return rows.mappings().first()


async def revise(tx: Transaction, person_id: UUID, changes: Mapping[str, Any]) -> None:
    """Change details of a person; nothing where there are none, or nobody."""
    if changes:
        await tx.execute(update(person).where(person.c.id == person_id).values(**changes))


async def lock(tx: Transaction, person_id: UUID) -> RowMapping | None:
    """The person, locked against changes of what is theirs; None where there is none."""
    found = select(person).where(person.c.id == person_id).with_for_update(key_share=True)
    return (await tx.execute(found)).mappings().first()


async def grants_of(connection: AsyncConnection, person_id: UUID) -> list[Grant]:
    """What a person may do, in the order it was granted."""
    found = select(role_grant).where(role_grant.c.person_id == person_id).order_by(role_grant.c.id)
    rows = await connection.execute(found)
    return [Grant(Role(row.role), row.city_id, row.merchant_id, row.district_id) for row in rows]


async def grant(tx: Transaction, person_id: UUID, given: Grant, at: datetime) -> bool:
    """Give a role; one that the person has already stays as it is. Whether it is a new one."""
    values: dict[str, Any] = {
        "id": new_id(),
        "person_id": person_id,
        "role": given.role.value,
        "city_id": given.city_id,
        "merchant_id": given.merchant_id,
        "district_id": given.district_id,
        "granted_at": at,
    }
    giving = insert(role_grant).values(values).on_conflict_do_nothing(constraint="role_grant_once")
    return (await tx.execute(giving)).rowcount > 0


async def owners_of(connection: AsyncConnection, merchant_id: UUID) -> set[UUID]:
    """Who runs this merchant's account."""
    found = select(role_grant.c.person_id).where(
        role_grant.c.merchant_id == merchant_id, role_grant.c.role == Role.merchant.value
    )
    return set((await connection.execute(found)).scalars())


async def demo_person_id(connection: AsyncConnection, name: str) -> UUID | None:
    """The id of somebody of the demo who was asked for before."""
    found = select(person.c.id).where(person.c.demo_name == name)
    known: UUID | None = (await connection.execute(found)).scalar_one_or_none()
    return known


async def add_demo_person(tx: Transaction, wanted: DemoPerson, at: datetime) -> UUID:
    """The id of somebody of the demo, who is added where nobody asked for them before (at the same time)."""
    values: dict[str, Any] = {
        "id": new_id(),
        "display_name": wanted.display_name,
        "email": wanted.email,
        "language": wanted.language,
        "created_at": at,
        "demo_name": wanted.name,
    }
    added: UUID | None = (
        await tx.execute(insert(person).values(values).on_conflict_do_nothing().returning(person.c.id))
    ).scalar_one_or_none()
    if added is not None:
        return added
    # Whoever signed in by that address before is that person from now on, under the name they chose.
    chosen = func.coalesce(person.c.display_name, wanted.display_name)
    taking = update(person).where(person.c.email == wanted.email)
    taking = taking.values(demo_name=wanted.name, display_name=chosen)
    known: UUID = (await tx.execute(taking.returning(person.c.id))).scalar_one()
    return known


async def person_of_address(tx: Transaction, email: str, language: str, at: datetime) -> UUID:
    """The person with that address (in its one form), who is added where nobody has it (at the same time)."""
    values = {"id": new_id(), "email": email, "language": language, "created_at": at}
    adding = insert(person).values(values).on_conflict_do_nothing(index_elements=[person.c.email])
    added: UUID | None = (await tx.execute(adding.returning(person.c.id))).scalar_one_or_none()
    if added is not None:
        return added
    known: UUID = (await tx.execute(select(person.c.id).where(person.c.email == email))).scalar_one()
    return known


async def addresses(connection: AsyncConnection, person_ids: Collection[UUID]) -> Sequence[RowMapping]:
    """Where those of the people are reached who have an account."""
    found = (
        select(
            person.c.id.label("person_id"),
            person.c.display_name.label("person_name"),
            person.c.email,
            person.c.language,
        )
        .where(person.c.id.in_(person_ids))
        .order_by(person.c.id)
    )
    return (await connection.execute(found)).mappings().all()


async def holders_of(
    connection: AsyncConnection, city_ids: Collection[UUID], roles: Collection[Role]
) -> Sequence[RowMapping]:
    """Who has one of the roles in which of the cities, each once; what holds in all cities, in each."""
    there = city.c.id == role_grant.c.city_id
    found = (
        select(city.c.id.label("city_id"), role_grant.c.role, role_grant.c.person_id)
        .join(role_grant, there | role_grant.c.city_id.is_(None))
        .where(city.c.id.in_(city_ids), role_grant.c.role.in_([each.value for each in roles]))
        .distinct()
        .order_by(city.c.id, role_grant.c.role, role_grant.c.person_id)
    )
    return (await connection.execute(found)).mappings().all()


async def contacts(connection: AsyncConnection, merchant_ids: Collection[UUID]) -> Sequence[Contact]:
    """The owners of those of the merchants that are claimed and still listed."""
    called = func.coalesce(merchant.c.name, func.split_part(merchant.c.kind, "=", 2))
    found = (
        select(
            merchant.c.id.label("merchant_id"),
            called.label("merchant_name"),
            person.c.email,
            person.c.language,
            person.c.display_name.label("person_name"),
            *(merchant.c[name] for name in ("phone", "street", "house_number", "postcode", "place")),
        )
        .join(role_grant, role_grant.c.merchant_id == merchant.c.id)
        .join(person, person.c.id == role_grant.c.person_id)
        .where(merchant.c.id.in_(merchant_ids), merchant.c.claimed, IS_PUBLIC)
        .where(role_grant.c.role == Role.merchant.value)
        .order_by(merchant.c.id, person.c.id)
    )
    return [Contact(**row) for row in (await connection.execute(found)).mappings()]

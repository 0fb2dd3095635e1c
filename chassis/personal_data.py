"""What a service holds about a person, declared by kind: what they are shown of it, and how it is erased.

Each service lists its `Holding`s in `personal_data.py`. From the list follow the route at which a person
gets their data, what an erasure does, and a test that no column with a person's id was forgotten.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy import Column, Select, Table, delete, select, update

from chassis.access import MAY_PERSON
from chassis.http import Db, Shown
from chassis.identity import Principal, Role

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from chassis.database import Transaction

PATH = "/api/v1/people/me/data"

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Erasure:
    """Somebody who is to be forgotten."""

    id: UUID
    person_id: UUID
    asked_at: datetime
    at: datetime
    """When it is done here."""
    closed_merchants: Sequence[UUID] = ()
    """Shops that are closed with them: what is known of these goes too."""
    left_merchants: Sequence[UUID] = ()
    """Shops that go on without an account: what was agreed to in it ends."""


@dataclass(frozen=True)
class Holding:
    """One kind of data about persons."""

    name: str
    """How it is called in what a person downloads: `reviews`."""
    columns: tuple[Column[Any], ...]
    """Where the person's own id stands in it."""
    show: Callable[[AsyncConnection, Principal], Awaitable[Rows]]
    erase: Callable[[Transaction, Erasure], Awaitable[None]]
    """Applied any number of times, in any order with other facts, with the same result."""


def deleted(name: str, whose: Column[Any], *shown: Column[Any]) -> Holding:
    """Rows that are the person's: shown with the columns `shown`, and deleted."""

    async def erase(tx: Transaction, erasure: Erasure) -> None:
        await tx.execute(delete(_table(whose)).where(whose == erasure.person_id))

    return Holding(name, (whose,), _showing(whose, shown), erase)


def cut(name: str, whose: Column[Any], *shown: Column[Any]) -> Holding:
    """Rows that stay, for what they say without the person: their id is taken out of them."""

    async def erase(tx: Transaction, erasure: Erasure) -> None:
        without = update(_table(whose)).where(whose == erasure.person_id).values({whose: None})
        await tx.execute(without)

    return Holding(name, (whose,), _showing(whose, shown), erase)


async def kept(_tx: Transaction, _erasure: Erasure) -> None:
    """For `Holding(erase=…)`: what stays as it is, and leads to nobody once the account is gone."""


def referring(name: str, whose: Column[Any], *shown: Column[Any]) -> Holding:
    """Rows that stay with the id of whoever did it, which leads to nobody once the account is gone."""
    return Holding(name, (whose,), _showing(whose, shown), kept)


async def rows(connection: AsyncConnection, query: Select[Any]) -> Rows:
    """What a query finds, as it is shown to a person."""
    return [dict(row) for row in (await connection.execute(query)).mappings()]


async def nothing(_connection: AsyncConnection, _principal: Principal) -> Rows:
    """For `Holding(show=…)`: what is erased with others' data, and shown there."""
    return []


def own_merchants(principal: Principal) -> list[UUID]:
    """The shops whose figures are the person's own data: those they run."""
    return sorted(
        {
            grant.merchant_id
            for grant in principal.grants
            if grant.role is Role.merchant and grant.merchant_id is not None
        }
    )


def _showing(
    whose: Column[Any], shown: Sequence[Column[Any]]
) -> Callable[[AsyncConnection, Principal], Awaitable[Rows]]:
    async def show(connection: AsyncConnection, principal: Principal) -> Rows:
        found = select(*shown).where(whose == principal.person_id).order_by(*shown)
        return await rows(connection, found)

    return show


def _table(column: Column[Any]) -> Table:
    table = column.table
    assert isinstance(table, Table)
    return table


class HeldData(Shown):
    """What one service holds about the person who asks, by kind."""

    service: str
    data: dict[str, list[dict[str, Any]]]


def router(service: str, holdings: Sequence[Holding]) -> APIRouter:
    """The service's part of what a person downloads (GDPR art. 15 and 20)."""
    routes = APIRouter(tags=["own data"])

    @routes.get(f"{PATH}/{service}", response_model=HeldData)
    async def show_my_data(principal: Annotated[Principal, MAY_PERSON], db: Db) -> HeldData:
        """Everything this service holds about the signed-in person."""
        async with db.connection() as connection:
            data = {each.name: await each.show(connection, principal) for each in holdings}
        return HeldData(service=service, data=data)

    return routes

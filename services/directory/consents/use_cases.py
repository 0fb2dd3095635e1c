"""Agreeing and withdrawing, each with its date. What was agreed to before stays to be read."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from chassis.problems import Problem, conflict, not_found
from services.directory.consents.domain import LEAST_AGE, Age, Consent, Purpose, is_old_enough
from services.directory.consents.tables import consent
from services.directory.consents.texts import current
from services.directory.people.tables import person


async def give(tx: Transaction, wanted: Consent) -> Consent:
    """Agree to the text of today. One that says the same already goes on as it is.

    Raises 404 for somebody who is not here, 403 for who is too young for it, 409 where the text has changed.
    """
    if not is_old_enough(wanted.purpose, wanted.age):
        detail = f"This is for people of {LEAST_AGE[wanted.purpose]} or older."
        raise Problem(403, "too-young", "Forbidden", detail, field="age")
    if wanted.version != current(wanted.purpose):
        detail = "The text has changed since it was shown. Show it again."
        raise conflict("consent-text-changed", detail, field="version", version=current(wanted.purpose))
    await _lock(tx, wanted.person_id)
    known = await _going_on(tx, wanted.person_id, wanted.purpose)
    if known is not None and known.says_the_same(wanted):
        return known
    await withdraw(tx, wanted.person_id, wanted.purpose, wanted.given_at)
    await tx.execute(insert(consent).values(asdict(wanted)))
    return wanted


async def withdraw(tx: Transaction, person_id: UUID, purpose: Purpose, at: datetime) -> None:
    """Agree no more. Nothing where there is nothing to withdraw."""
    going_on = _of(person_id, purpose)
    await tx.execute(update(consent).where(*going_on).values(withdrawn_at=at))


async def of_person(connection: AsyncConnection, person_id: UUID) -> list[Consent]:
    """All that they ever agreed to, in that order."""
    found = select(consent).where(consent.c.person_id == person_id).order_by(consent.c.id)
    return [_of_row(row) for row in (await connection.execute(found)).mappings()]


async def may_be_ranked(connection: AsyncConnection, person_id: UUID) -> bool:
    """Whether their name may be in a public ranking: they are 18 or older, and agreed to today's text."""
    known = await _going_on(connection, person_id, Purpose.PUBLIC_RANKING)
    return known is not None and known.version == current(Purpose.PUBLIC_RANKING)


async def _lock(tx: Transaction, person_id: UUID) -> None:
    """Of two requests of one person, the second comes after the first."""
    locking = select(person.c.id).where(person.c.id == person_id).with_for_update()
    if (await tx.execute(locking)).first() is None:
        raise not_found("person")


async def _going_on(connection: AsyncConnection, person_id: UUID, purpose: Purpose) -> Consent | None:
    row = (await connection.execute(select(consent).where(*_of(person_id, purpose)))).mappings().first()
    return _of_row(row) if row else None


def _of(person_id: UUID, purpose: Purpose) -> tuple[Any, ...]:
    known = consent.c
    return known.person_id == person_id, known.purpose == purpose.value, known.withdrawn_at.is_(None)


def _of_row(row: RowMapping) -> Consent:
    return Consent(**{**row, "purpose": Purpose(row["purpose"]), "age": Age(row["age"])})

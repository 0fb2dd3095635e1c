"""Rows of sessions and of refresh tokens."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from services.directory.sessions.tables import refresh_token, session


async def add(tx: Transaction, values: dict[str, Any]) -> None:
    """A new session."""
    await tx.execute(insert(session).values(values))


async def add_token(tx: Transaction, token_hash: bytes, session_id: UUID, at: datetime) -> None:
    """A refresh token of a session."""
    await tx.execute(insert(refresh_token).values(hash=token_hash, session_id=session_id, issued_at=at))


async def lock_by_token(tx: Transaction, token_hash: bytes) -> RowMapping | None:
    """The session of that refresh token, locked: of parallel refreshes one goes first. None where unknown."""
    of_token = select(refresh_token.c.session_id).where(refresh_token.c.hash == token_hash)
    locked = select(session).where(session.c.id == of_token.scalar_subquery()).with_for_update()
    return (await tx.execute(locked)).mappings().first()


async def lock_own(tx: Transaction, session_id: UUID, person_id: UUID, at: datetime) -> RowMapping | None:
    """That session of that person, locked, where it goes on."""
    own = select(session).where(
        session.c.id == session_id,
        session.c.person_id == person_id,
        session.c.ended_at.is_(None),
        session.c.expires_at > at,
    )
    return (await tx.execute(own.with_for_update())).mappings().first()


async def strengthened(tx: Transaction, session_id: UUID, methods: Sequence[str], at: datetime) -> None:
    """A second factor was given in it; these are its methods from now on."""
    changed = update(session).where(session.c.id == session_id)
    await tx.execute(changed.values(methods=list(methods), strengthened_at=at))


async def replace_all(tx: Transaction, session_id: UUID, at: datetime) -> None:
    """No refresh token of the session is good any more, and none has a successor that could be asked for."""
    of_session = update(refresh_token).where(refresh_token.c.session_id == session_id)
    await tx.execute(of_session.values(salt=None))
    await tx.execute(of_session.where(refresh_token.c.replaced_at.is_(None)).values(replaced_at=at))


async def end_all(tx: Transaction, person_id: UUID, *, by: str, at: datetime) -> None:
    """Every session of the person ends."""
    going_on = update(session).where(session.c.person_id == person_id, session.c.ended_at.is_(None))
    await tx.execute(going_on.values(ended_at=at, ended_by=by))


async def token_by_hash(tx: Transaction, token_hash: bytes) -> RowMapping:
    """The token, read behind the lock on its session."""
    found = select(refresh_token).where(refresh_token.c.hash == token_hash)
    return (await tx.execute(found)).mappings().one()


async def replace(tx: Transaction, token_hash: bytes, salt: bytes, at: datetime) -> None:
    """The token has a successor from now on."""
    replaced = update(refresh_token).where(refresh_token.c.hash == token_hash)
    await tx.execute(replaced.values(replaced_at=at, salt=salt))


async def used(tx: Transaction, session_id: UUID, at: datetime, until: datetime) -> None:
    """The session was used, and lasts until then."""
    await tx.execute(update(session).where(session.c.id == session_id).values(used_at=at, expires_at=until))


async def end(
    tx: Transaction, session_id: UUID, *, by: str, at: datetime, person_id: UUID | None = None
) -> bool:
    """End a session (of that person); False where there is none, or none that goes on."""
    ending = update(session).where(session.c.id == session_id, session.c.ended_at.is_(None))
    if person_id is not None:
        ending = ending.where(session.c.person_id == person_id)
    return (await tx.execute(ending.values(ended_at=at, ended_by=by))).rowcount == 1


async def of_person(connection: AsyncConnection, person_id: UUID) -> Sequence[RowMapping]:
    """The sessions of a person, the last used first."""
    found = select(session).where(session.c.person_id == person_id).order_by(session.c.used_at.desc())
    return (await connection.execute(found.limit(100))).mappings().all()


async def methods_of(connection: AsyncConnection, session_id: UUID, person_id: UUID) -> list[str] | None:
    """The methods of that session of that person; None where it has ended."""
    found = select(session.c.methods).where(
        session.c.id == session_id, session.c.person_id == person_id, session.c.ended_at.is_(None)
    )
    known: list[str] | None = (await connection.execute(found)).scalar_one_or_none()
    return known


async def lock_with(tx: Transaction, person_id: UUID, methods: Collection[str]) -> Sequence[RowMapping]:
    """The person's sessions that go on and have one of these methods, locked."""
    wanted = select(session).where(
        session.c.person_id == person_id,
        session.c.ended_at.is_(None),
        session.c.methods.overlap(list(methods)),
    )
    return (await tx.execute(wanted.order_by(session.c.id).with_for_update())).mappings().all()


async def weakened(tx: Transaction, session_id: UUID, methods: Sequence[str]) -> None:
    """It has these methods from now on, and no second factor."""
    changed = update(session).where(session.c.id == session_id)
    await tx.execute(changed.values(methods=list(methods), strengthened_at=None))

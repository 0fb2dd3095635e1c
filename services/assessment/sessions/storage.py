"""Sessions from and to their table."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Transaction
from chassis.problems import not_found
from services.assessment.assessments.tables import assessments
from services.assessment.sessions.domain import (
    CODE_ALPHABET,
    CODE_LENGTH,
    Held,
    Kind,
    Plan,
    Session,
    State,
)
from services.assessment.sessions.tables import sessions


async def find(tx: Transaction, session_id: UUID, *, to_change: bool = False) -> Session:
    """The session; locked until the end of the transaction where it is to be changed.

    Raises the problem 404.
    """
    query = select(sessions).where(sessions.c.id == session_id)
    # No key of it ever changes: forms that refer to it are not kept waiting.
    row = (await tx.execute(query.with_for_update(key_share=True) if to_change else query)).mappings().first()
    if row is None:
        raise not_found("session")
    return of_row(row)


async def by_code(tx: Transaction, code: str) -> Session | None:
    """The session of a join code, whenever it is; none for one that was cancelled."""
    alive = sessions.c.state != State.CANCELLED.value
    row = (await tx.execute(select(sessions).where(sessions.c.join_code == code, alive))).mappings().first()
    return of_row(row) if row is not None else None


def draw_code() -> str:
    """Six characters by chance."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


async def add(tx: Transaction, new: Session, draw: Callable[[], str] = draw_code) -> Session:
    """Store a session for the first time; as stored, with a join code that no other has."""
    while True:
        drawn = replace(new, join_code=draw())
        adding = insert(sessions).values(id=new.id, city_id=new.city_id, **_columns(drawn))
        if (await tx.execute(adding.on_conflict_do_nothing(index_elements=["join_code"]))).rowcount:
            return drawn


async def save(tx: Transaction, changed: Session) -> None:
    """Store a new version of a session that `find` has locked."""
    await tx.execute(update(sessions).where(sessions.c.id == changed.id).values(**_columns(changed)))


async def forms_of(tx: Transaction, session_id: UUID) -> int:
    """How many forms were handed in."""
    counted = select(func.count()).where(assessments.c.session_id == session_id)
    return await tx.scalar(counted) or 0


def of_row(row: Mapping[Any, Any]) -> Session:
    """The session in a row of its table."""
    plan = Plan(
        kind=Kind(row["kind"]),
        training=row["training"],
        title=row["title"],
        place=row["place"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        capacity=row["capacity"],
        language=row["language"],
    )
    held = (
        Held(at=row["held_at"], participants=row["participants"], forms=row["forms_when_held"])
        if row["held_at"] is not None
        else None
    )
    return Session(
        id=row["id"],
        city_id=row["city_id"],
        plan=plan,
        questionnaire=row["questionnaire"],
        questionnaire_version=row["questionnaire_version"],
        join_code=row["join_code"],
        state=State(row["state"]),
        version=row["version"],
        held=held,
    )


def _columns(of: Session) -> dict[str, object]:
    return {
        **vars(of.plan),
        "kind": of.plan.kind.value,
        "questionnaire": of.questionnaire,
        "questionnaire_version": of.questionnaire_version,
        "join_code": of.join_code,
        "state": of.state.value,
        "version": of.version,
        "held_at": of.held.at if of.held else None,
        "participants": of.held.participants if of.held else None,
        "forms_when_held": of.held.forms if of.held else None,
    }

"""Messages that could not be applied: kept with their error, looked into, redriven once or discarded."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import text

from chassis.ids import new_id

if TYPE_CHECKING:
    from chassis.database import Database, Transaction


@dataclass(frozen=True)
class DeadLetter:
    """One message a consumer gave up on, as it was received."""

    consumer: str
    subject: str
    stream_sequence: int
    stored_at: datetime
    event_id: UUID | None
    headers: dict[str, str]
    body: bytes
    error: str
    attempts: int
    trace_id: str | None


_STORE = text("""
    INSERT INTO dead_letter (id, consumer, subject, stream_sequence, stored_at, event_id, headers, body,
                             error, attempts, trace_id)
    VALUES (:id, :consumer, :subject, :stream_sequence, :stored_at, :event_id, CAST(:headers AS jsonb),
            :body, :error, :attempts, :trace_id)
    ON CONFLICT DO NOTHING
""")


async def store(tx: Transaction, letters: Sequence[DeadLetter]) -> None:
    """Keep `letters`; one that is already kept (redelivered before it was terminated) stays as it is."""
    for letter in sorted(letters, key=lambda letter: letter.stream_sequence):
        values = dict(vars(letter))
        # PostgreSQL's text and jsonb refuse NUL, and a poison message may hold anything.
        values["headers"] = json.dumps(letter.headers).replace("\\u0000", "\\ufffd")
        values["error"] = letter.error.replace("\x00", "\ufffd")[:4000]
        values["subject"] = letter.subject.replace("\x00", "\ufffd")
        await tx.execute(_STORE, values | {"id": new_id()})


async def count_open(database: Database) -> int:
    """How many wait for a decision."""
    async with database.connection() as connection:
        return int(
            (
                await connection.execute(text("SELECT count(*) FROM dead_letter WHERE state = 'open'"))
            ).scalar_one()
        )


async def page(database: Database, state: str | None, after: UUID | None, limit: int) -> list[dict[str, Any]]:
    """Dead letters in the order they died, without their bodies."""
    async with database.connection() as connection:
        rows = await connection.execute(
            text("""
                SELECT id, consumer, subject, event_id, error, attempts, trace_id, died_at, state, decided_at,
                       decided_by
                FROM dead_letter
                WHERE (CAST(:state AS text) IS NULL OR state = :state)
                  AND (CAST(:after AS uuid) IS NULL OR id > :after)
                ORDER BY id LIMIT :limit
            """),
            {"state": state, "after": after, "limit": limit},
        )
        return [dict(row) for row in rows.mappings()]


async def find(database: Database, letter_id: UUID) -> dict[str, Any] | None:
    """One dead letter with its body and headers, or None."""
    async with database.connection() as connection:
        row = (
            (await connection.execute(text("SELECT * FROM dead_letter WHERE id = :id"), {"id": letter_id}))
            .mappings()
            .first()
        )
        return dict(row) if row else None


async def lock_open(tx: Transaction, letter_id: UUID) -> DeadLetter | None:
    """The dead letter, locked, where it is still undecided; None otherwise."""
    row = (
        (
            await tx.execute(
                text("SELECT * FROM dead_letter WHERE id = :id AND state = 'open' FOR UPDATE"),
                {"id": letter_id},
            )
        )
        .mappings()
        .first()
    )
    if row is None:
        return None
    return DeadLetter(**{name: row[name] for name in DeadLetter.__dataclass_fields__})


async def decide(tx: Transaction, letter_id: UUID, state: str, by: str) -> bool:
    """Set an open dead letter to `redriven` or `discarded`; False where somebody already decided."""
    result = await tx.execute(
        text("""
            UPDATE dead_letter SET state = :state, decided_at = now(), decided_by = :by
            WHERE id = :id AND state = 'open'
        """),
        {"id": letter_id, "state": state, "by": by},
    )
    return result.rowcount == 1


async def note_failure(database: Database, letter_id: UUID, error: str) -> None:
    """A redrive failed: the letter stays open, with the newer error and one attempt more."""
    async with database.transaction() as tx:
        await tx.execute(
            text("UPDATE dead_letter SET error = :error, attempts = attempts + 1 WHERE id = :id"),
            {"id": letter_id, "error": error.replace("\x00", "\ufffd")[:4000]},
        )

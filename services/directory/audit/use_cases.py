"""Writes the audit log: in the transaction of what is told, so that neither is there without the other."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert

from chassis.database import Transaction
from chassis.ids import new_id
from services.directory.audit.domain import Action, Detail, as_code
from services.directory.audit.tables import audit_entry

__all__ = ["Action", "record"]


async def record(
    tx: Transaction,
    action: Action,
    subject_id: UUID,
    *,
    by: UUID | None,
    city_id: UUID | None,
    at: datetime,
    details: Mapping[str, Detail] | None = None,
) -> None:
    """Note that `by` (None: no person) did this; stays for ever once `tx` is committed.

    Raises TypeError for a detail that is text.
    """
    values = {
        "id": new_id(),
        "at": at,
        "city_id": city_id,
        "action": action.value,
        "actor_id": by,
        "subject_id": subject_id,
        "details": {name: as_code(value) for name, value in (details or {}).items() if value is not None},
    }
    await tx.execute(insert(audit_entry).values(values))

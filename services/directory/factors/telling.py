"""A change of somebody's factors is mailed to them, and of staff it is in the audit log of their cities."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Transaction
from services.directory import mails
from services.directory.audit import use_cases as audit
from services.directory.audit.domain import Action, Detail
from services.directory.factors.domain import Factor
from services.directory.people import storage as people
from services.directory.sessions.carried import STAFF


async def tell(
    tx: Transaction,
    action: Action,
    person_id: UUID,
    *,
    by: UUID,
    at: datetime,
    factor: Factor | None = None,
    left: int | None = None,
) -> None:
    """Queue the mail of that action, and note it for each city that the person works for."""
    person = await people.person_by_id(tx, person_id)
    if person is None:
        return
    data: Mapping[str, Any] = {"factor": factor, "left": left}
    to, language = person["email"], person["language"]
    await mails.queue(tx, to=to, language=language, kind=action.value, data=data, now=at)
    of_staff = (each for each in await people.grants_of(tx, person_id) if each.role in STAFF)
    details: Mapping[str, Detail] = {"factor": factor, "left": left}
    for city_id in dict.fromkeys(grant.city_id for grant in of_staff):
        await audit.record(tx, action, person_id, by=by, city_id=city_id, at=at, details=details)

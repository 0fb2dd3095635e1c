"""A shop says what it did since an assessment, and takes it back; dated, and nobody checks it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from chassis.problems import invalid, not_found
from services.assessment.advice.catalogue import Catalogue
from services.assessment.assessments.submission import Assessment
from services.assessment.progress.domain import Kind
from services.assessment.progress.tables import declared_done
from services.assessment.reports.domain.units import BRUSSELS


async def declare(
    tx: Transaction,
    catalogue: Catalogue,
    of: Assessment,
    *,
    kind: Kind,
    key: str,
    done_on: date,
    now: datetime,
) -> None:
    """Note it, or change its day. Raises Problem: 404 for what is no such thing, 422 for another day."""
    known = {"action": of.recommendations, "training": catalogue.trainings, "tool": catalogue.tools}[kind]
    if key not in known:
        raise not_found(f"{kind} of this assessment" if kind == "action" else kind)
    if not of.completed_at.astimezone(BRUSSELS).date() <= done_on <= now.astimezone(BRUSSELS).date():
        raise invalid("done_on", "is not between the day of the assessment and today")
    row = {"assessment_id": of.id, "kind": kind, "key": key, "city_id": of.city_id, "done_on": done_on}
    new = insert(declared_done).values(row)
    place = ["assessment_id", "kind", "key"]
    await tx.execute(new.on_conflict_do_update(index_elements=place, set_={"done_on": done_on}))


async def take_back(tx: Transaction, of: Assessment, kind: Kind, key: str) -> None:
    """It was not done after all. Raises 404 where it was not declared."""
    known = declared_done.c
    here = known.assessment_id == of.id, known.kind == kind, known.key == key
    if not (await tx.execute(delete(declared_done).where(*here))).rowcount:
        raise not_found("declaration")


async def declared(connection: AsyncConnection, assessment: UUID) -> list[tuple[Kind, str, date]]:
    """What was declared done since that assessment, in the order of its days."""
    known = declared_done.c
    query = (
        select(known.kind, known.key, known.done_on)
        .where(known.assessment_id == assessment)
        .order_by(known.done_on, known.kind, known.key)
    )
    return [(kind, key, day) for kind, key, day in await connection.execute(query)]

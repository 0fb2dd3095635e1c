"""python -m services.assessment.reports.rebuild

Counts every block anew from the assessments, and every sum from the blocks; with the settings of the service,
which may be running. Who is in which block stays as it was published: else a report before and one after
would tell who came and went. A block with members who are erased or corrected keeps its figures, for the same
reason, until they may leave it.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, text, update

from chassis.database import Database, Transaction, without_time_limit
from chassis.settings import ServiceSettings
from services.assessment.questionnaires.catalogue import Catalogue
from services.assessment.reports import storage
from services.assessment.reports.domain.blocks import figures_of, left_over
from services.assessment.reports.domain.figures import Figures
from services.assessment.reports.storage import Reader
from services.assessment.reports.tables import report_blocks


async def rebuild(database: Database, catalogue: Catalogue) -> int:
    """City by city, each in a transaction of its own; how many blocks were counted."""
    async with database.connection() as connection:
        cities = [*(await connection.execute(_CITIES)).scalars()]
    counted = 0
    for city in cities:
        async with database.transaction() as tx:
            await without_time_limit(tx)
            await storage.lock(tx)
            counted += await _rebuild_city(tx, Reader(catalogue), city)
    return counted


async def _rebuild_city(tx: Transaction, reader: Reader, city: UUID) -> int:
    blocks = [*await tx.execute(_COMPLETE, {"city": city})]
    for block in blocks:
        figures = await _counted(tx, reader, block)
        here = report_blocks.c.id == block.id
        await tx.execute(update(report_blocks).where(here).values(figures=storage.as_json(figures)))
    await tx.execute(_CLEAR, {"city": city})
    sums: dict[tuple[UUID | None, date, str], Figures] = {}
    for session, month, figures in [*await tx.execute(_EVERY, {"city": city})]:
        for basis, more in storage.from_stored(figures).items():
            for of in {None, session}:
                sums[of, month, basis] = sums.get((of, month, basis), Figures()) + more
    for (of, month, basis), figures in sums.items():
        where = {"city_id": city, "session_id": of, "month": month, "basis": basis}
        await storage.put(tx, where, figures)
    return len(blocks)


async def _counted(tx: Transaction, reader: Reader, block: Any) -> Any:
    rows = await reader.of_block(tx, block.id)
    shown_as = {row.id: row.shown_as for row in rows}
    now = figures_of(
        [reader.attempt(row) for row in rows], f"{block.questionnaire}.v{block.version}", shown_as
    )
    # A dimension that went with leavers stays away.
    return left_over(storage.from_stored(block.figures), now)


_CITY = bindparam("city", type_=Uuid)
_CITIES = text("SELECT DISTINCT city_id FROM report_blocks ORDER BY city_id")
_COMPLETE = text("""
    SELECT id, questionnaire, version, figures FROM report_blocks b
     WHERE city_id = :city AND NOT EXISTS (
        SELECT FROM report_members m LEFT JOIN assessments a ON a.id = m.assessment_id
         WHERE m.block_id = b.id AND (m.gone OR a.id IS NULL))
     ORDER BY id
""").bindparams(_CITY)
_EVERY = text("""
    SELECT session_id, month, figures FROM report_blocks WHERE city_id = :city ORDER BY id
""").bindparams(_CITY)
_CLEAR = text("DELETE FROM report_figures WHERE city_id = :city").bindparams(_CITY)


async def _run(settings: ServiceSettings, catalogue: Catalogue) -> None:
    database = Database(settings)
    try:
        sys.stdout.write(f"{await rebuild(database, catalogue)} groups counted anew\n")
    finally:
        await database.close()


if __name__ == "__main__":
    from chassis.settings import load as settings_of
    from services.assessment.questionnaires.catalogue import load
    from services.assessment.settings import AssessmentSettings

    asyncio.run(_run(settings_of(AssessmentSettings), load()))

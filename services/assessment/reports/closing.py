"""Closed units become blocks, and who was erased or corrected leaves them: by the worker, never in a request.

Any number of processes may do it at any time, in any order: each assessment gets into one block, once.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Uuid, bindparam, delete, text, update

from chassis.clock import utc_now
from chassis.database import Database, Transaction
from chassis.ids import lowest_at
from services.assessment.questionnaires.catalogue import Catalogue
from services.assessment.reports import storage
from services.assessment.reports.domain.blocks import (
    FEWEST,
    figures_of,
    left_over,
    may_leave,
    shown_kinds,
    waiting,
)
from services.assessment.reports.domain.figures import Attempt
from services.assessment.reports.domain.units import Unit, month_closes, session_closes
from services.assessment.reports.storage import SESSION_OF, Reader
from services.assessment.reports.tables import report_blocks, report_members

EVERY_SECONDS = 60.0
LOOK_BACK = timedelta(days=3)
"""Of assessments written since then each round looks whether they are in a block; longer than a process is
away unnoticed. Whoever misses more is found by a look at all of them."""
LOOK_AT_ALL = timedelta(days=1)


class Closing:
    """The job that does it, until it is told to stop."""

    def __init__(self, database: Database, catalogue: Catalogue) -> None:
        self._database = database
        self._catalogue = catalogue

    async def run(self, stop: asyncio.Event) -> None:
        looked_at_all: datetime | None = None
        while not stop.is_set():
            now = utc_now()
            if looked_at_all is None or now - looked_at_all >= LOOK_AT_ALL:
                await close_units(self._database, self._catalogue, now)
                looked_at_all = now
            else:
                await close_units(self._database, self._catalogue, now, since=now - LOOK_BACK)
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(stop.wait(), EVERY_SECONDS)


async def close_units(
    database: Database, catalogue: Catalogue, now: datetime, *, since: datetime | None = None
) -> None:
    """One round over what was written `since` then, or over everything."""
    values = {"since": lowest_at(since) if since else UUID(int=0)}
    async with database.transaction() as tx:
        await storage.lock(tx)
        await tx.execute(_MARK_CORRECTED, values)
        if since is None:
            await tx.execute(_MARK_ERASED)
        await tx.execute(_NOTE, values)
    async with database.connection() as connection:
        units = [*(await connection.execute(_NOTED)).mappings()]
    reader = Reader(catalogue)
    for row in units:
        if _closes(row) <= now:
            async with database.transaction() as tx:
                await storage.lock(tx)
                await _settle(tx, reader, _unit(row))


def _unit(row: Any) -> Unit:
    return Unit(**{field: row[field] for field in Unit.__struct_fields__})


def _closes(row: Any) -> datetime:
    if row["session_id"] is None:
        return month_closes(row["month"])
    if row["held_at"] is None:
        return datetime.max.replace(tzinfo=row["ends_at"].tzinfo)
    return session_closes(max(row["held_at"], row["ends_at"]))


async def _settle(tx: Transaction, reader: Reader, unit: Unit) -> None:
    for block, figures in [*await tx.execute(_BLOCKS_WITH_GONE, _where(unit))]:
        await _let_go(tx, reader, unit, block, figures)
    left_out = await _take_in(tx, reader, unit)
    await tx.execute(_STAY_OUT if left_out else _NONE_LEFT_OUT, _where(unit))


async def _let_go(tx: Transaction, reader: Reader, unit: Unit, block: UUID, figures: Any) -> None:
    members = [*await tx.execute(_MEMBERS, {"block": block})]
    sizes = Counter(member.shown_as for member in members)
    if not may_leave(sizes, Counter(member.shown_as for member in members if member.gone)):
        return
    rows = await reader.of_block(tx, block)
    shown_as = {row.id: row.shown_as for row in rows}
    before = storage.from_stored(figures)
    now = figures_of([reader.attempt(row) for row in rows], unit.basis, shown_as) if rows else {}
    after = left_over(before, now)
    await storage.add(tx, unit, {basis: after[basis] - before[basis] for basis in before})
    known, of_block = report_members.c, report_members.c.block_id == block
    await tx.execute(delete(report_members).where(of_block, known.gone))
    here = report_blocks.c.id == block
    if rows:
        await tx.execute(update(report_blocks).where(here).values(figures=storage.as_json(after)))
    else:
        await tx.execute(delete(report_blocks).where(here))


async def _take_in(tx: Transaction, reader: Reader, unit: Unit) -> bool:
    """Make a block of those who wait, if they are five; whether some are left out."""
    rows = await reader.of_unit(tx, unit)
    corrections = await storage.still_counted(tx, [row.id for row in rows if row.block_id is None])
    in_blocks = {row.id for row in rows if row.block_id is not None}
    candidates: Sequence[Attempt] = [
        reader.attempt(row)
        for row in rows
        if row.block_id is not None or not (row.corrected or row.id in corrections)
    ]
    wait = waiting(candidates, in_blocks)
    if len(wait) < FEWEST:
        return bool(wait)
    shown_as = shown_kinds(wait)
    await storage.add_block(tx, unit, figures_of(wait, unit.basis, shown_as), shown_as)
    return False


def _where(unit: Unit) -> dict[str, Any]:
    return {field: getattr(unit, field) for field in Unit.__struct_fields__}


_MARK_CORRECTED = text("""
    UPDATE report_members m SET gone = true FROM assessments newer
     WHERE newer.corrects = m.assessment_id AND newer.id >= :since AND NOT m.gone
""").bindparams(bindparam("since", type_=Uuid))
# An erasure marks them itself; after a restore of the one without the other nobody has.
_MARK_ERASED = text("""
    UPDATE report_members m SET gone = true
     WHERE NOT m.gone AND NOT EXISTS (SELECT FROM assessments a WHERE a.id = m.assessment_id)
""")
# Units of assessments that no block has, and of blocks that somebody wants to leave. A form counts where its
# session was, in whatever city its shop lies.
_NOTE = text(f"""
    INSERT INTO report_left_out (city_id, session_id, month, questionnaire, version, closed, due)
    SELECT coalesce(s.city_id, a.city_id), s.id,
           date_trunc('month', coalesce(s.starts_at, a.completed_at) AT TIME ZONE 'Europe/Brussels')::date,
           a.questionnaire, a.questionnaire_version, false, true
      FROM assessments a LEFT JOIN sessions s ON s.id = {SESSION_OF}
     WHERE a.id >= :since AND NOT EXISTS (SELECT FROM report_members m WHERE m.assessment_id = a.id)
       AND NOT EXISTS (SELECT FROM assessments newer WHERE newer.corrects = a.id)
    UNION
    SELECT city_id, session_id, month, questionnaire, version, false, true
      FROM report_blocks WHERE id IN (SELECT block_id FROM report_members WHERE gone)
    ON CONFLICT (city_id, session_id, month, questionnaire, version) DO UPDATE SET due = true
""").bindparams(bindparam("since", type_=Uuid))  # noqa: S608  a constant
# A session is moved until it is held: its month is that of today's plan.
_NOTED = text("""
    SELECT DISTINCT o.city_id, o.session_id, o.questionnaire, o.version, s.ends_at, s.held_at,
           coalesce(date_trunc('month', s.starts_at AT TIME ZONE 'Europe/Brussels')::date, o.month) AS month
      FROM report_left_out o LEFT JOIN sessions s ON s.id = o.session_id
     WHERE o.due ORDER BY month, o.city_id, o.session_id
""")
_OF_UNIT = """city_id = :city_id AND session_id IS NOT DISTINCT FROM :session_id
    AND questionnaire = :questionnaire AND version = :version"""
_OF_ITS_MONTH = f"{_OF_UNIT} AND (month = :month OR session_id IS NOT NULL)"
_UNIT_COLUMNS = (
    bindparam("city_id", type_=Uuid),
    bindparam("session_id", type_=Uuid),
    bindparam("month", type_=Date),
)
_BLOCKS_WITH_GONE = text(f"""
    SELECT id, figures FROM report_blocks
     WHERE {_OF_ITS_MONTH} AND id IN (SELECT block_id FROM report_members WHERE gone)
""").bindparams(*_UNIT_COLUMNS)  # noqa: S608  a constant
_MEMBERS = text("SELECT shown_as, gone FROM report_members WHERE block_id = :block")
_STAY_OUT = text(f"""
    UPDATE report_left_out SET closed = true, due = false WHERE {_OF_ITS_MONTH}
""").bindparams(*_UNIT_COLUMNS)  # noqa: S608  a constant
_NONE_LEFT_OUT = text(f"""
    DELETE FROM report_left_out WHERE {_OF_ITS_MONTH}
""").bindparams(*_UNIT_COLUMNS)  # noqa: S608  a constant

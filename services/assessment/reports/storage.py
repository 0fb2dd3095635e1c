"""Blocks, their members, and the sums of blocks, in the database."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, insert, text
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import Transaction, copy_rows
from chassis.ids import new_id
from services.assessment.kinds.listed import on_the_form
from services.assessment.questionnaires.catalogue import Catalogue
from services.assessment.questionnaires.domain.answers import from_json
from services.assessment.reports.bases import Scorer
from services.assessment.reports.domain.figures import OTHER, Attempt, Figures
from services.assessment.reports.domain.units import Unit, begins, next_month
from services.assessment.reports.tables import report_blocks, report_figures, report_members

WISH = "training-wish"
"""The question that asks who wants training."""

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('assessment reports', 0))")
_ATTEMPTS = """
    SELECT a.id, a.merchant_id, a.merchant_kind, as_listed.kind AS listed_as, a.questionnaire,
           a.questionnaire_version, a.answers, a.score, a.dimensions, a.recommendations,
           in_block.block_id, in_block.shown_as, newer.id IS NOT NULL AS corrected
    FROM assessments a
    LEFT JOIN report_members in_block ON in_block.assessment_id = a.id
    LEFT JOIN assessments newer ON newer.corrects = a.id
    LEFT JOIN listed_kinds as_listed ON as_listed.merchant_id = a.merchant_id
"""
SESSION_OF = """CASE WHEN a.corrects IS NULL OR a.session_id IS NOT NULL THEN a.session_id ELSE (
    WITH RECURSIVE earlier (corrects, session_id) AS (
        SELECT e.corrects, e.session_id FROM assessments e WHERE e.id = a.corrects
        UNION ALL
        SELECT e.corrects, e.session_id FROM earlier JOIN assessments e ON e.id = earlier.corrects
    )
    SELECT session_id FROM earlier WHERE session_id IS NOT NULL LIMIT 1) END"""
"""Of an assessment `a`, in SQL: whoever corrects a session's form counts in that session."""
_OF_SESSION = text(f"""
    WITH RECURSIVE of_session (member) AS (
        SELECT id FROM assessments WHERE session_id = :session
        UNION
        SELECT later.id FROM of_session JOIN assessments later ON later.corrects = of_session.member
    )
    {_ATTEMPTS}
    WHERE a.id IN (SELECT member FROM of_session)
      AND a.questionnaire = :questionnaire AND a.questionnaire_version = :version
""")  # noqa: S608  constants
_OF_MONTH = text(f"""{_ATTEMPTS}
    WHERE a.city_id = :city AND ({SESSION_OF}) IS NULL
      AND a.completed_at >= :begins AND a.completed_at < :ends
      AND a.questionnaire = :questionnaire AND a.questionnaire_version = :version
""")
_OF_BLOCK = text(f"{_ATTEMPTS} WHERE in_block.block_id = :block AND NOT in_block.gone")
_STILL_COUNTED = text("""
    WITH RECURSIVE earlier (newest, id) AS (
        SELECT id, corrects FROM assessments WHERE id = ANY(:ids) AND corrects IS NOT NULL
        UNION ALL
        SELECT e.newest, a.corrects FROM earlier e JOIN assessments a USING (id) WHERE a.corrects IS NOT NULL
    )
    SELECT DISTINCT e.newest FROM earlier e JOIN report_members m ON m.assessment_id = e.id
""").bindparams(bindparam("ids", type_=ARRAY(Uuid)))
_KNOWN = text("""
    SELECT figures FROM report_figures
     WHERE city_id = :city_id AND session_id IS NOT DISTINCT FROM :session_id AND month = :month
       AND basis = :basis
""").bindparams(bindparam("city_id", type_=Uuid), bindparam("session_id", type_=Uuid))


async def lock(tx: Transaction) -> None:
    """One at a time changes who is in a block: folding, rebuilding, and erasing of what is in one."""
    await tx.execute(_LOCK)


class Reader:
    """Reads assessments as reports count them."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._scorer = Scorer(catalogue)

    async def of_unit(self, tx: Transaction, unit: Unit) -> list[Any]:
        """Rows of all assessments of the unit."""
        edition = {"questionnaire": unit.questionnaire, "version": unit.version}
        if unit.session_id is not None:
            return [*await tx.execute(_OF_SESSION, {"session": unit.session_id, **edition})]
        month = {"begins": begins(unit.month), "ends": begins(next_month(unit.month))}
        return [*await tx.execute(_OF_MONTH, {"city": unit.city_id, **month, **edition})]

    async def of_block(self, tx: Transaction, block: UUID) -> list[Any]:
        """Rows of those who are in the block and not gone."""
        return [*await tx.execute(_OF_BLOCK, {"block": block})]

    def attempt(self, row: Any) -> Attempt:
        """Whoever said of which kind their shop is, is believed; else it is of the kind it is listed as."""
        answers = from_json(row.answers)
        wish = answers.get(WISH)
        return Attempt(
            id=row.id,
            merchant_id=row.merchant_id,
            kind=row.merchant_kind or on_the_form(row.listed_as) or OTHER,
            scored=self._scorer.scored(
                row.questionnaire, row.questionnaire_version, answers, row.score, row.dimensions
            ),
            recommendations=tuple(row.recommendations),
            wish=min(wish) if isinstance(wish, frozenset) and wish else None,
        )


async def still_counted(tx: Transaction, ids: Collection[UUID]) -> set[UUID]:
    """Of these, the ones that correct an assessment which is in a block still."""
    return {*(await tx.execute(_STILL_COUNTED, {"ids": [*ids]})).scalars()}


async def add_block(
    tx: Transaction, unit: Unit, figures: Mapping[str, Figures], shown_as: Mapping[UUID, str]
) -> None:
    """A new block, with its members, added to the sums."""
    block = new_id()
    await tx.execute(
        insert(report_blocks),
        {
            "id": block,
            "city_id": unit.city_id,
            "session_id": unit.session_id,
            "month": unit.month,
            "questionnaire": unit.questionnaire,
            "version": unit.version,
            "bases": [*figures],
            "figures": as_json(figures),
        },
    )
    members = [
        {"assessment_id": each, "city_id": unit.city_id, "block_id": block, "shown_as": kind, "gone": False}
        for each, kind in shown_as.items()
    ]
    await copy_rows(tx, report_members, members)
    await add(tx, unit, figures)


async def add(tx: Transaction, unit: Unit, figures: Mapping[str, Figures]) -> None:
    """Add them to the sums of the unit's month, and of its session where it is one. Under `lock`."""
    for basis, more in figures.items():
        for session in {None, unit.session_id}:
            where = {"city_id": unit.city_id, "session_id": session, "month": unit.month, "basis": basis}
            known = await tx.scalar(_KNOWN, where)
            await put(tx, where, (Figures.from_json(known) if known else Figures()) + more)


async def put(tx: Transaction, where: Mapping[str, Any], figures: Figures) -> None:
    """Write a sum, whatever it was before."""
    stored = {"figures": figures.as_json()}
    new = upsert(report_figures).values({**where, **stored})
    place = ["city_id", "session_id", "month", "basis"]
    await tx.execute(new.on_conflict_do_update(index_elements=place, set_=stored))


def as_json(figures: Mapping[str, Figures]) -> dict[str, Any]:
    return {basis: each.as_json() for basis, each in figures.items()}


def from_stored(figures: Mapping[str, Any]) -> dict[str, Figures]:
    return {basis: Figures.from_json(each) for basis, each in figures.items()}

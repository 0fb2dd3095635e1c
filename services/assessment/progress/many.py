"""What went with which change, over many shops: blocks of five and more, added up by city, for ever.

A pair is a shop's assessment and its last one a month or more before, where the two can be compared (decision
0020). Pairs of a city wait until they are of five shops. A block is never changed again: it is about no
single shop, and a difference of two reports is a union of blocks.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, insert, text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Database, Transaction
from chassis.ids import new_id
from services.assessment.progress.domain import FEWEST, Changes, changes, told_apart
from services.assessment.progress.tables import progress_blocks, progress_members
from services.assessment.questionnaires.catalogue import Catalogue
from services.assessment.questionnaires.domain.answers import from_json
from services.assessment.questionnaires.domain.comparison import NotComparable, Taken, compare

APART = timedelta(days=30)
"""Sooner, an assessment puts the last one right rather than showing what moved."""
EVERYBODY = "all"

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('assessment progress', 0))")
_PAIRS = text("""
    SELECT DISTINCT ON (a.city_id, a.merchant_id) a.city_id, a.id, b.id AS before_id,
           a.questionnaire, a.questionnaire_version, a.answers,
           b.questionnaire AS before_questionnaire, b.questionnaire_version AS before_version,
           b.answers AS before_answers
      FROM assessments a
      JOIN LATERAL (
          SELECT * FROM assessments earlier
           WHERE earlier.merchant_id = a.merchant_id
             AND earlier.completed_at <= a.completed_at - CAST(:apart AS interval)
             AND NOT EXISTS (SELECT FROM assessments c WHERE c.corrects = earlier.id)
           ORDER BY earlier.completed_at DESC LIMIT 1) b ON true
     WHERE NOT EXISTS (SELECT FROM progress_members m WHERE m.assessment_id = a.id)
       AND NOT EXISTS (SELECT FROM assessments c WHERE c.corrects = a.id)
     ORDER BY a.city_id, a.merchant_id, a.completed_at DESC
""")
_DECLARED = text("""
    SELECT assessment_id, kind, key FROM declared_done d
      JOIN unnest(:before, :after) AS pair (before_id, after_id) ON pair.before_id = d.assessment_id
      JOIN assessments a ON a.id = pair.after_id
     WHERE d.done_on <= (a.completed_at AT TIME ZONE 'Europe/Brussels')::date
""").bindparams(bindparam("before", type_=ARRAY(Uuid)), bindparam("after", type_=ARRAY(Uuid)))
_BLOCKS = text("SELECT changes FROM progress_blocks WHERE city_id = ANY(:cities)").bindparams(
    bindparam("cities", type_=ARRAY(Uuid))
)


async def add_up(database: Database, catalogue: Catalogue) -> int:
    """Make a block of each city's waiting pairs where they are five; how many. Any number of workers may."""
    async with database.transaction() as tx:
        await tx.execute(_LOCK)
        waiting: dict[UUID, dict[UUID, Pair]] = {}
        for row in [*await tx.execute(_PAIRS, {"apart": APART})]:
            pair = _compared(row, catalogue)
            if pair is not None:
                waiting.setdefault(row.city_id, {})[row.id] = pair
        due = {city: pairs for city, pairs in waiting.items() if len(pairs) >= FEWEST}
        for city, pairs in due.items():
            await _add_block(tx, city, pairs)
        return len(due)


class Pair:
    """Two assessments of a shop, compared."""

    def __init__(self, before: UUID, overall: int, dimensions: Mapping[str, int]) -> None:
        self.before = before
        self.overall = overall
        self.dimensions = dimensions


def _compared(row: Any, catalogue: Catalogue) -> Pair | None:
    old = Taken(
        catalogue.published(row.before_questionnaire, row.before_version), from_json(row.before_answers)
    )
    new = Taken(catalogue.published(row.questionnaire, row.questionnaire_version), from_json(row.answers))
    try:
        both = compare(old, new, catalogue.mapping(old.questionnaire, new.questionnaire))
    except NotComparable:
        return None
    before, after = both.before, both.after
    shared = before.dimensions.keys() & after.dimensions.keys()
    moved = {key: after.dimensions[key] - before.dimensions[key] for key in shared}
    return Pair(row.before_id, after.score - before.score, moved)


async def _add_block(tx: Transaction, city: UUID, pairs: Mapping[UUID, Pair]) -> None:
    groups = await _groups(tx, pairs)
    stored = {EVERYBODY: changes(pair.overall for pair in pairs.values())}
    for name in told_apart(pairs, groups):
        dimension = name.removeprefix("dimension:") if name.startswith("dimension:") else None
        stored[name] = changes(
            pairs[each].overall if dimension is None else pairs[each].dimensions[dimension]
            for each in groups[name]
        )
    block = new_id()
    as_json = {name: [of.shops, of.total, of.squares] for name, of in stored.items()}
    await tx.execute(insert(progress_blocks), {"id": block, "city_id": city, "changes": as_json})
    members = [{"assessment_id": each, "city_id": city, "block_id": block} for each in pairs]
    await tx.execute(insert(progress_members), members)


async def _groups(tx: Transaction, pairs: Mapping[UUID, Pair]) -> dict[str, set[UUID]]:
    """Who declared what, and who answered which dimension both times."""
    of_before = {pair.before: each for each, pair in pairs.items()}
    found: dict[str, set[UUID]] = {}
    asked = {"before": [*of_before], "after": [*of_before.values()]}
    for before, kind, key in await tx.execute(_DECLARED, asked):
        found.setdefault(f"{kind}:{key}", set()).add(of_before[before])
    for each, pair in pairs.items():
        for dimension in pair.dimensions:
            found.setdefault(f"dimension:{dimension}", set()).add(each)
    return found


async def added_up(connection: AsyncConnection, cities: Collection[UUID]) -> dict[str, Changes]:
    """By group, over all blocks of these cities."""
    found: dict[str, Changes] = {}
    for (stored,) in await connection.execute(_BLOCKS, {"cities": [*cities]}):
        for name, (shops, total, squares) in stored.items():
            found[name] = found.get(name, Changes()) + Changes(shops, total, squares)
    return found

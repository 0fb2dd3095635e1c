"""Finds, at the end of an import, what a person has to look at. Found again, it is one doubt, not two."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Row, Uuid, cast, delete, func, text
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Transaction
from chassis.ids import new_id
from services.directory.doubts import nameless
from services.directory.doubts.domain import (
    AROUND,
    OF_NO_NAME,
    ClosureState,
    DuplicateState,
    Looks,
    likeness,
)
from services.directory.doubts.tables import closure, duplicate

MERCHANTS_AT_ONCE = 500

# What others list there, by itself and with an index of its own: an import without coordinates puts thousands
# of its shops into the middle of the town, and each of them would be found beside each other.
_OTHERS = (
    text("""
        CREATE TEMPORARY TABLE other ON COMMIT DROP AS
        SELECT o.id, o.name, o.street, o.house_number, o.longitude, o.latitude,
               point(o.longitude, o.latitude) AS place, split_part(o.search_text, '|', 1) AS called
          FROM merchant o
         WHERE o.city_id = :city_id AND o.source <> :source AND NOT o.closed AND NOT o.delisted
           AND o.name IS NOT NULL
    """),
    text("CREATE INDEX ON other USING gist (place)"),
    text("ANALYZE other"),
)
# The trigrams only choose the few that are compared: names that share a third of them, in a box of AROUND
# metres.
_NEIGHBOURS = text("""
    SELECT m.id, m.name, m.street, m.house_number,
           o.id AS other_id, o.name AS other_name, o.street AS other_street,
           o.house_number AS other_house_number, o.metres
      FROM merchant m
     CROSS JOIN LATERAL (
        SELECT n.*, sqrt((n.latitude - m.latitude) ^ 2
                         + ((n.longitude - m.longitude) * cos(radians(m.latitude))) ^ 2) * 111320 AS metres,
               similarity(n.called, split_part(m.search_text, '|', 1)) AS alike
          FROM other n
         WHERE n.place <@ box(point(m.longitude - :aside, m.latitude - :up),
                              point(m.longitude + :aside, m.latitude + :up))
           AND similarity(n.called, split_part(m.search_text, '|', 1)) > 0.33
         ORDER BY alike DESC, n.id
         LIMIT 5
     ) o
     WHERE m.id = ANY(:ids) AND NOT m.closed AND NOT m.delisted AND m.name IS NOT NULL
""")
# The first and the last entry of an index. Asked with EXISTS for the fifth time, PostgreSQL plans for any
# source: it hopes to meet another one soon, and reads through all merchants where there is none.
HAS_OTHERS = text("""
    SELECT coalesce(min(source) < :source OR max(source) > :source, false)
      FROM merchant WHERE city_id = :city_id
""")
_MISSING = text("""
    SELECT m.id FROM merchant m
     WHERE m.city_id = :city_id AND m.source = :source AND NOT m.closed AND NOT m.delisted
       AND (CAST(:postcodes AS text[]) IS NULL OR m.source_details ->> 'postcode' = ANY(:postcodes))
       AND NOT EXISTS (SELECT FROM import_row r WHERE r.job_id = :job_id AND r.source_id = m.source_id)
     ORDER BY m.id
""")
_BACK = text("""
    SELECT m.id FROM closure c JOIN merchant m ON m.id = c.merchant_id
     WHERE c.state = 'proposed' AND m.city_id = :city_id AND m.source = :source
       AND EXISTS (SELECT FROM import_row r WHERE r.job_id = :job_id AND r.source_id = m.source_id)
""")


async def find_duplicates(
    tx: Transaction, city_id: UUID, source: str, ids: Sequence[UUID], at: datetime
) -> None:
    """Pairs of these merchants of one source with ones of others that may be the same."""
    values = {"city_id": city_id, "source": source}
    if not ids or not (await tx.execute(HAS_OTHERS, values)).scalar_one():
        return
    await tx.execute(_OTHERS[0], values)
    for statement in _OTHERS[1:]:
        await tx.execute(statement)
    up = AROUND / 111_320
    rows = await tx.execute(_NEIGHBOURS, {"ids": list(ids), "up": up, "aside": up / 0.6})
    doubts = [doubt for row in rows if (doubt := _of_names(row)) is not None]
    doubts += [
        _doubt(one, other, metres, OF_NO_NAME)
        for one, other, metres in await nameless.pairs(tx, city_id, source, ids)
    ]
    if doubts:
        doubts.sort(key=lambda pair: (pair["first_id"], pair["second_id"]))
        found = {"city_id": city_id, "state": DuplicateState.PROPOSED.value, "found_at": at}
        await tx.execute(insert(duplicate).on_conflict_do_nothing(), [{**each, **found} for each in doubts])


async def find_closures(
    tx: Transaction,
    city_id: UUID,
    source: str,
    job_id: UUID,
    at: datetime,
    *,
    postcodes: list[str] | None = None,
) -> None:
    """Merchants that an import of all its source has does not have any more. What came back is no doubt.

    With `postcodes` only what the source has in them was imported, whatever postcode was corrected here.
    """
    values = {"city_id": city_id, "source": source, "job_id": job_id}
    await withdraw_closures(tx, list((await tx.execute(_BACK, values)).scalars()))
    missing = await tx.execute(_MISSING, {**values, "postcodes": postcodes})
    await propose_closures(tx, city_id, list(missing.scalars()), at)


async def propose_closures(tx: Transaction, city_id: UUID, gone: Collection[UUID], at: datetime) -> None:
    """Leave it to a person whether these closed; what somebody decided before is not asked again."""
    proposed = ClosureState.PROPOSED.value
    rows = [
        {"id": new_id(), "city_id": city_id, "merchant_id": each, "state": proposed, "found_at": at}
        for each in sorted(gone)
    ]
    if rows:
        await tx.execute(insert(closure).on_conflict_do_nothing(), rows)


async def withdraw_closures(tx: Transaction, found: Collection[UUID]) -> None:
    """Their source has them again."""
    is_open = closure.c.state == ClosureState.PROPOSED.value
    if found:
        await tx.execute(delete(closure).where(is_open, closure.c.merchant_id == func.any(_ids(found))))


def _ids(found: Collection[UUID]) -> ColumnElement[Any]:
    return cast(list(found), ARRAY(Uuid))  # one parameter, however many there are


def _of_names(row: Row[Any]) -> dict[str, Any] | None:
    one = Looks(row.name, row.street, row.house_number)
    other = Looks(row.other_name, row.other_street, row.other_house_number)
    alike = likeness(one, other, row.metres)
    return _doubt(row.id, row.other_id, row.metres, alike) if alike is not None else None


def _doubt(one: UUID, other: UUID, metres: float, alike: float) -> dict[str, Any]:
    first, second = sorted((one, other))
    return {
        "id": new_id(),
        "first_id": first,
        "second_id": second,
        "likeness": alike,
        "metres": metres,
    }

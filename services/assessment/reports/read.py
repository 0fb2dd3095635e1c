"""Reads a report's sums: a session's, or those of cities' whole months."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ARRAY, Date, Integer, Text, Uuid, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.assessment.reports.bases import Basis
from services.assessment.reports.domain.figures import Figures


class Scope(Struct, frozen=True):
    """What a report is of: whole units alone."""

    cities: tuple[UUID, ...]
    """One where it is of a session: the session's."""
    session_id: UUID | None = None
    first: date | None = None
    """The first and the last month; None where the period is open there."""
    last: date | None = None
    programme_id: UUID | None = None
    """Whose cities and months they are, where it was asked for by one."""


class LeftOut(Struct, frozen=True):
    small_units: int
    open_units: int
    other_editions: tuple[str, ...]
    """Questionnaires and versions that were answered there too: their scores are never added."""


class Found(Struct, frozen=True):
    figures: Figures
    sessions: int
    left_out: LeftOut


async def read(connection: AsyncConnection, scope: Scope, basis: Basis) -> Found:
    """The sums of the blocks in `scope`, in time that depends on its months and not on its attempts."""
    values = {
        "cities": [*scope.cities],
        "session": scope.session_id,
        "first": scope.first or date.min,
        "last": scope.last or date.max,
        "basis": basis.name,
        "names": [each.name for each in basis.editions],
        "versions": [each.version for each in basis.editions],
    }
    of_scope = _OF_MONTHS if scope.session_id is None else _OF_SESSION
    sums = await connection.execute(of_scope, values)
    figures = Figures({(measure, key): (int(count), int(total)) for measure, key, count, total in sums})
    (sessions,) = (await connection.execute(_SESSIONS, values)).one()
    small, still_open = (await connection.execute(_LEFT_OUT, values)).one()
    others = (await connection.execute(_OTHERS, values)).all()
    return Found(figures, sessions, LeftOut(small, still_open, _named(others)))


def _named(editions: Sequence[Any]) -> tuple[str, ...]:
    return tuple(f"{name}.v{version}" for name, version in editions)


def _bound(statement: str) -> Any:
    found = text(statement)
    types: dict[str, Any] = {
        "cities": ARRAY(Uuid),
        "session": Uuid,
        "first": Date,
        "last": Date,
        "basis": Text,
        "names": ARRAY(Text),
        "versions": ARRAY(Integer),
    }
    used = [bindparam(name, type_=kind) for name, kind in types.items() if f":{name}" in statement]
    return found.bindparams(*used)


_ADDED_UP = """
    SELECT measure.key, entry.key, sum((entry.value ->> 0)::bigint), sum((entry.value ->> 1)::bigint)
      FROM report_figures f, jsonb_each(f.figures) measure, jsonb_each(measure.value) entry
     WHERE f.city_id = ANY(:cities) AND f.basis = :basis AND f.month BETWEEN :first AND :last
"""
_OF_MONTHS = _bound(f"{_ADDED_UP} AND f.session_id IS NULL GROUP BY 1, 2")
_OF_SESSION = _bound(f"{_ADDED_UP} AND f.session_id = :session GROUP BY 1, 2")
_THERE = """city_id = ANY(:cities) AND month BETWEEN :first AND :last
    AND (CAST(:session AS uuid) IS NULL OR session_id = :session)"""
_EDITION = (
    "EXISTS (SELECT FROM unnest(:names, :versions) AS e (n, v) WHERE n = questionnaire AND v = version)"
)
_SESSIONS = _bound(f"""
    SELECT count(DISTINCT session_id) FROM report_blocks WHERE {_THERE} AND :basis = ANY(bases)
""")  # noqa: S608  constants
_LEFT_OUT = _bound(f"""
    SELECT count(*) FILTER (WHERE closed), count(*) FILTER (WHERE NOT closed)
      FROM report_left_out WHERE {_THERE} AND {_EDITION}
""")  # noqa: S608  constants
_OTHERS = _bound(f"""
    SELECT DISTINCT questionnaire, version FROM report_blocks WHERE {_THERE} AND NOT {_EDITION}
     ORDER BY questionnaire, version
""")  # noqa: S608  constants

"""What a region's report takes over 100,000 and 1,000,000 assessments: its time must not grow with them.

They lie in sixty cities and two years, a tenth of them in sessions. The worker makes the read model of them,
as it does of any; what that takes is printed. What it answers is set against counting the table.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
from rich.console import Console

from bench.ground import Ground, ground
from bench.rows import Row, compare
from chassis.database import Database
from chassis.ids import new_id
from chassis.settings import ServiceSettings
from services.assessment.questionnaires.catalogue import Catalogue, load
from services.assessment.questionnaires.domain.answers import as_json, read_answers
from services.assessment.questionnaires.domain.numbers import Number, Scale
from services.assessment.questionnaires.domain.questions import Answers, Choice, InvalidAnswer
from services.assessment.questionnaires.domain.scoring import assess
from services.assessment.reports.bases import own_basis
from services.assessment.reports.closing import close_units
from services.assessment.reports.domain.report import report_of
from services.assessment.reports.read import Scope, read

LITTLE, MUCH = 100_000, 1_000_000
CITIES, MONTHS = 60, 24
IN_A_SESSION, SESSIONS_PART = 25, 10
"""Of a session, and one in so many assessments is of one."""
MOST_MILLISECONDS = 300
BEGAN = datetime(2024, 1, 10, 18, tzinfo=UTC)
DIFFERENT_ANSWERS = 2_000
_COLUMNS = (
    "id", "city_id", "merchant_id", "questionnaire", "questionnaire_version", "answers", "score",
    "dimensions", "recommendations", "completed_at", "session_id", "merchant_kind",
)  # fmt: skip
_SESSION_COLUMNS = (
    "id", "city_id", "kind", "title", "place", "starts_at", "ends_at", "capacity", "language",
    "questionnaire", "questionnaire_version", "state", "version", "held_at", "participants",
    "forms_when_held",
)  # fmt: skip
_KINDS = ("food", "fashion", "beauty", "hospitality", None)
_FROM_THE_TABLE = """
    SELECT score, count(*) FROM assessments a
     WHERE questionnaire = 'session-form' AND city_id = ANY($1)
       AND NOT EXISTS (SELECT FROM assessments newer WHERE newer.corrects = a.id)
     GROUP BY score
"""


async def rows(rounds: int, console: Console) -> list[Row]:
    """Milliseconds."""
    catalogue = load()
    with ground() as servers:
        await servers.template("assessment")
        url, cities = await _filled(servers, catalogue, LITTLE, console)
        little = await _ours(url, catalogue, cities, rounds, console)
        url, cities = await _filled(servers, catalogue, MUCH, console)
        much = await _ours(url, catalogue, cities, rounds, console)
        counted = await _from_the_table(url, cities, rounds)
    measure = f"report over {MUCH:,} assessments, ms"
    bound = [float(MOST_MILLISECONDS)] * rounds
    return [
        compare(measure, f"{MOST_MILLISECONDS} ms", much, bound, target=1.0, better="lower"),
        compare(measure, f"over {LITTLE:,}", much, little, target=None, better="lower"),
        compare(
            measure, "its scores alone, counted from the table", much, counted, target=None, better="lower",
        ),
    ]  # fmt: skip


async def _ours(
    url: str, catalogue: Catalogue, cities: list[UUID], rounds: int, console: Console
) -> list[float]:
    database = Database(ServiceSettings(service_name="assessment", database_url=url))
    try:
        began = time.perf_counter()
        await close_units(database, catalogue, datetime.now(UTC))
        console.print(f"  read model made in {time.perf_counter() - began:,.0f} s")
        async with database.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.exec_driver_sql("VACUUM ANALYZE")
        known = catalogue.published("session-form", 1)
        basis, scope = own_basis(known), Scope(tuple(cities))
        taken = []
        for _ in range(rounds + 1):
            began = time.perf_counter()
            async with database.connection() as reading:
                found = await read(reading, scope, basis)
            report = report_of(found.figures, [each.key for each in known.dimensions])
            taken.append(1e3 * (time.perf_counter() - began))
        console.print(f"  {report.participants:,} participants: {[round(each, 1) for each in taken]} ms")
        return taken[1:]
    finally:
        await database.close()


async def _from_the_table(url: str, cities: list[UUID], rounds: int) -> list[float]:
    connection = await asyncpg.connect(url)
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        await connection.fetch(_FROM_THE_TABLE, cities)
        taken.append(1e3 * (time.perf_counter() - began))
    await connection.close()
    return taken


async def _filled(
    servers: Ground, catalogue: Catalogue, count: int, console: Console
) -> tuple[str, list[UUID]]:
    url = await servers.postgres.create_database(f"reported_{count}", template="assessment_template")
    chance, cities = Random(count), [new_id() for _ in range(CITIES)]
    connection = await asyncpg.connect(url)
    sessions = [_session(chance, cities) for _ in range(count // SESSIONS_PART // IN_A_SESSION)]
    await connection.copy_records_to_table("sessions", records=sessions, columns=_SESSION_COLUMNS)
    records = _records(chance, catalogue, cities, sessions, count)
    await connection.copy_records_to_table("assessments", records=records, columns=_COLUMNS)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()
    console.print(f"  {count:,} assessments stored, {len(sessions):,} sessions among them")
    return url, cities


def _session(chance: Random, cities: list[UUID]) -> tuple[Any, ...]:
    at = BEGAN + timedelta(days=30 * chance.randrange(MONTHS))
    until = at + timedelta(hours=2)
    return (
        new_id(), chance.choice(cities), "awareness", "x", "x", at, until, 30, "fr", "session-form", 1,
        "held", 2, until, IN_A_SESSION, IN_A_SESSION,
    )  # fmt: skip


def _records(
    chance: Random, catalogue: Catalogue, cities: list[UUID], sessions: list[tuple[Any, ...]], count: int
) -> Iterator[tuple[Any, ...]]:
    made = [*_made(chance, catalogue)]
    for number in range(count):
        session = sessions[number // SESSIONS_PART % len(sessions)] if number % SESSIONS_PART == 0 else None
        at = session[5] if session else BEGAN + timedelta(days=30 * chance.randrange(MONTHS))
        city = session[1] if session else chance.choice(cities)
        merchant = None if session else new_id()
        yield (
            new_id(), city, merchant, "session-form", 1, *chance.choice(made), at, session and session[0],
            chance.choice(_KINDS),
        )  # fmt: skip


def _made(chance: Random, catalogue: Catalogue) -> Iterator[tuple[Any, ...]]:
    known = catalogue.published("session-form", 1)
    for _ in range(DIFFERENT_ANSWERS):
        given: dict[str, list[str | int]] = {}
        for question in known.questions:
            if isinstance(question, Choice):
                given[question.key] = [chance.choice(question.options).key]
            elif isinstance(question, Scale | Number):
                lowest, highest = question.bounds()
                given[question.key] = [chance.randint(lowest, min(highest, lowest + 12))]
        try:
            answers: Answers = read_answers(known, given)
        except InvalidAnswer:
            continue
        outcome = assess(known, answers)
        steps = [advice.key for advice in outcome.advice]
        yield (
            json.dumps(as_json(answers)), outcome.score, json.dumps(outcome.dimensions), json.dumps(steps),
        )  # fmt: skip

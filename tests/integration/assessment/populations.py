"""Whole populations of assessments, made by chance and stored as the service stores them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from msgspec import structs
from sqlalchemy import insert

from chassis.clock import utc_now
from chassis.database import Transaction
from chassis.ids import new_id
from chassis.service import Service
from contracts.directory.v1 import CityJoined
from contracts.envelope import Event
from services.assessment.assessments.submission import Assessment, Handed, completed_with, store
from services.assessment.questionnaires.catalogue import Catalogue, load
from services.assessment.questionnaires.domain.numbers import Number, Scale
from services.assessment.questionnaires.domain.questions import Choice
from services.assessment.sessions.tables import sessions
from tests.integration.assessment.conftest import CITY, listed
from tests.support.delivered import deliver

CATALOGUE: Catalogue = load()
KINDS = ("food", "fashion", "beauty", None)
HELD = datetime.fromisoformat("2026-03-10T18:00:00+00:00")
CLOSED = HELD + timedelta(days=60)
"""By then the session, and its month, are in reports."""


def answers(chance: Random, questionnaire: str, skipped: float) -> dict[str, Any]:
    """To most of the questions, so that it is scored."""
    known = CATALOGUE.published(questionnaire, 1)
    given: dict[str, Any] = {}
    for question in known.questions:
        if chance.random() < skipped and question.key != "maps-profile":
            continue
        if isinstance(question, Choice):
            given[question.key] = [chance.choice(question.options).key]
        elif isinstance(question, Scale | Number):
            lowest, highest = question.bounds()
            given[question.key] = [chance.randint(lowest, min(highest, lowest + 12))]
    return given


@dataclass
class Somebody:
    """What is told of one of them."""

    answers: Mapping[str, Any]
    at: datetime = HELD
    kind: str | None = None
    merchant: UUID | None = None
    session: UUID | None = None
    city: UUID = CITY
    questionnaire: str = "session-form"
    corrects: UUID | None = None


async def join(service: Service, *cities: UUID) -> None:
    """The directory tells that these cities take part."""
    for city in cities:
        await deliver(service, Event.of(CityJoined(city_id=city, nis_code="85046", version=1), utc_now()))


async def list_as(service: Service, kinds: Mapping[UUID, str], version: int = 1) -> None:
    """The directory tells of these shops, and of which kind each is."""
    for shop in sorted(kinds):
        await deliver(service, Event.of(structs.replace(listed(shop, version), kind=kinds[shop]), utc_now()))


async def hand_in(service: Service, people: Sequence[Somebody]) -> list[Assessment]:
    """As forms are handed in: checked, scored, stored and told."""
    completed = [
        completed_with(
            CATALOGUE.published(each.questionnaire, 1),
            each.answers,
            Handed(
                each.city,
                each.at,
                each.merchant,
                corrects=each.corrects,
                session_id=each.session,
                merchant_kind=each.kind,
            ),
        )
        for each in people
    ]
    async with service.database.transaction() as tx:
        if completed:
            await store(tx, *completed)
    return completed


def some(chance: Random, count: int, skipped: float = 0.2, **of: Any) -> list[Somebody]:
    """People of all kinds of shops, who skip that part of the questions."""
    questionnaire = of.get("questionnaire", "session-form")
    found: list[Somebody] = []
    while len(found) < count:
        given = answers(chance, questionnaire, skipped)
        somebody = Somebody(given, kind=chance.choice(KINDS), **of)
        try:
            completed_with(CATALOGUE.published(questionnaire, 1), given, Handed(CITY, HELD))
        except Exception:  # too few answers: nobody hands that in
            continue
        found.append(somebody)
    return found


async def held_session(tx: Transaction, city: UUID = CITY, at: datetime = HELD, **changes: Any) -> UUID:
    """A session that was held."""
    row: dict[str, Any] = {
        "id": new_id(),
        "city_id": city,
        "kind": "awareness",
        "title": "Mon commerce en ligne",
        "place": "Salle du Châtelet",
        "starts_at": at,
        "ends_at": at + timedelta(hours=2),
        "capacity": 30,
        "language": "fr",
        "questionnaire": "session-form",
        "questionnaire_version": 1,
        "state": "held",
        "version": 2,
        "held_at": at + timedelta(hours=2),
        "participants": 21,
        "forms_when_held": 20,
    }
    await tx.execute(insert(sessions), {**row, **changes})
    found: UUID = row["id"]
    return found

"""`make report-article`: the report of a population like the article's, as one line of JSON.

Twenty sessions are announced and held through the assessment's own interface, on a PostgreSQL that begins and
ends with this: 429 forms come in by their join codes, the clock goes on until the sessions are closed, and
the report is asked for over HTTP. Nothing of the line is written down anywhere: it is what the report says.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import httpx
import yaml

from chassis import maintenance, migrations
from chassis.clock import whole_milliseconds
from chassis.identity import Grant, Role
from chassis.ids import new_id
from chassis.service import Mode, Service, create_app
from chassis.settings import Environment
from services.assessment.kinds.catalogue import merchant_kinds
from services.assessment.main import build
from services.assessment.questionnaires.catalogue import load
from services.assessment.reports.closing import close_units
from services.assessment.settings import AssessmentSettings
from tests.support.servers import Postgres, temporary_root
from tests.support.tokens import TestIssuer

POPULATION = Path(__file__).parent / "article_population.yaml"
SESSIONS, CITIES = 20, 20
BEGAN = datetime.fromisoformat("2016-09-05T18:00:00+00:00")
SEED = 2016
"""Of who comes to which session, with which kind of shop."""
Answers = Mapping[str, Any]


class Clock:
    """Tells the time that it was set to."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return whole_milliseconds(self.at)


def population(file: Path = POPULATION) -> list[Answers]:
    """Everybody's answers, in an order of chance that is the same each time."""
    groups = yaml.safe_load(file.read_text(encoding="utf-8"))
    everybody: list[Answers] = [group["answers"] for group in groups for _ in range(group["count"])]
    Random(SEED).shuffle(everybody)
    return everybody


def halls(everybody: Sequence[Answers], sessions: int = SESSIONS) -> list[Sequence[Answers]]:
    """The same people, spread over that many sessions as evenly as can be."""
    return [everybody[number::sessions] for number in range(sessions)]


class Tour:
    """A consultant who goes from town to town."""

    def __init__(
        self, client: httpx.AsyncClient, clock: Clock, who: Mapping[str, str], cities: Sequence[UUID]
    ) -> None:
        self._client = client
        self._clock = clock
        self._who = who
        self._chance = Random(SEED)
        self.cities = cities

    async def hold_all(self, full_halls: Sequence[Sequence[Answers]]) -> None:
        """One session after the other, two a week."""
        for number, people in enumerate(full_halls):
            self._clock.at = BEGAN + timedelta(days=number // 2 * 7 + number % 2)
            await self._hold(self.cities[number % CITIES], people)

    async def _hold(self, city: UUID, people: Sequence[Answers]) -> None:
        ends = self._clock.at + timedelta(hours=2)
        plan = {
            "city_id": str(city),
            "kind": "awareness",
            "title": "Le commerce connecté",
            "place": "Maison communale",
            "starts_at": self._clock().isoformat(),
            "ends_at": ends.isoformat(),
            "capacity": 60,
            "language": "fr",
        }
        session = await self._post("/api/v1/town-sessions", plan, self._who)
        path = f"/api/v1/town-sessions/{session['id']}"
        joining = (await self._client.get(f"{path}/join", headers=self._who)).raise_for_status().json()
        kinds = [*merchant_kinds()]
        for answers in people:
            form = {"answers": answers, "merchant_kind": self._chance.choice(kinds)}
            await self._post(f"/api/v1/join/{joining['code']}/forms", form, {})
        self._clock.at = ends
        held = {"participants": len(people)}
        await self._post(f"{path}/hold", held, {**self._who, "If-Match": "*"})

    async def _post(self, path: str, body: Any, who: Mapping[str, str]) -> Any:
        headers = {**who, "Idempotency-Key": str(new_id())}
        answer = await self._client.post(path, json=body, headers=headers)
        return answer.raise_for_status().json()

    async def report(self) -> dict[str, Any]:
        """The report of all its towns."""
        asked = {"city": [str(each) for each in self.cities], "language": "en"}
        answer = await self._client.get("/api/v1/reports", params=asked, headers=self._who)
        report: dict[str, Any] = answer.raise_for_status().json()
        return report


def line(report: Mapping[str, Any]) -> dict[str, Any]:
    """What the article tells of it, in its whole numbers."""
    shares, everybody = ("share_50_or_more", "share_above_70", "asked_for_training"), report["participants"]
    return {
        "participants": everybody,
        "sessions": report["sessions"],
        "mean": round(report["mean"]),
        **{share: round(100 * report[share]["count"] / everybody) for share in shares},
        "recommendations": {each["key"]: each["count"] for each in report["recommendations"]},
    }


async def told(postgres: Postgres, full_halls: Sequence[Sequence[Answers]]) -> dict[str, Any]:
    """The report of these sessions, on a new database of that server."""
    clock, issuer = Clock(BEGAN), TestIssuer()
    async with _service(postgres, clock, issuer) as service:
        transport = httpx.ASGITransport(create_app(service, Mode.api))
        async with httpx.AsyncClient(transport=transport, base_url="http://assessment") as client:
            cities = [new_id() for _ in range(CITIES)]
            who = issuer.headers(new_id(), *(Grant(Role.consultant, city_id=city) for city in cities))
            tour = Tour(client, clock, who, cities)
            await tour.hold_all(full_halls)
            await close_units(service.database, load(), clock.at + timedelta(days=30))
            return await tour.report()


@asynccontextmanager
async def _service(postgres: Postgres, clock: Clock, issuer: TestIssuer) -> AsyncIterator[Service]:
    url = await postgres.create_database()
    await migrations.upgrade("assessment", url.replace("postgresql://", "postgresql+asyncpg://"))
    service = build(AssessmentSettings(environment=Environment.test, database_url=url))
    service.clock, service.keys = clock, issuer.keys()
    try:
        await maintenance.tidy(service.database, clock())
        yield service
    finally:
        await service.database.close()


@contextmanager
def _server() -> Iterator[Postgres]:
    root = temporary_root()
    postgres = Postgres(root)
    try:
        postgres.start()
        yield postgres
    finally:
        postgres.kill()
        shutil.rmtree(root, ignore_errors=True)


def main() -> None:
    """Print the line."""
    with _server() as postgres:
        report = asyncio.run(told(postgres, halls(population())))
    sys.stdout.write(json.dumps(line(report)) + "\n")


if __name__ == "__main__":
    main()

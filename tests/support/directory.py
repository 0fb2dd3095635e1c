"""The directory on the real database, spoken to over HTTP, and map extracts made for tests."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import text

from chassis.clock import utc_now
from chassis.database import Database
from chassis.identity import Grant, Role
from chassis.migrations import upgrade
from chassis.service import Mode, Service, create_app
from chassis.settings import Environment
from contracts.directory.v1 import FACTS
from contracts.envelope import Decoder, Event, Fact
from services.directory.main import build
from services.directory.roles import use_cases as roles
from services.directory.settings import DirectorySettings
from tests.support.mailbox import Mailbox
from tests.support.one_service import running, until
from tests.support.patience import PatientTransport
from tests.support.servers import Postgres

HABAY = Path(__file__).parents[2].parent / "shared" / "data" / "habay.osm.geojson"
SECRETS = {name: f"a secret of {name}" for name in ("assessment", "notifications", "operations")}
_DECODER = Decoder({fact.TYPE: fact for fact in FACTS})


def habay_extract() -> bytes:
    """The real extract; skips the test where it is not beside the project (its licence keeps it apart)."""
    if not HABAY.exists():
        pytest.skip(f"the OpenStreetMap extract of Habay is not at {HABAY}")
    return HABAY.read_bytes()


def feature(
    osm_id: str | None = "node/1",
    longitude: float = 5.64,
    latitude: float = 49.72,
    geometry: Any = None,
    **tags: Any,
) -> dict[str, Any]:
    """One feature; `addr_street` stands for `addr:street`. A bakery where nothing else is said."""
    properties = {key.replace("addr_", "addr:"): value for key, value in tags.items()} or {"shop": "bakery"}
    if osm_id is not None:
        properties["@id"] = osm_id
    point = {"type": "Point", "coordinates": [longitude, latitude]}
    return {"type": "Feature", "properties": properties, "geometry": geometry or point}


def extract(*features: Any) -> dict[str, Any]:
    """A feature collection."""
    return {"type": "FeatureCollection", "features": list(features)}


def square(west: float, south: float, size: float = 0.01) -> dict[str, Any]:
    """A GeoJSON polygon."""
    east, north = round(west + size, 7), round(south + size, 7)
    corners = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [corners]}


class Clock:
    """The time that a directory and its worker have, to be moved.

    Tokens are verified by the real time: set it back by minutes first, then move it on.
    """

    def __init__(self) -> None:
        self.offset = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.offset


class DirectoryUnderTest:
    """A running directory: its API, its database, and tokens of the demo persons."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        service: Service,
        mailbox: Mailbox | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.client = client
        self.clock = clock or Clock()
        self.service = service
        self._mailbox = mailbox

    @property
    def database(self) -> Database:
        return self.service.database

    @property
    def folder(self) -> Path:
        """Where its secrets are."""
        settings = self.service.settings
        assert isinstance(settings, DirectorySettings)
        assert settings.signing_key_file is not None
        return settings.signing_key_file.parent

    async def token(self, person: str) -> str:
        answer = await self.client.post("/api/v1/tokens/demo", json={"person": person})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["token"])

    async def person_id(self, person: str) -> str:
        answer = await self.client.post("/api/v1/tokens/demo", json={"person": person})
        return str(answer.json()["person_id"])

    async def service_token(self, name: str) -> str:
        answer = await self.client.post("/api/v1/tokens/service", auth=(name, SECRETS[name]))
        assert answer.status_code == 200, answer.text
        return str(answer.json()["token"])

    async def call(
        self, method: str, path: str, person: str | None = None, *, token: str | None = None, **options: Any
    ) -> httpx.Response:
        """A request as a demo person, with a new idempotency key."""
        headers = {"Idempotency-Key": str(uuid4()), **options.pop("headers", {})}
        if person is not None:
            token = await self.token(person)
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return await self.client.request(method, f"/api/v1{path}", headers=headers, **options)

    @property
    def mailbox(self) -> Mailbox:
        """Where its mails go."""
        assert self._mailbox is not None
        return self._mailbox

    async def mails(self, address: str) -> list[EmailMessage]:
        """What that address got, once all that was queued is sent."""
        async with running(*(job for job in self.service.jobs if job.name == "mail")):
            await until(self._nothing_waits)
        return self.mailbox.to(address)

    async def _nothing_waits(self) -> bool:
        async with self.database.connection() as connection:
            waiting: int = (await connection.execute(text("SELECT count(*) FROM mail"))).scalar_one()
        return waiting == 0

    async def city(self, nis_code: str = "85046") -> str:
        """A city that joined."""
        body = {
            "nis_code": nis_code,
            "responsible": {"name": "Claire Lambert", "role": "Échevine du commerce"},
        }
        answer = await self.call("POST", "/cities", "otto", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def officer(self, city_id: str) -> str:
        """The token of an officer of any city (claire is one of Habay alone)."""
        name = f"ambassador-{int(UUID(city_id)) % 10_000 + 1}"
        await self.given(name, Grant(Role.city_officer, UUID(city_id)))
        return await self.token(name)

    async def given(self, person: str, grant: Grant) -> str:
        """The id of a role that a demo person has from now on, without an invitation."""
        person_id = UUID(await self.person_id(person))
        async with self.database.transaction() as tx:
            await roles.give(tx, person_id, grant, by=None, at=utc_now())
            held = await tx.execute(
                text("SELECT id FROM role_grant WHERE person_id = :person ORDER BY id DESC LIMIT 1"),
                {"person": person_id},
            )
            return str(held.scalar_one())

    async def imported(self, city_id: str, collection: Any, **params: Any) -> dict[str, Any]:
        """The report of an import by an officer."""
        body = collection if isinstance(collection, bytes) else json.dumps(collection).encode()
        answer = await self.call("POST", f"/cities/{city_id}/imports", "otto", content=body, params=params)
        assert answer.status_code == 200, answer.text
        report: dict[str, Any] = answer.json()
        return report

    async def events(self) -> list[Event[Fact]]:
        """What was recorded in the outbox, in the order of the ids."""
        async with self.database.connection() as connection:
            rows = await connection.execute(text("SELECT body FROM outbox ORDER BY id"))
            decoded = [_DECODER.decode(bytes(body)) for body in rows.scalars()]
        return [event for event in decoded if event is not None]

    async def rows(self) -> dict[str, list[Any]]:
        """The whole content of the tables an import could touch."""
        tables = ("city", "district", "merchant", "merchant_version", "outbox", "idempotency")
        async with self.database.connection() as connection:
            return {
                table: [
                    tuple(row)
                    for row in await connection.execute(text(f"SELECT * FROM {table} ORDER BY 1, 2"))
                ]
                for table in tables
            }


@dataclass
class _Built:
    """A directory that is not running. Building one takes longer than most tests do with it."""

    service: Service
    app: FastAPI
    mailbox: Mailbox
    clock: Clock

    def as_new(self) -> None:
        """As it was built, for the next test."""
        self.clock.offset = timedelta()
        self.service.clock = self.clock
        self.mailbox.forget()


_KEPT: dict[str, _Built] = {}
"""Those of the usual settings, by the database that they were built for."""


def _built(url: str, password: str, folder: Path, environment: Environment, **more: Any) -> _Built:
    secrets_file = folder / "services.json"
    secrets_file.write_text(json.dumps(SECRETS), encoding="utf-8")
    mailbox, clock = Mailbox(), Clock()
    settings = DirectorySettings(
        environment=environment,
        database_url=url,
        database_password=SecretStr(password),
        signing_key_file=folder / "signing.pem",
        service_secrets_file=secrets_file,
        pool_size=10,
        smtp_port=mailbox.port,
        smtp_from="CoCoCity <directory@town.example>",
        public_url="https://town.example",
        **more,
    )
    service = build(settings, clock)
    return _Built(service, create_app(service, Mode.api), mailbox, clock)


@asynccontextmanager
async def running_directory(
    postgres: Postgres,
    template: str,
    folder: Path,
    environment: Environment = Environment.test,
    **more: Any,
) -> AsyncIterator[DirectoryUnderTest]:
    """A directory with an empty database of its own and secrets in `folder`; `more` are further settings."""
    async with postgres.databases.lent(template) as url:
        built = _built(url, postgres.password, folder, environment, **more)
        async with _running(built) as running:
            yield running


@asynccontextmanager
async def lent_directory(
    postgres: Postgres, template: str, folder: Path
) -> AsyncIterator[DirectoryUnderTest]:
    """The same with the usual settings, built anew only where there is none for the database that is lent."""
    async with postgres.databases.lent(template) as url:
        if url not in _KEPT:
            _KEPT[url] = _built(url, postgres.password, folder, Environment.test)
        _KEPT[url].as_new()
        async with _running(_KEPT[url]) as running:
            yield running


@asynccontextmanager
async def _running(built: _Built) -> AsyncIterator[DirectoryUnderTest]:
    async with (
        built.app.router.lifespan_context(built.app),
        httpx.AsyncClient(transport=PatientTransport(built.app), base_url="http://directory") as client,
        built.mailbox.serving(),
    ):
        yield DirectoryUnderTest(client, built.service, built.mailbox, built.clock)


async def migrated_template(postgres: Postgres) -> str:
    """A database with this service's tables, to be copied."""
    name = f"directory_template_{uuid4().hex[:8]}"
    url = await postgres.create_database(name)
    await upgrade("directory", url.replace("postgresql://", "postgresql+asyncpg://"))
    return name

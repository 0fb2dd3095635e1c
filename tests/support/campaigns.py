"""The campaigns service in the process of the test, on a real database, with people signed in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

import httpx
from cryptography.fernet import Fernet
from sqlalchemy import text

from chassis import migrations
from chassis.clock import utc_now, whole_milliseconds
from chassis.database import Database
from chassis.identity import Grant, Role
from chassis.ids import new_id
from chassis.service import Service, create_app
from chassis.signing_keys import KeySource
from contracts.campaigns.v1 import FACTS
from contracts.directory.v1 import CityJoined, MerchantClosed, MerchantListed
from contracts.envelope import Decoder, Event, Fact
from services.campaigns.contributions import standing
from services.campaigns.contributions.domain import Standing
from services.campaigns.contributions.storage import locked
from services.campaigns.dashboard import counting
from services.campaigns.main import CampaignsSettings, build
from services.campaigns.metadata import metadata
from services.campaigns.places import projections
from tests.support.one_service import settings_of
from tests.support.patience import PatientTransport
from tests.support.servers import Nats, Postgres
from tests.support.tokens import TestIssuer

_CHASSIS_TABLES = (
    "outbox",
    "inbox",
    "dead_letter",
    "idempotency",
    "consumer_pause",
    "erased_person",
    "retention_done",
    "retention_failure",
    "limit_count",
    "limit_salt",
)
JOINING = {"pledge": 1, "age": "18_or_older", "language": "fr"}
"""What somebody says who joins."""
_decoder = Decoder({fact.TYPE: fact for fact in FACTS})


@dataclass
class Campaigns:
    """What a test does with the service. Its clock stands at `now` once that is set."""

    service: Service
    settings: CampaignsSettings
    client: httpx.AsyncClient
    issuer: TestIssuer
    city: UUID = field(default_factory=new_id)
    now: datetime | None = None
    officer: UUID = field(default_factory=uuid4)

    @property
    def database(self) -> Database:
        return self.service.database

    def clock(self) -> datetime:
        return self.now or utc_now()

    def time(self) -> datetime:
        """As use cases are given it."""
        return whole_milliseconds(self.clock())

    async def learn(self, *facts: Fact) -> None:
        """As the consumer does."""
        async with self.database.transaction() as tx:
            await projections.learn(tx, facts)

    async def a_merchant(self, kind: str = "shop=bakery", *, closed: bool = False) -> UUID:
        """A listed merchant of the city."""
        merchant = new_id()
        await self.learn(CityJoined(city_id=self.city, nis_code="85046", version=1))
        listed = MerchantListed(
            city_id=self.city, merchant_id=merchant, version=1, kind=kind, longitude=5.65, latitude=49.72
        )
        await self.learn(listed)
        if closed:
            await self.learn(MerchantClosed(city_id=self.city, merchant_id=merchant, version=2))
        return merchant

    def as_officer(self) -> dict[str, str]:
        return self.issuer.headers(self.officer, Grant(Role.city_officer, city_id=self.city))

    def as_person(self, person: UUID) -> dict[str, str]:
        return self.issuer.headers(person)

    async def post(
        self, path: str, headers: dict[str, str], body: Any = None, key: str | None = None
    ) -> httpx.Response:
        """POST with an Idempotency-Key of its own, unless one is given."""
        return await self.client.post(
            f"/api/v1/{path}", json=body, headers={"Idempotency-Key": key or uuid4().hex, **headers}
        )

    async def a_draft(self, **changed: Any) -> dict[str, Any]:
        now = self.clock()
        plan = {
            "city_id": str(self.city),
            "name": "Le mois des ambassadeurs",
            "starts_at": (now + timedelta(days=1)).isoformat(),
            "ends_at": (now + timedelta(days=31)).isoformat(),
        }
        answer = await self.post("campaigns", self.as_officer(), plan | changed)
        assert answer.status_code == 201, answer.text
        drafted: dict[str, Any] = answer.json()
        return drafted

    async def a_campaign(self, *steps: str, **changed: Any) -> dict[str, Any]:
        """A campaign taken through the steps (`schedule`, `start`, `end`)."""
        campaign = await self.a_draft(**changed)
        for step in steps:
            answer = await self.post(f"campaigns/{campaign['id']}/{step}", self.as_officer())
            assert answer.status_code == 200, answer.text
            campaign = answer.json()
        return campaign

    async def join(self, campaign: dict[str, Any], person: UUID, **declared: Any) -> httpx.Response:
        body = JOINING | declared
        return await self.post(f"campaigns/{campaign['id']}/ambassadors", self.as_person(person), body)

    async def review(
        self, merchant: UUID, person: UUID, key: str | None = None, **more: Any
    ) -> httpx.Response:
        body = {"merchant_id": str(merchant), "rating": 4, "text": "Très bon pain", "language": "fr"} | more
        return await self.post("contributions/reviews", self.as_person(person), body, key)

    async def photos(
        self, merchant: UUID, person: UUID, *photos: bytes, key: str | None = None, **fields: Any
    ) -> httpx.Response:
        """Photos as a browser sends them, from a telephone that says something else of them."""
        alt = [f"La vitrine {number}" for number, _ in enumerate(photos, 1)]
        said = {"merchant_id": str(merchant), "licence": "cc-by-4.0", "people": "none", "alt": alt, **fields}
        headers = {"Idempotency-Key": key or uuid4().hex, **self.as_person(person)}
        files = [("photos", (f"../../{number}.php", each, "text/html")) for number, each in enumerate(photos)]
        return await self.client.post("/api/v1/contributions/photos", data=said, files=files, headers=headers)

    async def share(self, merchant: UUID, person: UUID, channel: str = "whatsapp") -> httpx.Response:
        body = {"merchant_id": str(merchant), "channel": channel}
        return await self.post("contributions/shares", self.as_person(person), body)

    async def change_standing(
        self, contribution_id: UUID | str, to: Standing, why: standing.Why | None = None
    ) -> None:
        """As moderation does."""
        async with self.database.transaction() as tx:
            found = await locked(tx, UUID(str(contribution_id)))
            await standing.change(tx, found, to, why or standing.Why(("link",)), self.time())

    async def count(self) -> None:
        """Add up what was done, as the worker does."""
        while await counting.add_some(self.database):
            pass

    async def recorded(self, fact: type[Fact] | None = None) -> list[Event[Fact]]:
        """Events in the outbox, of one type or all, in the order of their ids."""
        async with self.database.connection() as connection:
            bodies = (await connection.execute(text("SELECT body FROM outbox ORDER BY id"))).scalars().all()
        events = [event for body in bodies if (event := _decoder.decode(body)) is not None]
        return [event for event in events if fact is None or isinstance(event.fact, fact)]

    async def clear(self) -> None:
        """As if nothing had happened; deleting a few rows is quicker than another database."""
        async with self.database.transaction() as tx:
            for table in (*(each.name for each in reversed(metadata.sorted_tables)), *_CHASSIS_TABLES):
                await tx.execute(text(f"DELETE FROM {table}"))
        await asyncio.to_thread(_empty, Path(self.settings.files))
        self.city, self.now = new_id(), None


@asynccontextmanager
async def campaigns_service(
    postgres: Postgres, nats: Nats, keys: KeySource | None = None, directory_url: str | None = None
) -> AsyncIterator[Campaigns]:
    """The service with a database of its own; no worker runs. `keys`: whose tokens, if not the issuer's."""
    settings = settings_of("campaigns", await postgres.create_database(), nats)
    await migrations.upgrade("campaigns", settings.sqlalchemy_url())
    folder = TemporaryDirectory(prefix="cococity-files-")
    told = {"files": folder.name, "webhook_keys": Fernet.generate_key().decode()} | (
        {} if directory_url is None else {"directory_url": directory_url}
    )
    own = CampaignsSettings.model_validate(settings.model_dump() | told)
    service = build(own)
    issuer = TestIssuer()
    service.keys = keys or issuer.keys()
    transport = PatientTransport(create_app(service))
    async with httpx.AsyncClient(transport=transport, base_url="http://campaigns") as client:
        campaigns = Campaigns(service, own, client, issuer)
        service.clock = lambda: whole_milliseconds(campaigns.clock())
        await _open_all_connections(service.database, own.pool_size)
        yield campaigns
    await service.database.close()
    folder.cleanup()


def _empty(folder: Path) -> None:
    for each in folder.iterdir():
        rmtree(each)


async def _open_all_connections(database: Database, number: int) -> None:
    """Otherwise the first of many parallel requests is done before the others have a connection."""
    opened = [await database.engine.connect() for _ in range(number)]
    for connection in opened:
        await connection.close()

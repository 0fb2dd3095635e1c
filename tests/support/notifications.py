"""The notifications service in the process of the test: real database, real bus, any number of workers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
from nats.js import JetStreamContext
from pydantic import SecretStr
from sqlalchemy import text

from chassis import migrations
from chassis.clock import utc_now
from chassis.database import Database
from chassis.identity import Grant, Role
from chassis.ids import new_id
from chassis.service import Mode, create_app
from chassis.settings import Environment
from contracts.campaigns.moderation import ContributionModerated, ContributionReinstated
from contracts.campaigns.v1 import AmbassadorReviewPosted, AmbassadorShared, ContributionWithdrawn
from contracts.directory.v1 import MerchantClaimed, MerchantListed
from contracts.envelope import Event, Fact, encode
from contracts.streams import subject_of
from services.notifications.main import build
from services.notifications.settings import NotificationsSettings
from tests.support.mailbox import Mailbox
from tests.support.notifications_world import DirectoryOfContacts, serve
from tests.support.servers import Nats, Postgres
from tests.support.tokens import TestIssuer

TEMPLATE = "notifications_template"
AT_ONCE = {"quiet_from": None, "quiet_to": None, "holidays": True, "most_a_day": 50, "unread_for": 0}
"""At whatever hour and day a test runs."""


async def create_template(postgres: Postgres) -> None:
    """A migrated, empty database to copy: some 20 ms instead of a migration for each test. Made once."""
    connection = await asyncpg.connect(postgres.admin_url())
    known = await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", TEMPLATE)
    await connection.close()
    if known:
        return
    url = await postgres.create_database(TEMPLATE)
    await migrations.upgrade("notifications", url.replace("postgresql://", "postgresql+asyncpg://"))


def _about(posted: AmbassadorReviewPosted) -> dict[str, Any]:
    return {
        "city_id": posted.city_id,
        "contribution_id": posted.contribution_id,
        "merchant_id": posted.merchant_id,
        "kind": "review",
    }


@dataclass
class Notifications:
    """What a test does with the service."""

    settings: NotificationsSettings
    database: Database
    issuer: TestIssuer
    mailbox: Mailbox
    directory: DirectoryOfContacts
    jetstream: JetStreamContext
    """The deploy user's."""
    city: UUID = field(default_factory=new_id)
    owners: dict[UUID, UUID] = field(default_factory=dict)

    @asynccontextmanager
    async def running(self, mode: Mode = Mode.all) -> AsyncIterator[httpx.AsyncClient]:
        """One more process of the service (in this one), and a client of its API."""
        service = build(self.settings, keys=self.issuer.keys())
        async with (
            serve(create_app(service, mode)).serving() as url,
            httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as client,
        ):
            yield client

    async def publish(
        self, *facts: Fact, at: datetime | None = None, traceparent: str | None = None
    ) -> list[Event[Fact]]:
        """As their owners' relays would, in this order."""
        events = [Event.of(fact, at or utc_now()) for fact in facts]
        await self.publish_events(events, traceparent)
        return events

    async def publish_events(self, events: Sequence[Event[Fact]], traceparent: str | None = None) -> None:
        """Without Nats-Msg-Id: a second time is a redelivery, and the bus does not help."""
        headers = {"traceparent": traceparent} if traceparent else None
        for start in range(0, len(events), 500):
            sent = [
                await self.jetstream.publish_async(subject_of(event), encode(event), headers=headers)
                for event in events[start : start + 500]
            ]
            await asyncio.gather(*sent)

    async def a_merchant(
        self, *, claimed: bool = True, kind: str = "shop=bakery", districts: tuple[UUID, ...] = ()
    ) -> UUID:
        """A listed merchant, known to the service."""
        merchant = new_id()
        listed = MerchantListed(
            city_id=self.city,
            merchant_id=merchant,
            version=1,
            kind=kind,
            longitude=5.65,
            latitude=49.72,
            district_ids=districts,
        )
        await self.publish(listed)
        if claimed:
            await self.claim(merchant)
        await self.eventually(lambda: self.known(merchant, claimed))
        return merchant

    async def claim(self, merchant: UUID) -> None:
        self.owners[merchant] = uuid4()
        await self.publish(MerchantClaimed(city_id=self.city, merchant_id=merchant, version=2))

    async def known(self, merchant: UUID, claimed: bool) -> bool:
        rows = await self.rows(
            "SELECT 1 FROM merchant WHERE merchant_id = :id AND public_version > 0 "
            "AND (claimed_version > 0) = :claimed",
            id=merchant,
            claimed=claimed,
        )
        return bool(rows)

    def review(self, merchant: UUID) -> AmbassadorReviewPosted:
        return AmbassadorReviewPosted(
            city_id=self.city,
            contribution_id=new_id(),
            merchant_id=merchant,
            contributor_id=new_id(),
            rating=4,
        )

    def share(self, merchant: UUID) -> AmbassadorShared:
        return AmbassadorShared(
            city_id=self.city,
            contribution_id=new_id(),
            merchant_id=merchant,
            contributor_id=new_id(),
            channel="whatsapp",
        )

    @staticmethod
    def withdrawal(posted: AmbassadorReviewPosted | AmbassadorShared) -> ContributionWithdrawn:
        return ContributionWithdrawn(
            city_id=posted.city_id,
            contribution_id=posted.contribution_id,
            merchant_id=posted.merchant_id,
            kind="review" if isinstance(posted, AmbassadorReviewPosted) else "share",
        )

    @staticmethod
    def removal(posted: AmbassadorReviewPosted) -> ContributionModerated:
        """Of one that was published at once: the second standing it has."""
        return ContributionModerated(**_about(posted), version=2)

    @staticmethod
    def reinstatement(posted: AmbassadorReviewPosted) -> ContributionReinstated:
        return ContributionReinstated(**_about(posted), version=3)

    def owner(self, merchant: UUID) -> dict[str, str]:
        """Headers of the person who runs that merchant."""
        return self.issuer.headers(self.owners[merchant], Grant(Role.merchant, self.city, merchant))

    def somebody(self, *grants: Grant) -> dict[str, str]:
        return self.issuer.headers(uuid4(), *grants)

    async def agree(
        self, client: httpx.AsyncClient, merchant: UUID, language: str, email: str, **choices: Any
    ) -> None:
        """The owner wants mails, at once where `choices` say nothing else; the directory knows where to."""
        self.directory.knows(merchant, "Chez Zoé", email, "en")
        answer = await client.put(
            f"/api/v1/notifications/preferences/{merchant}",
            json={"mail": True, "language": language, "choices": AT_ONCE | choices},
            headers=self.owner(merchant) | {"If-Match": '"0"'},
        )
        assert answer.status_code == 200, answer.text

    async def feed(self, client: httpx.AsyncClient, merchant: UUID) -> list[dict[str, Any]]:
        """All notifications, oldest first."""
        answer = await client.get(
            "/api/v1/notifications",
            params={"merchant": str(merchant), "limit": 100},
            headers=self.owner(merchant) | {"Accept-Language": "en"},
        )
        assert answer.status_code == 200, answer.text
        return list(reversed(answer.json()["items"]))

    async def rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        async with self.database.connection() as connection:
            return [tuple(row) for row in await connection.execute(text(statement), values)]

    async def value(self, statement: str, **values: Any) -> Any:
        return (await self.rows(statement, **values))[0][0]

    async def execute(self, statement: str, **values: Any) -> None:
        async with self.database.transaction() as tx:
            await tx.execute(text(statement), values)

    async def caught_up(self, *durables: str) -> None:
        """Return once nothing of CAMPAIGNS is left to apply for these durables."""
        for durable in durables or ("notifications__reactions", "notifications__audience_blue"):
            await self.eventually(lambda durable=durable: self._is_caught_up(durable))  # type: ignore[misc]

    async def _is_caught_up(self, durable: str) -> bool:
        info = await self.jetstream.consumer_info("CAMPAIGNS", durable)
        return not info.num_pending and not info.num_ack_pending

    @staticmethod
    async def eventually(condition: Callable[[], Awaitable[Any]], seconds: float = 30) -> Any:
        """What `condition` gives once it is true. Raises AssertionError where it never is."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = await condition()
            if found:
                return found
            await asyncio.sleep(0.05)
        raise AssertionError(f"not within {seconds} s")


@asynccontextmanager
async def notifications_service(postgres: Postgres, nats: Nats) -> AsyncIterator[Notifications]:
    """An empty database over fresh streams; nothing runs yet."""
    mailbox, directory = Mailbox(), DirectoryOfContacts()
    mailbox.start()
    client = await nats.connect()
    try:
        async with (
            postgres.databases.lent(TEMPLATE) as url,
            serve(directory.app()).serving() as directory_url,
        ):
            settings = NotificationsSettings(
                environment=Environment.test,
                database_url=url,
                nats_url=nats.url,
                nats_user="notifications",
                nats_password=SecretStr(nats.password("notifications")),
                smtp_port=mailbox.port,
                smtp_from="CoCoCity <notifications@town.example>",
                directory_url=directory_url,
                campaigns_url=directory_url,
                public_url="https://town.example",
                pool_size=20,
            )
            database = Database(settings)
            yield Notifications(settings, database, TestIssuer(), mailbox, directory, client.jetstream())
            await database.close()
    finally:
        await client.close()
        mailbox.stop()


def soon() -> datetime:
    return utc_now() + timedelta(days=7)

"""The assessment service on a real database, with tokens signed by a key of our own."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any
from uuid import UUID

import httpx
import jwt
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import FastAPI
from pydantic import SecretStr

from chassis import migrations
from chassis.clock import utc_now
from chassis.ids import new_id
from chassis.received import Received
from chassis.service import Mode, Service, create_app
from chassis.settings import Environment
from chassis.signing_keys import LocalKeys
from contracts.directory.v1 import MerchantClosed, MerchantListed
from contracts.envelope import Event, Fact
from services.assessment import merchants
from services.assessment.main import build
from services.assessment.settings import AssessmentSettings
from tests.support.directory import SECRETS
from tests.support.patience import PatientTransport
from tests.support.servers import Nats, Postgres

CITY = UUID("01890000-0000-7000-8000-00000000c17e")
SIGNER = ec.generate_private_key(ec.SECP256R1())
JWKS = {"keys": [{**jwt.algorithms.ECAlgorithm.to_jwk(SIGNER.public_key(), as_dict=True), "kid": "test"}]}

ANSWERS = {
    "maps-profile": "not-mine",
    "free-listings": ["city-site"],
    "search-rank": "not-there",
    "review-watch": "by-chance",
    "review-asking": "not-yet",
    "customer-list": "none",
    "website": "old",
    "website-qualities": ["essentials"],
    "distance-orders": "by-telephone",
    "social-networks": ["facebook"],
    "payments": ["card"],
    "protection": ["updates"],
    "help": "relatives",
}


def token(*grants: dict[str, str], person: UUID | None = None, **more: str) -> dict[str, str]:
    """The header of somebody signed in with these grants; `more` claims are those of a city's key."""
    now = int(time.time())
    claims: dict[str, Any] = {
        "iss": "cococity/directory",
        "aud": "cococity",
        "sub": str(person or new_id()),
        "iat": now,
        "exp": now + 6 * 3600,  # tokens made while tests are collected are used when their file has its turn
        "grants": list(grants),
        **more,
    }
    signed = jwt.encode(claims, SIGNER, algorithm="ES256", headers={"kid": "test", "typ": "at+jwt"})
    return {"Authorization": f"Bearer {signed}"}


def owner_of(merchant: UUID) -> dict[str, str]:
    return token({"role": "merchant", "city": str(CITY), "merchant": str(merchant)})


def news(fact: Fact) -> Received[Any]:
    event = Event.of(fact, utc_now())
    return Received(event.id, event.time, fact, replayed=False, traceparent=None, message=None)  # type: ignore[arg-type]


def listed(merchant: UUID, version: int = 1) -> MerchantListed:
    return MerchantListed(
        city_id=CITY, merchant_id=merchant, version=version, kind="shop=bakery", longitude=5.6, latitude=49.7
    )


def closed(merchant: UUID, version: int = 2) -> MerchantClosed:
    return MerchantClosed(city_id=CITY, merchant_id=merchant, version=version)


def submission(merchant: UUID, **changes: Any) -> dict[str, Any]:
    body = {
        "merchant_id": str(merchant),
        "questionnaire": "digital-maturity",
        "version": 1,
        "answers": ANSWERS,
    }
    return body | changes


@pytest_asyncio.fixture(scope="session")
async def migrated(postgres: Postgres) -> str:
    """The name of a migrated database to copy from."""
    url = await postgres.create_database("assessment_template")
    await migrations.upgrade("assessment", url.replace("postgresql://", "postgresql+asyncpg://"))
    return "assessment_template"


def service_on(database_url: str, nats: Nats | None = None) -> Service:
    settings = AssessmentSettings(
        environment=Environment.test,
        database_url=database_url,
        nats_url=nats.url if nats else "nats://127.0.0.1:1",
        nats_user="assessment",
        nats_password=SecretStr(nats.password("assessment") if nats else ""),
        directory_url="http://127.0.0.1:1",
        service_secret=SecretStr(SECRETS["assessment"]),
    )
    service = build(settings)
    service.keys = LocalKeys(JWKS)
    return service


_KEPT: dict[str, tuple[Service, FastAPI]] = {}
"""By the database that they were built for: that takes longer than most tests."""


@pytest.fixture
def built_anew() -> Iterator[None]:
    """For what replaces something that a service is built with. Asked for before it."""
    _KEPT.clear()
    yield
    _KEPT.clear()


@pytest_asyncio.fixture
async def service(postgres: Postgres, migrated: str) -> AsyncIterator[Service]:
    async with postgres.databases.lent(migrated) as url:
        if url not in _KEPT:
            made = service_on(url)
            _KEPT[url] = made, create_app(made, Mode.api)
        service, _ = _KEPT[url]
        service.clock = utc_now
        yield service
        await service.database.close()


@pytest_asyncio.fixture
async def client(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    (app,) = (app for kept, app in _KEPT.values() if kept is service)
    transport = PatientTransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://assessment") as client:
        yield client


@pytest_asyncio.fixture
async def merchant(service: Service) -> UUID:
    """A merchant the directory has listed."""
    merchant = new_id()
    async with service.database.transaction() as tx:
        await merchants.apply(tx, [news(listed(merchant))])
    return merchant


@pytest.fixture
def submit(client: httpx.AsyncClient) -> Callable[..., Any]:
    """Hands in a body as somebody, with an idempotency key of its own unless one is given."""

    async def submit(
        body: dict[str, Any], who: dict[str, str], key: str | None = None, **more: str
    ) -> httpx.Response:
        headers = {**who, "Idempotency-Key": key or str(new_id()), **more}
        return await client.post("/api/v1/assessments", json=body, headers=headers)

    return submit


@pytest_asyncio.fixture
async def hall(client: httpx.AsyncClient, service: Service) -> Any:
    """A session that has just begun."""
    from tests.integration.assessment.hall import Hall  # it takes names from here

    hall = Hall(client, service)
    answer = await hall.announce()
    assert answer.status_code == 201, answer.text
    return hall

"""Shops that ask for trainings, their coaching groups, and what is done with their seats."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from chassis.clock import utc_now
from chassis.ids import new_id
from chassis.service import Service
from contracts.envelope import Decoder, Fact
from services.assessment import merchants
from tests.integration.assessment.conftest import CITY, listed, news, owner_of, token

GROUPS, SEATS = "/api/v1/coaching-groups", "/api/v1/coaching-seats"


CONSULTANT = token({"role": "consultant", "city": str(CITY)})


OTHER_CONSULTANT = token({"role": "consultant", "city": str(CITY)})


SEO = "natural-search-ranking"


Asking = Callable[..., Awaitable[tuple[str, UUID]]]


@pytest.fixture
def asks(client: httpx.AsyncClient, service: Service) -> Asking:
    """A shop that asks for a training: the request, and the shop."""

    async def asks(
        merchant: UUID | None = None,
        wish: str = SEO,
        half_days: tuple[str, ...] = ("tue-am",),
        language: str = "fr",
    ) -> tuple[str, UUID]:
        if merchant is None:
            merchant = new_id()
            async with service.database.transaction() as tx:
                await merchants.apply(tx, [news(listed(merchant))])
        body = {
            "merchant_id": str(merchant),
            "wish": wish,
            "language": language,
            "half_days": list(half_days),
            "may_be_contacted": True,
        }
        headers = {**owner_of(merchant), "Idempotency-Key": str(new_id())}
        made = await client.post("/api/v1/training-requests", json=body, headers=headers)
        assert made.status_code == 201, made.text
        return made.json()["id"], merchant

    return asks


def group_body(requests: list[str], **changes: Any) -> dict[str, Any]:
    starts_at = utc_now() + timedelta(days=30)
    body = {
        "city_id": str(CITY),
        "dimension": "visibility",
        "language": "fr",
        "starts_at": starts_at.isoformat(),
        "ends_at": (starts_at + timedelta(hours=2)).isoformat(),
        "place": "Hôtel de ville, salle 2",
        "request_ids": requests,
    }
    return body | changes


async def made(client: httpx.AsyncClient, requests: list[str], **changes: Any) -> dict[str, Any]:
    headers = {**CONSULTANT, "Idempotency-Key": str(new_id())}
    answer = await client.post(GROUPS, json=group_body(requests, **changes), headers=headers)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def group(client: httpx.AsyncClient, known: dict[str, Any]) -> dict[str, Any]:
    return dict((await client.get(f"{GROUPS}/{known['id']}", headers=CONSULTANT)).json())


async def step(client: httpx.AsyncClient, known: dict[str, Any], name: str, tag: str = "*") -> httpx.Response:
    return await client.post(f"{GROUPS}/{known['id']}/{name}", headers={**CONSULTANT, "If-Match": tag})


async def opened(client: httpx.AsyncClient, requests: list[str], **changes: Any) -> dict[str, Any]:
    known = await made(client, requests, **changes)
    answer = await step(client, known, "offers")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def join(client: httpx.AsyncClient, known: dict[str, Any], request: str, shop: UUID) -> httpx.Response:
    return await client.post(
        f"{GROUPS}/{known['id']}/seats", json={"request_id": request}, headers=owner_of(shop)
    )


async def take(client: httpx.AsyncClient, seat: dict[str, Any]) -> httpx.Response:
    who = owner_of(UUID(seat["merchant_id"]))
    return await client.post(f"{SEATS}/{seat['id']}/acceptance", headers=who)


async def leave(client: httpx.AsyncClient, seat: dict[str, Any]) -> httpx.Response:
    return await client.delete(f"{SEATS}/{seat['id']}", headers=owner_of(UUID(seat["merchant_id"])))


def states(known: dict[str, Any]) -> list[str]:
    return [seat["state"] for seat in known["seats"]]


def seat_of(known: dict[str, Any], request: str) -> dict[str, Any]:
    return next(dict(seat) for seat in known["seats"] if seat["request_id"] == request)


async def told(service: Service, *kinds: type[Fact]) -> list[Fact]:
    decoder = Decoder({kind.TYPE: kind for kind in kinds})
    async with service.database.connection() as connection:
        bodies = (await connection.execute(text("SELECT body FROM outbox ORDER BY id"))).scalars()
        return [event.fact for body in bodies if (event := decoder.decode(bytes(body)))]


@pytest_asyncio.fixture
async def seven(asks: Asking) -> list[str]:
    """Requests of seven shops."""
    return [(await asks())[0] for _ in range(7)]

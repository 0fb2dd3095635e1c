"""The portal in front of four stand-ins."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from time import monotonic

import httpx
import jwt
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import FastAPI

from chassis.service import create_app
from chassis.settings import Environment
from chassis.signing_keys import LocalKeys
from services.portal import neighbours
from services.portal.main import build
from services.portal.settings import PortalSettings
from tests.integration.portal.stand_ins import StandIn, a_town, served

# One that answers has far more time than a visitor gives it: machines that run tests are busy.
neighbours.DEADLINE_SECONDS = 30.0
neighbours.PART_SECONDS = 30.0
neighbours.CHANGE_SECONDS = 30.0
_KEY = jwt.algorithms.ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()).public_key(), as_dict=True)


class _Seconds:
    """The clock by which portals remember what they asked. Every test begins an hour after the one before."""

    passed = 0.0

    def __call__(self) -> float:
        return monotonic() + self.passed


SECONDS = _Seconds()


def portal(
    addresses: dict[str, str], environment: Environment = Environment.demo, **settings: str
) -> FastAPI:
    urls = {f"{name}_url": address for name, address in addresses.items()}
    service = build(PortalSettings(environment=environment, **urls, **settings), SECONDS)  # type: ignore[arg-type]
    service.keys = LocalKeys({"keys": [_KEY | {"kid": "test"}]})
    return create_app(service)


@pytest.fixture(scope="session")
def standing() -> Iterator[tuple[dict[str, StandIn], dict[str, str]]]:
    """The stand-ins and their addresses, started once."""
    town = a_town()
    with ExitStack() as stack:
        yield town, {name: stack.enter_context(served(each.app())) for name, each in town.items()}


@pytest.fixture
def town(standing: tuple[dict[str, StandIn], dict[str, str]]) -> dict[str, StandIn]:
    for stand_in, fresh in zip(standing[0].values(), a_town().values(), strict=True):
        vars(stand_in).update(vars(fresh))
    return standing[0]


@pytest.fixture
def addresses(
    town: dict[str, StandIn], standing: tuple[dict[str, StandIn], dict[str, str]]
) -> dict[str, str]:
    return standing[1]


@pytest_asyncio.fixture(scope="session")
async def pages(standing: tuple[dict[str, StandIn], dict[str, str]]) -> AsyncIterator[FastAPI]:
    """The portal in front of them, built once: that takes longer than what most tests do with it."""
    app = portal(standing[1])
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of services that hang, which they do for 5 s."""
    for patience in ("DEADLINE_SECONDS", "PART_SECONDS", "CHANGE_SECONDS"):
        monkeypatch.setattr(neighbours, patience, 2.0)


@pytest_asyncio.fixture
async def client(addresses: dict[str, str], pages: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    SECONDS.passed += 3_600
    transport, english = httpx.ASGITransport(pages), {"Accept-Language": "en"}
    async with httpx.AsyncClient(transport=transport, base_url="http://portal", headers=english) as client:
        yield client

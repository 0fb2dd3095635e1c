"""Every service in this process, and two cities with their things in all of them.

*Home* is where each caller has their role: a shop, its district, its city. *Next door* is another shop of
that city in another district, *elsewhere* one in another city. A thing that a route has in its path lies
at each of the three under the name of the path's parameter.
"""

from __future__ import annotations

import importlib
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints
from unittest.mock import patch
from uuid import UUID, uuid4

import httpx
from cryptography.fernet import Fernet

from chassis import as_service, migrations
from chassis.identity import KEY_PREFIX, Grant, Role
from chassis.service import Service, create_app
from services.campaigns.printed import town
from services.directory.keys.domain import SCOPES
from tests.access.callers import CALLERS, Caller, Scope
from tests.support.directory import SECRETS
from tests.support.one_service import settings_of
from tests.support.patience import PatientTransport
from tests.support.push_service import a_push_key
from tests.support.servers import Nats, Postgres
from tests.support.tokens import TestIssuer

SERVICES = Path(__file__).parents[2] / "services"
OPERATIONS = "operations"
"""Signs in as a service, and is none."""

Place = dict[str, str]
"""What lies at a place, by the name it has in paths."""


@dataclass(frozen=True)
class Servers:
    """What the services run on."""

    postgres: Postgres
    nats: Nats
    folder: Path
    identity_providers: Path


@dataclass
class Running:
    """One service, its routes as they are committed, and a client of it."""

    service: Service
    document: Mapping[str, Any]
    client: httpx.AsyncClient

    @property
    def name(self) -> str:
        return self.service.name


@dataclass
class World:
    """All services, and what lies where."""

    issuer: TestIssuer
    services: dict[str, Running] = field(default_factory=dict)
    home: Place = field(default_factory=dict)
    next_door: Place = field(default_factory=dict)
    elsewhere: Place = field(default_factory=dict)
    persons: dict[str, str] = field(default_factory=dict)
    """By column, who the caller is."""
    own: dict[tuple[str, str], Place] = field(default_factory=lambda: defaultdict(dict))
    """By column (or service) and name of a place, what lies there for this caller alone.

    They made it, or use it up.
    """
    in_service: dict[str, Place] = field(default_factory=lambda: defaultdict(dict))
    """By service, what its operators look at."""
    _tokens: dict[str, str] = field(default_factory=dict)

    @property
    def places(self) -> dict[str, Place]:
        return {"home": self.home, "next door": self.next_door, "elsewhere": self.elsewhere}

    @property
    def scope(self) -> Scope:
        """Where callers have their roles."""
        return Scope(*(UUID(self.home[name]) for name in ("city_id", "merchant_id", "district_id")))

    def headers(self, caller: Caller) -> dict[str, str]:
        """What a caller sends of who they are."""
        if not caller.signed_in:
            return {}
        if caller.column not in self._tokens:
            person = UUID(self.persons[caller.column])
            claims: dict[str, Any] = (
                {"sub": f"{KEY_PREFIX}{person}", "scope": " ".join(SCOPES)} if caller.is_key else {}
            )
            if session := self.own[caller.column, "home"].get("session_id"):
                claims["sid"] = session
            self._tokens[caller.column] = self.issuer.token(person, *caller.grants(self.scope), **claims)
        return {"Authorization": f"Bearer {self._tokens[caller.column]}"}

    def service_headers(self, name: str) -> dict[str, str]:
        """What a service sends of who it is."""
        if name not in self._tokens:
            self._tokens[name] = self.issuer.service_token(name)
        return {"Authorization": f"Bearer {self._tokens[name]}"}

    @property
    def service_names(self) -> list[str]:
        """Every service that could sign in."""
        return [*documents(), OPERATIONS]

    async def ask(
        self, service: str, method: str, path: str, *grants: Grant, person: str | None = None, **options: Any
    ) -> Any:
        """JSON of a request that prepares something. Raises AssertionError where it is refused."""
        asks = person or self.persons.get("person") or str(uuid4())
        headers = self.issuer.headers(UUID(asks), *grants)
        headers |= {"Idempotency-Key": uuid4().hex, **options.pop("headers", {})}
        answer = await self.services[service].client.request(
            method, f"/api/v1{path}", headers=headers, **options
        )
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None


@cache
def documents() -> dict[str, dict[str, Any]]:
    """By service, the OpenAPI document that is committed."""
    return {
        path.parent.name: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(SERVICES.glob("*/openapi.json"))
    }


def operator() -> Grant:
    return Grant(Role.operator)


@asynccontextmanager
async def serving(
    name: str, document: Mapping[str, Any], servers: Servers, issuer: TestIssuer
) -> AsyncIterator[Running]:
    """A service on an empty database of its own, without a worker."""
    main = importlib.import_module(f"services.{name}.main")
    settings_class = get_type_hints(main.build)["settings"]
    url = await servers.postgres.create_database()
    await migrations.upgrade(name, url.replace("postgresql://", "postgresql+asyncpg://"))
    own = settings_of(name, url, servers.nats).model_dump()
    if name == "directory":
        secrets = servers.folder / "services.json"
        secrets.write_text(json.dumps(SECRETS), encoding="utf-8")
        own |= {"signing_key_file": servers.folder / "signing.pem", "service_secrets_file": secrets}
        own |= {"identity_providers_file": servers.identity_providers}
    if name == "campaigns":  # with a platform that shops can connect; nobody speaks to it here
        keys = Fernet.generate_key().decode()
        own |= {"google_client_id": "x", "google_client_secret": "x", "sealing_keys": keys}
    if name == "notifications":
        own |= {"push_key": a_push_key()}
    if name == "assessment":
        own |= {"service_secret": SECRETS["assessment"]}
    if name == "campaigns":
        own |= {"webhook_keys": Fernet.generate_key().decode()}
    service = main.build(settings_class.model_validate(own))
    service.keys = issuer.keys()
    service.vouch = None  # tokens here carry roles that nobody was given
    app = create_app(service)
    transport = PatientTransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=f"http://{name}") as client,
    ):
        app.state.stopping.set()  # a live stream ends after its first words
        yield Running(service, document, client)


class _ToTheDirectory(httpx.AsyncBaseTransport):
    """How services ask the directory here: with a token of the world's own issuer, as everybody comes."""

    def __init__(self, world: World, name: str) -> None:
        self._world = world
        self._name = name

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not request.url.path.startswith("/api/v1/tokens/"):
            request.headers.update(self._world.service_headers(self._name))
        return await self._world.services["directory"].client.send(request)


Preparation = Callable[[World], Awaitable[None]]


@asynccontextmanager
async def a_world(servers: Servers, preparations: tuple[Preparation, ...]) -> AsyncIterator[World]:
    """Every service with routes of its own, prepared."""
    world = World(TestIssuer())
    asking = httpx.AsyncClient(transport=_ToTheDirectory(world, "assessment"), base_url="http://directory")
    asking_in_public = httpx.AsyncClient(
        transport=_ToTheDirectory(world, "campaigns"), base_url="http://directory"
    )
    async with AsyncExitStack() as opened:
        opened.enter_context(patch.object(as_service, "neighbour_client", lambda **_: asking))
        opened.enter_context(patch.object(town, "neighbour_client", lambda **_: asking_in_public))
        for name, document in documents().items():
            if document["paths"]:
                running = serving(name, document, servers, world.issuer)
                world.services[name] = await opened.enter_async_context(running)
        for prepare in preparations:
            await prepare(world)
        assert set(world.persons) == {caller.column for caller in CALLERS}
        yield world

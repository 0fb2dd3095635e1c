"""Sign-in of a city's staff at its identity provider, over HTTP.

A page asks for a departure, keeps its ticket where scripts do not reach it (a cookie), and sends the
person to the address. They come back to `<public url>/sign-in/at/<provider>` with a code and a state, and
the page hands in both with the ticket. The ticket binds the answer to the browser that left.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends, Response
from pydantic import StringConstraints

from chassis import limits
from chassis.access import PUBLIC
from chassis.database import Database
from chassis.http import Body, Db, Now, Shown
from chassis.identity import MaybeSignedIn, Principal
from chassis.limits import Limit
from chassis.network import Network
from chassis.openapi import problems
from chassis.problems import Problem, forbidden, not_found, unavailable
from services.directory.basic_credentials import NOT_KEPT
from services.directory.cities import storage as cities
from services.directory.factors import gate
from services.directory.factors.domain import MULTI
from services.directory.identity_providers import use_cases
from services.directory.identity_providers.client import ProviderAway, ProviderClient
from services.directory.identity_providers.configured import IdentityProvider
from services.directory.identity_providers.domain import LONGEST_SIGN_IN, Identity, NotIdentified
from services.directory.identity_providers.office import ProviderOffice
from services.directory.people.token_office import TokenOffice
from services.directory.sessions import use_cases as sessions
from services.directory.sessions.answers import SessionTokens, tokens_of
from services.directory.sessions.carried import at_provider_of
from services.directory.sessions.device import Device

FROM_NETWORK = Limit("sign-ins at providers from a network", 600, timedelta(minutes=10))
"""A town hall begins its day behind one address; the provider may lock out whoever asks too often."""
Opaque = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]

log = structlog.get_logger(__name__)


class ProviderShown(Shown):
    """A provider as a button shows it."""

    name: str
    label: str


class Providers(Shown):
    """Where the staff of a city, or of all of them, signs in."""

    items: list[ProviderShown]


class DepartureShown(Shown):
    """Where to send the person, and what proves on return that it is the same browser."""

    url: str
    ticket: str
    """Keep it where no script reads it, for ten minutes."""
    expires_in: int
    """Seconds."""


class Arrival(Body):
    """What the provider sent the person back with, and the ticket."""

    ticket: Opaque
    state: Opaque
    code: Opaque
    iss: Opaque | None = None
    """Where the provider sends one (RFC 9207)."""


def routes(providers: ProviderOffice, office: TokenOffice) -> APIRouter:
    """All of them for everybody: who somebody is turns out at the end."""
    router = APIRouter(prefix="/api/v1", tags=["identity providers"], dependencies=[PUBLIC])

    def known(name: str) -> tuple[IdentityProvider, ProviderClient]:
        found = providers.find(name)
        if found is None:
            raise not_found("identity provider")
        return found

    @router.get("/identity-providers", response_model=Providers)
    async def list_all_providers() -> Providers:
        """Where the staff of any city signs in."""
        return _shown(providers.all())

    @router.get("/cities/{city_id}/identity-providers", response_model=Providers)
    async def list_providers(city_id: UUID) -> Providers:
        """Where the staff of the city signs in; mostly one, or none."""
        return _shown(providers.of_city(city_id))

    _add_departure(router, known)
    _add_arrival(router, known, office)
    return router


Known = Callable[[str], tuple[IdentityProvider, ProviderClient]]
"""The provider of a name. Raises 404."""


async def _count(db: Db, network: Network, now: Now) -> None:
    await limits.count(db, FROM_NETWORK, network, now())


def _add_departure(router: APIRouter, known: Known) -> None:
    @router.post(
        "/identity-providers/{name}/departures",
        response_model=DepartureShown,
        responses=problems(403),
        dependencies=[Depends(_count)],
    )
    async def depart(
        name: str, response: Response, principal: MaybeSignedIn, db: Db, now: Now
    ) -> DepartureShown:
        """Begin. Whoever is signed in connects their account at the provider with the one they have here.

        That is as a factor is added: within ten minutes of signing in, or of giving one that they have.
        """
        provider, client = known(name)
        by = await _connecting(principal, db, now())
        try:
            left = await client.depart()
        except ProviderAway as away:
            raise _away(provider, away) from None
        async with db.transaction() as tx:
            if await cities.city_by_id(tx, provider.city_id) is None:
                raise not_found("city")  # the operator's file names one that does not take part
            ticket = await use_cases.note_departure(tx, provider, left, by, now())
        response.headers.update(NOT_KEPT)
        return DepartureShown(url=left.url, ticket=ticket, expires_in=int(LONGEST_SIGN_IN.total_seconds()))


def _add_arrival(router: APIRouter, known: Known, office: TokenOffice) -> None:
    @router.post(
        "/identity-providers/{name}/arrivals",
        response_model=SessionTokens,
        responses=problems(403, 409, 410),
        dependencies=[Depends(_count)],
    )
    async def arrive(
        *, name: str, asked: Arrival, response: Response, db: Db, now: Now, device: Device
    ) -> SessionTokens:
        """Come back, once for each ticket: a session begins."""
        provider, client = known(name)
        under_way = await use_cases.take_departure(db, provider, asked.ticket, asked.state, now())
        if under_way is None:
            raise _not_under_way()
        identity = await _identify(provider, client, asked, under_way)
        at = now()
        async with db.transaction() as tx:
            person_id = await use_cases.person_of(tx, provider, identity, under_way.person_id, at)
            # A city's own provider decides what it asks of its staff, a second factor among it (RFC 8176).
            methods = (MULTI, at_provider_of(provider.city_id))
            session = await sessions.begin(tx, person_id, methods, device, at)
        return await tokens_of(session, db, office, response, at)


def _shown(found: Iterable[IdentityProvider]) -> Providers:
    return Providers(items=[ProviderShown(name=each.name, label=each.label) for each in found])


def _not_under_way() -> Problem:
    detail = "This sign-in is not under way: it was used, took too long, or began elsewhere."
    return Problem(410, "no-such-sign-in", "Begin again", detail)


async def _connecting(principal: Principal | None, db: Database, at: datetime) -> UUID | None:
    """Who connects their account; None for whoever is not signed in. Raises 403 where their proof is old."""
    if principal is None or not principal.is_person:
        return None
    async with db.transaction() as tx:
        await gate.require_proof(tx, principal, at)
    return principal.person_id


async def _identify(
    provider: IdentityProvider, client: ProviderClient, asked: Arrival, under_way: use_cases.UnderWay
) -> Identity:
    try:
        return await client.arrive(asked.code, asked.iss, under_way.nonce, under_way.code_verifier)
    except ProviderAway as away:
        raise _away(provider, away) from None
    except NotIdentified as refused:
        log.warning("identity provider's answer refused", provider=provider.name, reason=str(refused))
        raise forbidden(f"The answer of {provider.label} identifies nobody: {refused}.") from None


def _away(provider: IdentityProvider, away: ProviderAway) -> Problem:
    log.warning("identity provider does not answer", provider=provider.name, error=str(away))
    return unavailable(f"{provider.label} does not answer just now.")

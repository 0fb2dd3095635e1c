"""Tokens over HTTP, and the keys to verify them with."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Response
from pydantic import StringConstraints

from chassis.access import PUBLIC
from chassis.http import Body, Db, Listing, Now, Shown
from chassis.identity import Role
from chassis.openapi import problems
from chassis.problems import not_found
from services.directory.basic_credentials import NOT_KEPT, basic_credentials, refused
from services.directory.people import use_cases
from services.directory.people.demo import PERSONS, DemoPerson, demo_person
from services.directory.people.token_office import TokenOffice
from services.directory.sessions import use_cases as sessions
from services.directory.sessions.answers import SessionTokens, tokens_of
from services.directory.sessions.carried import DEMO
from services.directory.sessions.device import Device

KEYS_KEPT_SECONDS = 300


class AskDemoToken(Body):
    """The demo person to sign in as: `sophie`, `marc`, `ambassador-17`…"""

    person: Annotated[str, StringConstraints(max_length=50)]


class DemoPersonShown(Shown):
    """Somebody of the demo, to act as. Without a role they begin with: somebody who runs a shop."""

    name: str
    display_name: str
    language: str
    role: Role | None


class PersonToken(Shown):
    """Send `token` as `Authorization: Bearer …` until it expires."""

    token: str
    expires_at: datetime
    person_id: UUID


class ServiceToken(Shown):
    """Send `token` as `Authorization: Bearer …` until it expires."""

    token: str
    expires_at: datetime


def routes(office: TokenOffice, *, demo: bool) -> APIRouter:
    """The routes that hand out tokens and sessions; those of demo persons only where this is one."""
    router = APIRouter(tags=["tokens"], dependencies=[PUBLIC])
    _add_keys(router, office)
    _add_demo_tokens(router, office, demo=demo)
    _add_demo_sessions(router, office, demo=demo)
    _add_service_tokens(router, office)
    return router


def _add_keys(router: APIRouter, office: TokenOffice) -> None:
    @router.get("/.well-known/jwks.json")
    async def show_keys(response: Response) -> Mapping[str, Any]:
        """The public keys that tokens are signed with (RFC 7517)."""
        response.headers["Cache-Control"] = f"public, max-age={KEYS_KEPT_SECONDS}"
        return office.issuer.key_set


def _add_demo_tokens(router: APIRouter, office: TokenOffice, *, demo: bool) -> None:
    @router.post("/api/v1/tokens/demo", response_model=PersonToken, responses=problems(404))
    async def sign_in_for_demo(asked: AskDemoToken, response: Response, db: Db, now: Now) -> PersonToken:
        """A token of somebody of the demonstration. There is nobody here anywhere else."""
        wanted = _wanted(asked.person, demo=demo)
        person_id, grants = await use_cases.ensure_demo_person(db, wanted, now())
        signed = office.issuer.for_person(person_id, grants, now(), methods=[DEMO])
        response.headers.update(NOT_KEPT)
        return PersonToken(token=signed.token, expires_at=signed.expires_at, person_id=person_id)


def _add_demo_sessions(router: APIRouter, office: TokenOffice, *, demo: bool) -> None:
    @router.get("/api/v1/sign-in/demo", response_model=Listing[DemoPersonShown], responses=problems(404))
    async def list_demo_persons() -> dict[str, Any]:
        """Whom one may act as here; there is nobody outside of a demonstration."""
        if not demo:
            raise not_found("demonstration here")
        return {"items": [vars(person) for person in PERSONS]}

    @router.post("/api/v1/sign-in/demo", response_model=SessionTokens, responses=problems(404))
    async def begin_demo_session(
        asked: AskDemoToken, response: Response, db: Db, now: Now, device: Device
    ) -> SessionTokens:
        """A session of somebody of the demonstration, as pages keep one; nobody is here anywhere else."""
        wanted = _wanted(asked.person, demo=demo)
        person_id, _ = await use_cases.ensure_demo_person(db, wanted, now())
        async with db.transaction() as tx:
            session = await sessions.begin(tx, person_id, [DEMO], device, now())
        return await tokens_of(session, db, office, response, now())


def _wanted(name: str, *, demo: bool) -> DemoPerson:
    found = demo_person(name) if demo else None
    if found is None:
        raise not_found("demo person" if demo else "demonstration here")
    return found


def _add_service_tokens(router: APIRouter, office: TokenOffice) -> None:
    @router.post("/api/v1/tokens/service", response_model=ServiceToken, responses=problems(401))
    async def sign_in_service(
        response: Response, now: Now, authorization: Annotated[str | None, Header()] = None
    ) -> ServiceToken:
        """A token of a service, for its name and secret by HTTP Basic (RFC 7617)."""
        name, secret = basic_credentials(authorization)
        if not office.secrets.accept(name, secret):
            raise refused("No service has this name and secret.")
        signed = office.issuer.for_service(name, now())
        response.headers.update(NOT_KEPT)
        return ServiceToken(token=signed.token, expires_at=signed.expires_at)

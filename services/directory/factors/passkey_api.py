"""Passkeys over HTTP. Options go to the browser as they are; what it makes of them comes back as it is."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import Field, JsonValue, StringConstraints

from chassis import limits
from chassis.access import MAY_PERSON, PUBLIC
from chassis.http import Body, Db, Now, ShortText, Shown
from chassis.identity import Principal
from chassis.limits import Limit
from chassis.network import Network
from chassis.openapi import problems
from services.directory.factors import passkeys
from services.directory.factors.answers import FactorAdded
from services.directory.factors.api import GIVEN_AT, PATH
from services.directory.factors.relying_party import RelyingParty
from services.directory.people.token_office import TokenOffice
from services.directory.sessions.answers import NOT_KEPT, SessionTokens, tokens_of
from services.directory.sessions.device import Device

FROM_NETWORK = Limit("passkeys tried, by network", 600, timedelta(hours=1))
"""Challenges and answers; a town hall is one network to us."""

Signed = Annotated[Principal, MAY_PERSON]
PasskeyName = Annotated[ShortText, StringConstraints(max_length=80)]


class Options(Shown):
    """For `parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON` of the browser; good for once."""

    public_key: dict[str, JsonValue]


class Answer(Body):
    """What the passkey answered."""

    credential: Annotated[dict[str, JsonValue], Field(max_length=20)]
    """The credential's `toJSON()`."""


class NewPasskey(Answer):
    """A passkey that the browser made."""

    name: PasskeyName


class Rename(Body):
    """How the person tells it from others."""

    name: PasskeyName


async def count_try(db: Db, network: Network, now: Now) -> None:
    """429 where too many were tried from this network."""
    await limits.count(db, FROM_NETWORK, network, now())


def routes(party: RelyingParty, office: TokenOffice) -> APIRouter:
    """The routes of passkeys."""
    router = APIRouter(tags=["second factors"])
    _add_adding(router, party, office)
    _add_own(router)
    _add_step_up(router, party, office)
    _add_sign_in(router, party, office)
    return router


def _add_adding(router: APIRouter, party: RelyingParty, office: TokenOffice) -> None:
    @router.post(f"{PATH}/passkeys/challenge", response_model=Options, responses=problems(403, 409))
    async def ask_to_add_passkey(principal: Signed, db: Db, now: Now, response: Response) -> Options:
        """With these the browser makes a passkey. A first factor is added within ten minutes of signing in, a
        further one within ten minutes of giving a second factor."""
        async with db.transaction() as tx:
            options = await passkeys.ask_to_add(tx, principal, party, now())
        response.headers.update(NOT_KEPT)
        return Options(public_key=options)

    @router.post(f"{PATH}/passkeys", response_model=FactorAdded, responses=problems(403, 409, 410))
    async def add_passkey(
        new: NewPasskey, principal: Signed, db: Db, now: Now, response: Response
    ) -> FactorAdded:
        """The passkey counts, here too. With a first factor come recovery codes."""
        session, codes = await passkeys.add(
            db, principal, party, credential=new.credential, name=new.name, at=now()
        )
        tokens = await tokens_of(session, db, office, response, now())
        return FactorAdded(session=tokens, recovery_codes=list(codes) if codes else None)


def _add_own(router: APIRouter) -> None:
    @router.patch(f"{PATH}/passkeys/{{passkey_id}}", status_code=204, responses=problems(404))
    async def rename_passkey(passkey_id: UUID, new: Rename, principal: Signed, db: Db) -> None:
        """Call it something else."""
        async with db.transaction() as tx:
            await passkeys.rename(tx, passkey_id, principal, new.name)

    @router.delete(f"{PATH}/passkeys/{{passkey_id}}", status_code=204, responses=problems(403, 404, 409))
    async def remove_passkey(passkey_id: UUID, principal: Signed, db: Db, now: Now) -> None:
        """Within ten minutes of giving a second factor. 409 for the last one of a member of staff."""
        async with db.transaction() as tx:
            await passkeys.remove(tx, passkey_id, principal, now())


def _add_step_up(router: APIRouter, party: RelyingParty, office: TokenOffice) -> None:
    @router.post(f"{GIVEN_AT}/passkey/challenge", response_model=Options, responses=problems(403, 409))
    async def ask_for_passkey(principal: Signed, db: Db, now: Now, response: Response) -> Options:
        """With these the browser asks for one of the person's passkeys."""
        async with db.transaction() as tx:
            options = await passkeys.ask_for_second_factor(tx, principal, party, now())
        response.headers.update(NOT_KEPT)
        return Options(public_key=options)

    @router.post(f"{GIVEN_AT}/passkey", response_model=SessionTokens, responses=problems(403, 410))
    async def give_passkey(
        answer: Answer, principal: Signed, db: Db, now: Now, response: Response
    ) -> SessionTokens:
        """The session has a second factor; go on with the tokens of the answer."""
        session = await passkeys.give(db, principal, party, answer.credential, now())
        return await tokens_of(session, db, office, response, now())


def _add_sign_in(router: APIRouter, party: RelyingParty, office: TokenOffice) -> None:
    limited: dict[str, Any] = {"dependencies": [PUBLIC, Depends(count_try)], "tags": ["sign-in"]}

    @router.post(
        "/api/v1/sign-in/passkey/challenge", response_model=Options, responses=problems(429), **limited
    )
    async def ask_to_sign_in(db: Db, now: Now, response: Response) -> Options:
        """With these the browser offers the passkeys it has for here."""
        async with db.transaction() as tx:
            options = await passkeys.ask_to_sign_in(tx, party, now())
        response.headers.update(NOT_KEPT)
        return Options(public_key=options)

    @router.post(
        "/api/v1/sign-in/passkey",
        response_model=SessionTokens,
        responses=problems(403, 410, 429),
        **limited,
    )
    async def sign_in_by_passkey(
        answer: Answer, response: Response, db: Db, now: Now, device: Device
    ) -> SessionTokens:
        """A session with every role of whoever has the passkey: it counts as two factors."""
        session = await passkeys.sign_in(db, party, answer.credential, device, now())
        return await tokens_of(session, db, office, response, now())

"""A person's own second factors over HTTP, and the reset for whoever lost them all.

None of these takes an Idempotency-Key: their answers hold secrets, which are not to be stored. Repeated,
setting up begins anew, and a code is good once.
"""

from __future__ import annotations

from io import BytesIO
from typing import Annotated
from uuid import UUID

import segno
from fastapi import APIRouter, Response
from pydantic import StringConstraints

from chassis.access import MAY_PERSON, Access, may
from chassis.http import Body, Db, Now
from chassis.identity import Principal, Role
from chassis.openapi import problems
from services.directory.factors import authenticators, gate, passkey_storage, recovery, storage
from services.directory.factors import reset as resetting
from services.directory.factors.answers import (
    AuthenticatorSetUp,
    AuthenticatorShown,
    CityVouching,
    FactorAdded,
    Factors,
    PasskeyShown,
    RecoveryCodes,
)
from services.directory.factors.office import FactorOffice
from services.directory.people.token_office import TokenOffice
from services.directory.sessions.answers import NOT_KEPT, SessionTokens, tokens_of
from services.directory.sessions.carried import is_strong

PATH = "/api/v1/people/me/factors"
GIVEN_AT = "/api/v1/sessions/current/second-factor"

Signed = Annotated[Principal, MAY_PERSON]


class Code(Body):
    """The six digits that the authenticator shows."""

    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{3} ?[0-9]{3}$")]


class RecoveryCode(Body):
    """One of the ten, however it is typed."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=50)]


def routes(factors: FactorOffice, office: TokenOffice) -> APIRouter:
    """The routes of factors."""
    router = APIRouter(tags=["second factors"])
    _add_list(router)
    _add_authenticator(router, factors, office)
    _add_recovery_codes(router)
    _add_step_up(router, factors, office)
    _add_reset(router)
    return router


def _add_list(router: APIRouter) -> None:
    @router.get(PATH, response_model=Factors)
    async def list_my_factors(principal: Signed, db: Db) -> Factors:
        """What one can give as a second factor, and whether one has to."""
        person_id = principal.person_id
        async with db.connection() as connection:
            known = await storage.confirmed(connection, person_id)
            passkeys = await passkey_storage.of_person(connection, person_id)
            return Factors(
                is_needed=await gate.is_staff(connection, person_id),
                is_given=is_strong(principal.methods),
                authenticator=AuthenticatorShown(confirmed_at=known["confirmed_at"]) if known else None,
                passkeys=[PasskeyShown(**row) for row in passkeys],
                recovery_codes_left=await storage.recovery_codes_left(connection, person_id),
                at_cities=[
                    CityVouching(
                        city_id=row["id"],
                        name={"fr": row["name_fr"], "nl": row["name_nl"]},
                        linked_at=row["linked_at"],
                    )
                    for row in await storage.cities_that_vouch(connection, person_id)
                ],
            )


def _add_authenticator(router: APIRouter, factors: FactorOffice, office: TokenOffice) -> None:
    @router.post(f"{PATH}/authenticator", response_model=AuthenticatorSetUp, responses=problems(403))
    async def set_up_authenticator(
        principal: Signed, db: Db, now: Now, response: Response
    ) -> AuthenticatorSetUp:
        """A secret for an app of such codes (TOTP); it counts once a code of it is confirmed.

        A first factor is set up within ten minutes of signing in, a further one within ten minutes of giving
        a second factor. One that counts already does so until the new one is confirmed.
        """
        async with db.transaction() as tx:
            made = await authenticators.set_up(tx, principal, factors.seal, now())
        response.headers.update(NOT_KEPT)
        return AuthenticatorSetUp(
            secret=made.secret,
            otpauth_url=made.url,
            qr_svg=_qr(made.url),
            confirm_before=made.confirm_before,
        )

    @router.post(
        f"{PATH}/authenticator/confirmation", response_model=FactorAdded, responses=problems(403, 410, 429)
    )
    async def confirm_authenticator(
        typed: Code, principal: Signed, db: Db, now: Now, response: Response
    ) -> FactorAdded:
        """The first code: from now on it counts, here too. With a first factor come recovery codes."""
        confirmed = await authenticators.confirm(db, principal, typed.code, factors.seal, now())
        session, codes = confirmed
        tokens = await tokens_of(session, db, office, response, now())
        return FactorAdded(session=tokens, recovery_codes=list(codes) if codes else None)

    @router.delete(f"{PATH}/authenticator", status_code=204, responses=problems(403, 409))
    async def remove_authenticator(principal: Signed, db: Db, now: Now) -> None:
        """Within ten minutes of giving a second factor. 409 for the last one of a member of staff."""
        async with db.transaction() as tx:
            await authenticators.remove(tx, principal, now())


def _add_recovery_codes(router: APIRouter) -> None:
    @router.post(f"{PATH}/recovery-codes", response_model=RecoveryCodes, responses=problems(403, 409))
    async def remake_recovery_codes(principal: Signed, db: Db, now: Now, response: Response) -> RecoveryCodes:
        """Ten new ones, within ten minutes of giving a second factor; those of before are worth nothing."""
        async with db.transaction() as tx:
            codes = await recovery.remake(tx, principal, now())
        response.headers.update(NOT_KEPT)
        return RecoveryCodes(recovery_codes=codes)


def _add_step_up(router: APIRouter, factors: FactorOffice, office: TokenOffice) -> None:
    @router.post(f"{GIVEN_AT}/code", response_model=SessionTokens, responses=problems(403, 409, 410, 429))
    async def give_code(
        typed: Code, principal: Signed, db: Db, now: Now, response: Response
    ) -> SessionTokens:
        """The session has a second factor: its tokens carry every role from now on. Each code is good once.

        Go on with the tokens of the answer: the refresh token of before is worth nothing any more.
        """
        session = await authenticators.give(db, principal, typed.code, factors.seal, now())
        return await tokens_of(session, db, office, response, now())

    @router.post(f"{GIVEN_AT}/recovery-code", response_model=SessionTokens, responses=problems(403, 410, 429))
    async def give_recovery_code(
        typed: RecoveryCode, principal: Signed, db: Db, now: Now, response: Response
    ) -> SessionTokens:
        """As a code of an authenticator that is lost; set up another one then."""
        session = await recovery.give(db, principal, typed.code, now())
        return await tokens_of(session, db, office, response, now())


def _add_reset(router: APIRouter) -> None:
    @router.post("/api/v1/people/{person_id}/factors/reset", status_code=204, responses=problems(403, 404))
    async def reset_factors(
        person_id: UUID,
        who: Annotated[Access, may(Role.city_officer, Role.operator)],
        db: Db,
        now: Now,
    ) -> None:
        """For somebody who lost all: they sign in by mail and set up new ones; all their sessions end.

        Whoever does it has seen that it is them: an officer for those whose roles are all of that city, an
        operator for everybody. It is in the audit log, and the person gets a mail.
        """
        who.is_settled = True  # asked below, of each role that the person has
        async with db.transaction() as tx:
            carried = who.principal.grants
            await resetting.reset(tx, person_id, by=who.person_id, carried=carried, at=now())


def _qr(url: str) -> str:
    image = BytesIO()
    segno.make(url, error="m", micro=False).save(image, kind="svg", scale=5, border=3, xmldecl=False)
    return image.getvalue().decode()

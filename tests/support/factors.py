"""People with second factors, as their phones and browsers see them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pyotp

from chassis.clock import utc_now
from chassis.identity import Grant, Principal, Role, Verifier
from chassis.signing_keys import LocalKeys
from services.directory.roles import use_cases as roles
from tests.support.directory import Clock, DirectoryUnderTest
from tests.support.signing_in import refreshed, signed_in

FACTORS = "/people/me/factors"
SECOND_FACTOR = "/sessions/current/second-factor"
STEP = timedelta(seconds=30)
NOTHING: dict[str, Any] = {
    "is_given": False,
    "authenticator": None,
    "passkeys": [],
    "recovery_codes_left": 0,
    "at_cities": [],
}
"""What somebody without a factor sees."""


class Phone:
    """An app for codes that was given a secret."""

    def __init__(self, secret: str, clock: Clock) -> None:
        self._totp = pyotp.TOTP(secret)
        self._clock = clock

    def code(self, steps_later: int = 0) -> str:
        return self._totp.at(self._clock() + STEP * steps_later)


async def verified(directory: DirectoryUnderTest, token: str) -> Principal:
    """As any other service sees the token."""
    keys = (await directory.client.get("/.well-known/jwks.json")).json()
    return await Verifier(LocalKeys(keys)).verify(token)


async def give(directory: DirectoryUnderTest, person_id: str, grant: Grant) -> None:
    async with directory.database.transaction() as tx:
        await roles.give(tx, UUID(person_id), grant, by=None, at=utc_now())


async def an_officer(directory: DirectoryUnderTest, city: str, email: str = "zoe@home.example") -> Any:
    """The tokens of somebody who signed in by mail and is an officer of the city."""
    first = await signed_in(directory, email)
    await give(directory, first["person_id"], Grant(Role.city_officer, UUID(city)))
    return (await refreshed(directory, first["refresh_token"])).json()


async def set_up(directory: DirectoryUnderTest, token: str, clock: Clock) -> Phone:
    """An app for codes, not yet confirmed."""
    answer = await directory.call("POST", f"{FACTORS}/authenticator", token=token)
    assert answer.status_code == 200, answer.text
    return Phone(answer.json()["secret"], clock)


async def confirmed(directory: DirectoryUnderTest, token: str, code: str) -> httpx.Response:
    return await directory.call(
        "POST", f"{FACTORS}/authenticator/confirmation", token=token, json={"code": code}
    )


async def given(directory: DirectoryUnderTest, token: str, code: str, kind: str = "code") -> httpx.Response:
    """A second factor in the session of the token."""
    return await directory.call("POST", f"{SECOND_FACTOR}/{kind}", token=token, json={"code": code})


async def with_authenticator(
    directory: DirectoryUnderTest, token: str, clock: Clock
) -> tuple[Phone, dict[str, Any]]:
    """The app, confirmed, and what was answered then. The code of now was given: move the clock on."""
    phone = await set_up(directory, token, clock)
    answer = await confirmed(directory, token, phone.code())
    assert answer.status_code == 200, answer.text
    clock.offset += STEP
    return phone, answer.json()

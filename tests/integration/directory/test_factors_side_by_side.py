"""A factor is given while it is being removed: one waits for the other, and never both."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from services.directory.factors import storage
from services.directory.people import storage as people
from services.directory.sessions import storage as sessions
from tests.integration.directory.test_passkeys import added, options
from tests.support.directory import Clock, DirectoryUnderTest
from tests.support.factors import FACTORS, SECOND_FACTOR, STEP, Phone, given, with_authenticator
from tests.support.one_service import until
from tests.support.signing_in import signed_in
from tests.support.software_authenticator import SoftwareAuthenticator

GOES_ON = {200, 204, 401, 403, 409, 410}
"""What people are answered, whoever comes first; and nobody that the database was in its own way."""


@pytest.fixture
def clock(directory: DirectoryUnderTest) -> Clock:
    directory.clock.offset = timedelta(minutes=-13)
    return directory.clock


class Enrolled:
    """Somebody with every kind of factor, and another session of theirs that one of them made strong."""

    def __init__(self, person_id: str, token: str, phone: Phone, key: SoftwareAuthenticator) -> None:
        self.person_id = UUID(person_id)
        self.token = token
        self.phone = phone
        self.key = key
        self.codes: list[str] = []


async def enrolled(directory: DirectoryUnderTest, clock: Clock, address: str) -> Enrolled:
    first = await signed_in(directory, address)
    phone, strong = await with_authenticator(directory, first["token"], clock)
    key = SoftwareAuthenticator()
    answer = await added(directory, strong["session"]["token"], key)
    assert answer.status_code == 200, answer.text
    made = Enrolled(first["person_id"], answer.json()["session"]["token"], phone, key)
    made.codes = strong["recovery_codes"]
    return made


async def strong_elsewhere(directory: DirectoryUnderTest, who: Enrolled, address: str) -> str:
    again = await signed_in(directory, address)
    answer = await given(directory, again["token"], who.codes.pop(), "recovery-code")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["token"])


async def a_body(directory: DirectoryUnderTest, who: Enrolled, kind: str, token: str) -> dict[str, Any]:
    if kind == "passkey":
        return {"credential": who.key.get(await options(directory, f"{SECOND_FACTOR}/passkey", token))}
    return {"code": who.phone.code() if kind == "code" else who.codes.pop()}


async def _somebody_waits(directory: DirectoryUnderTest) -> bool:
    async with directory.database.connection() as connection:
        return bool(await connection.scalar(_WAITING))


_WAITING = text("""
    SELECT count(*) FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock'
""")


@pytest.mark.parametrize("kind", ["code", "recovery-code", "passkey"])
async def test_what_is_being_removed_is_given_afterwards_and_holds_up_nobody(
    directory: DirectoryUnderTest, clock: Clock, kind: str
) -> None:
    who = await enrolled(directory, clock, "zoe@home.example")
    token = await strong_elsewhere(directory, who, "zoe@home.example")
    body = await a_body(directory, who, kind, token)

    async with directory.database.transaction() as removing:
        await people.lock(removing, who.person_id)
        await storage.forget_all(removing, who.person_id)
        giving = asyncio.create_task(
            directory.call("POST", f"{SECOND_FACTOR}/{kind}", token=token, json=body)
        )
        await until(lambda: _somebody_waits(directory))
        await sessions.end_all(removing, who.person_id, by="reset", at=clock())

    assert (await giving).status_code == 401


@pytest.mark.slow
async def test_givers_and_removers_at_once_are_all_answered(
    directory: DirectoryUnderTest, clock: Clock
) -> None:
    for number in range(5):
        address = f"zoe{number}@home.example"
        who = await enrolled(directory, clock, address)
        tokens = [await strong_elsewhere(directory, who, address) for _ in range(4)]
        clock.offset += STEP
        kinds = ("code", "passkey", "recovery-code", "code")
        bodies = [await a_body(directory, who, *each) for each in zip(kinds, tokens, strict=True)]
        (passkey,) = (await directory.call("GET", FACTORS, token=who.token)).json()["passkeys"]

        answers: list[httpx.Response] = await asyncio.gather(
            *(
                directory.call("POST", f"{SECOND_FACTOR}/{kind}", token=token, json=body)
                for kind, token, body in zip(kinds, tokens, bodies, strict=True)
            ),
            directory.call("DELETE", f"{FACTORS}/authenticator", token=who.token),
            directory.call("DELETE", f"{FACTORS}/passkeys/{passkey['id']}", token=who.token),
        )

        assert {answer.status_code for answer in answers} <= GOES_ON
        assert 204 in {answer.status_code for answer in answers[-2:]}

"""A factor that was removed or replaced makes no session strong any more, whoever holds it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from chassis.identity import Grant, Role
from tests.integration.directory.test_passkeys import added
from tests.support.directory import Clock, DirectoryUnderTest
from tests.support.factors import FACTORS, STEP, confirmed, give, given, set_up, verified, with_authenticator
from tests.support.signing_in import refreshed, signed_in
from tests.support.software_authenticator import SoftwareAuthenticator


@pytest.fixture
def clock(directory: DirectoryUnderTest) -> Clock:
    directory.clock.offset = timedelta(minutes=-13)
    return directory.clock


async def test_sessions_that_a_removed_authenticator_made_strong_wait_for_another_factor(
    directory: DirectoryUnderTest, clock: Clock
) -> None:
    tokens = await signed_in(directory)
    phone, strong = await with_authenticator(directory, tokens["token"], clock)
    await give(directory, tokens["person_id"], Grant(Role.city_officer, UUID(await directory.city())))
    elsewhere = (await given(directory, (await signed_in(directory))["token"], phone.code())).json()
    own = (await refreshed(directory, strong["session"]["refresh_token"])).json()
    key = await added(directory, own["token"], SoftwareAuthenticator())
    assert (await verified(directory, elsewhere["token"])).has(Role.city_officer)

    removed = await directory.call("DELETE", f"{FACTORS}/authenticator", token=key.json()["session"]["token"])

    assert removed.status_code == 204, removed.text
    for session in (elsewhere, key.json()["session"]):
        assert (await directory.call("GET", FACTORS, token=session["token"])).status_code == 401
        weak = await verified(
            directory, (await refreshed(directory, session["refresh_token"])).json()["token"]
        )
        assert weak.methods == ("mail",)
        assert not weak.grants
        assert weak.withheld == {Role.city_officer}


async def test_an_authenticator_that_was_replaced_keeps_only_the_session_strong_that_replaced_it(
    directory: DirectoryUnderTest, clock: Clock
) -> None:
    old, first = await with_authenticator(directory, (await signed_in(directory))["token"], clock)
    elsewhere = (await given(directory, (await signed_in(directory))["token"], old.code())).json()
    new = await set_up(directory, first["session"]["token"], clock)
    clock.offset += STEP

    replacing = (await confirmed(directory, first["session"]["token"], new.code())).json()["session"]

    assert (await verified(directory, replacing["token"])).methods == ("mail", "otp")
    weak = (await refreshed(directory, elsewhere["refresh_token"])).json()
    assert (await verified(directory, weak["token"])).methods == ("mail",)


async def test_two_sessions_that_remove_at_once_do_not_wait_for_one_another_for_ever(
    directory: DirectoryUnderTest, clock: Clock
) -> None:
    phone, first = await with_authenticator(directory, (await signed_in(directory))["token"], clock)
    other = (await given(directory, (await signed_in(directory))["token"], phone.code())).json()
    removing = (
        directory.call("DELETE", f"{FACTORS}/authenticator", token=each["token"])
        for each in (first["session"], other)
    )

    statuses = sorted(answer.status_code for answer in await asyncio.gather(*removing))

    assert statuses[0] == 204
    assert statuses[1] in {401, 403, 409}

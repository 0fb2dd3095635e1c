"""A stolen session erases nobody, and nobody goes who alone could give roles: others are named first."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from chassis.identity import Grant, Role
from services.directory.factors.domain import FRESH
from tests.integration.directory.test_erasure import asked, confirmed, requests
from tests.integration.directory.test_roles import withdraw
from tests.support.delivered import deliver
from tests.support.directory import Clock, DirectoryUnderTest
from tests.support.factors import STEP, given, with_authenticator
from tests.support.signing_in import signed_in


@pytest.fixture
def clock(directory: DirectoryUnderTest) -> Clock:
    directory.clock.offset = timedelta(minutes=-13)
    return directory.clock


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json().get("type")).rpartition(":")[2]


async def wished(directory: DirectoryUnderTest, person: str) -> httpx.Response:
    return await directory.call("POST", "/people/me/erasure", person, json={})


async def test_an_old_session_erases_nobody(directory: DirectoryUnderTest, clock: Clock) -> None:
    stolen = await signed_in(directory)
    clock.offset += FRESH + STEP
    wish = await asked(directory, stolen["token"])

    refused = await confirmed(directory, stolen["token"], wish["id"])

    assert refusal(refused) == (403, "sign-in-too-old")
    assert await requests(directory) == []
    fresh = await signed_in(directory)
    assert (await confirmed(directory, fresh["token"], wish["id"])).status_code == 202


async def test_a_mailbox_alone_erases_nobody_who_has_a_second_factor(
    directory: DirectoryUnderTest, clock: Clock
) -> None:
    phone, _ = await with_authenticator(directory, (await signed_in(directory))["token"], clock)
    by_mail = await signed_in(directory)
    wish = await asked(directory, by_mail["token"])

    refused = await confirmed(directory, by_mail["token"], wish["id"])

    assert refusal(refused) == (403, "second-factor-required")
    assert await requests(directory) == []
    strong = (await given(directory, by_mail["token"], phone.code())).json()
    assert (await confirmed(directory, strong["token"], wish["id"])).status_code == 202


async def test_confirmed_once_more_by_an_old_session_nothing_is_asked_again(
    directory: DirectoryUnderTest, clock: Clock
) -> None:
    tokens = await signed_in(directory)
    wish = await asked(directory, tokens["token"])
    assert (await confirmed(directory, tokens["token"], wish["id"])).status_code == 202
    clock.offset += FRESH + STEP

    assert (await confirmed(directory, tokens["token"], wish["id"])).status_code == 202


async def test_the_last_officer_of_a_city_is_erased_once_another_is_named(
    directory: DirectoryUnderTest,
) -> None:
    habay = UUID(await directory.city())
    arlon = UUID(await directory.city("81001"))
    await directory.token("claire")
    await directory.given("tom", Grant(Role.city_officer, arlon))  # no officer of her city

    refused = await wished(directory, "claire")

    assert refusal(refused) == (409, "last-officer")
    assert "operator" in refused.json()["detail"], "it says whom to ask"
    await directory.given("lea", Grant(Role.city_officer, habay))
    wish = (await wished(directory, "claire")).json()
    assert (await confirmed(directory, await directory.token("claire"), wish["id"])).status_code == 202


async def test_an_operator_takes_the_role_of_a_last_officer_who_is_erased_then(
    directory: DirectoryUnderTest,
) -> None:
    last = await directory.given("tom", Grant(Role.city_officer, UUID(await directory.city("81001"))))
    assert (await wished(directory, "tom")).status_code == 409

    assert await withdraw(directory, "otto", last) == 204

    assert (await wished(directory, "tom")).status_code == 201


async def test_who_was_the_last_officer_only_since_they_asked_is_refused_when_they_confirm(
    directory: DirectoryUnderTest,
) -> None:
    city = UUID(await directory.city("81001"))
    toms = await directory.given("tom", Grant(Role.city_officer, city))
    await directory.given("lea", Grant(Role.city_officer, city))
    wish = (await wished(directory, "lea")).json()
    assert await withdraw(directory, "tom", toms) == 204

    refused = await confirmed(directory, await directory.token("lea"), wish["id"])

    assert refusal(refused) == (409, "last-officer")
    assert await requests(directory) == []


async def test_the_last_operator_names_another_one_first(directory: DirectoryUnderTest) -> None:
    await directory.token("otto")
    assert refusal(await wished(directory, "otto")) == (409, "last-operator")
    await directory.given("lea", Grant(Role.operator))
    assert (await wished(directory, "otto")).status_code == 201


async def test_of_two_officers_who_are_erased_at_once_one_stays(directory: DirectoryUnderTest) -> None:
    for number, code in enumerate(("81001", "62063", "85009", "81004")):
        city = UUID(await directory.city(code))
        pair = [f"ambassador-{2 * number + 1}", f"ambassador-{2 * number + 2}"]
        for person in pair:
            await directory.given(person, Grant(Role.city_officer, city))
        wishes = [
            (await directory.token(each), (await wished(directory, each)).json()["id"]) for each in pair
        ]

        outcomes = await asyncio.gather(*(confirmed(directory, *wish) for wish in wishes))

        assert sorted(each.status_code for each in outcomes) == [202, 409]


async def test_an_officer_who_is_being_erased_is_no_colleague_any_more(directory: DirectoryUnderTest) -> None:
    city = UUID(await directory.city("81001"))
    await directory.given("tom", Grant(Role.city_officer, city))
    leas = await directory.given("lea", Grant(Role.city_officer, city))
    wish = (await wished(directory, "tom")).json()
    old = await directory.token("tom")
    assert (await confirmed(directory, old, wish["id"])).status_code == 202

    # Until the directory's worker has forgotten him his role is there, and his token is good.
    assert await withdraw(directory, "lea", leas) == 409
    assert (await directory.call("DELETE", f"/roles/{leas}", token=old)).status_code == 409
    await deliver(directory.service, *await requests(directory))
    assert await withdraw(directory, "lea", leas) == 409

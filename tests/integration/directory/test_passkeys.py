"""Passkeys: added freshly, good alone and as a second factor, once for each challenge, for this site."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from chassis.identity import Grant, Role
from chassis.retention import enforce
from services.directory.factors.domain import CHALLENGE_FOR, FRESH
from services.directory.factors.relying_party import RelyingParty
from services.directory.retention import RULES
from tests.support.directory import Clock, DirectoryUnderTest
from tests.support.factors import (
    FACTORS,
    SECOND_FACTOR,
    an_officer,
    give,
    given,
    verified,
    with_authenticator,
)
from tests.support.signing_in import refreshed, signed_in
from tests.support.software_authenticator import SoftwareAuthenticator


@pytest.fixture
def clock(directory: DirectoryUnderTest) -> Clock:
    directory.clock.offset = timedelta(minutes=-13)
    return directory.clock


async def options(directory: DirectoryUnderTest, path: str, token: str | None = None) -> dict[str, Any]:
    answer = await directory.call("POST", f"{path}/challenge", token=token)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, Any] = answer.json()["public_key"]
    return found


async def added(
    directory: DirectoryUnderTest, token: str, key: SoftwareAuthenticator, name: str = "Laptop"
) -> httpx.Response:
    """What is answered to a passkey that the browser made."""
    made = key.create(await options(directory, f"{FACTORS}/passkeys", token))
    body = {"name": name, "credential": made}
    return await directory.call("POST", f"{FACTORS}/passkeys", token=token, json=body)


async def answered(
    directory: DirectoryUnderTest, credential: Any, path: str = "/sign-in/passkey", token: str | None = None
) -> httpx.Response:
    return await directory.call("POST", path, token=token, json={"credential": credential})


async def by_passkey(directory: DirectoryUnderTest, key: SoftwareAuthenticator) -> httpx.Response:
    return await answered(directory, key.get(await options(directory, "/sign-in/passkey")))


def slug(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


async def test_a_passkey_alone_signs_in_with_every_role(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    tokens = await an_officer(directory, city)
    key = SoftwareAuthenticator()
    asked = await options(directory, f"{FACTORS}/passkeys", tokens["token"])
    assert asked["rp"] == {"name": "CoCoCity", "id": "town.example"}
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    answer = await added(directory, tokens["token"], key)
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["recovery_codes"]) == 10
    here = await verified(directory, answer.json()["session"]["token"])
    assert (here.methods, here.has(Role.city_officer, UUID(city))) == (("mail", "hwk"), True)

    elsewhere = await by_passkey(directory, key)

    assert elsewhere.status_code == 200, elsewhere.text
    assert elsewhere.headers["cache-control"] == "no-store"
    assert elsewhere.json()["person_id"] == tokens["person_id"]
    there = await verified(directory, elsewhere.json()["token"])
    assert (there.methods, there.has(Role.city_officer, UUID(city))) == (("hwk", "mfa"), True)
    later = (await refreshed(directory, elsewhere.json()["refresh_token"])).json()
    assert (await verified(directory, later["token"])).has(Role.city_officer, UUID(city))
    mails = [str(mail["Subject"]) for mail in await directory.mails("zoe@home.example")]
    assert "Un nouveau moyen de prouver que c'est vous" in mails
    log = (await directory.call("GET", f"/cities/{city}/audit", token=later["token"])).json()["items"]
    assert [each["details"] for each in log if each["action"] == "factor_added"] == [{"factor": "passkey"}]


async def test_a_synced_passkey_does_not_count_and_is_told_apart(directory: DirectoryUnderTest) -> None:
    tokens = await signed_in(directory)
    key = SoftwareAuthenticator(is_synced=True, counts=False)
    await added(directory, tokens["token"], key)
    first, second = await by_passkey(directory, key), await by_passkey(directory, key)
    assert (first.status_code, second.status_code) == (200, 200)
    assert (await verified(directory, second.json()["token"])).methods == ("swk", "mfa")


async def test_a_passkey_is_a_second_factor_beside_the_mail_for_its_person_alone(
    directory: DirectoryUnderTest,
) -> None:
    city = await directory.city()
    tokens = await an_officer(directory, city)
    key, others = SoftwareAuthenticator(), SoftwareAuthenticator()
    await added(directory, tokens["token"], key)
    stranger = await signed_in(directory, "mallory@evil.example")
    await added(directory, stranger["token"], others)

    again, path = await signed_in(directory), f"{SECOND_FACTOR}/passkey"
    asked = await options(directory, path, again["token"])
    assert len(asked["allowCredentials"]) == 1
    refused = await answered(directory, others.get(asked), path, again["token"])
    assert slug(refused) == (403, "passkey-refused")
    asked = await options(directory, path, again["token"])
    strong = await answered(directory, key.get(asked), path, again["token"])
    assert strong.status_code == 200, strong.text
    principal = await verified(directory, strong.json()["token"])
    assert (principal.methods, principal.has(Role.city_officer)) == (("mail", "hwk"), True)
    assert (await refreshed(directory, again["refresh_token"])).status_code == 401


async def test_an_answer_is_taken_once_however_often_it_is_sent(directory: DirectoryUnderTest) -> None:
    tokens = await signed_in(directory)
    key = SoftwareAuthenticator(counts=False)
    await added(directory, tokens["token"], key)
    answer = key.get(await options(directory, "/sign-in/passkey"))
    answers = await asyncio.gather(*(answered(directory, answer) for _ in range(20)))
    assert sorted(each.status_code for each in answers) == [200] + [410] * 19
    made = key.create(await options(directory, f"{FACTORS}/passkeys", tokens["token"]))
    assert slug(await answered(directory, made)) == (410, "challenge-over")


async def test_two_answers_with_one_counter_are_one_key_too_many(directory: DirectoryUnderTest) -> None:
    tokens = await signed_in(directory)
    key = SoftwareAuthenticator()
    await added(directory, tokens["token"], key)
    copy = replace(key)
    both = [each.get(await options(directory, "/sign-in/passkey")) for each in (key, copy)]
    answers = await asyncio.gather(*(answered(directory, each) for each in both))
    assert sorted(each.status_code for each in answers) == [200, 403]
    assert slug(await by_passkey(directory, replace(copy, count=0))) == (403, "passkey-refused")


@pytest.mark.parametrize(
    "changed",
    [
        {"origin": "https://town.example.evil.example"},
        {"origin": "http://town.example"},
        {"rp_id": "evil.example"},
        {"verifies": False},
        {"user_handle": b"x" * 16},
        {"credential_id": b"x" * 32},
        {"_key": SoftwareAuthenticator()._key},
    ],
    ids=lambda changed: next(iter(changed)),
)
async def test_what_was_signed_elsewhere_or_by_nobody_who_was_verified_is_refused(
    directory: DirectoryUnderTest, changed: dict[str, Any]
) -> None:
    tokens = await signed_in(directory)
    key = SoftwareAuthenticator()
    await added(directory, tokens["token"], key)
    assert slug(await by_passkey(directory, replace(key, **changed))) == (403, "passkey-refused")
    assert (await by_passkey(directory, replace(key, count=5))).status_code == 200


@pytest.mark.parametrize("changed", [{"origin": "https://evil.example"}, {"verifies": False}, {"rp_id": "x"}])
async def test_a_passkey_that_was_made_elsewhere_or_unverified_is_not_added(
    directory: DirectoryUnderTest, changed: dict[str, Any]
) -> None:
    tokens = await signed_in(directory)
    refused = await added(directory, tokens["token"], SoftwareAuthenticator(**changed))
    assert slug(refused) == (403, "passkey-refused")
    assert (await directory.call("GET", FACTORS, token=tokens["token"])).json()["passkeys"] == []


async def test_a_challenge_is_for_its_session_its_purpose_and_five_minutes(
    directory: DirectoryUnderTest, clock: Clock
) -> None:
    tokens = await signed_in(directory)
    key, path = SoftwareAuthenticator(), f"{FACTORS}/passkeys"
    made = key.create(await options(directory, path, tokens["token"]))
    other = await signed_in(directory)
    body = {"name": "Laptop", "credential": made}
    assert slug(await directory.call("POST", path, token=other["token"], json=body)) == (
        410,
        "challenge-over",
    )
    assert (await directory.call("POST", path, token=tokens["token"], json=body)).status_code == 200
    asked = await options(directory, "/sign-in/passkey")
    second = f"{SECOND_FACTOR}/passkey"
    fresh = await signed_in(directory)
    assert slug(await answered(directory, key.get(asked), second, fresh["token"])) == (410, "challenge-over")
    clock.offset += CHALLENGE_FOR
    assert slug(await answered(directory, key.get(asked))) == (410, "challenge-over")
    await enforce(directory.database, RULES, clock())
    async with directory.database.connection() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM passkey_challenge")) == 0


async def test_passkeys_are_named_listed_and_removed_by_their_person(
    directory: DirectoryUnderTest, clock: Clock
) -> None:
    tokens = await signed_in(directory)
    first, second = SoftwareAuthenticator(), SoftwareAuthenticator()
    session = (await added(directory, tokens["token"], first, " Laptop ")).json()["session"]
    again = await added(directory, session["token"], second, "Key")
    assert again.json()["recovery_codes"] is None
    token = again.json()["session"]["token"]
    asked = await options(directory, f"{FACTORS}/passkeys", token)
    assert len(asked["excludeCredentials"]) == 2
    twice = {"name": "Again", "credential": first.create(asked)}
    known = await directory.call("POST", f"{FACTORS}/passkeys", token=token, json=twice)
    assert slug(known) == (409, "passkey-known")

    laptop, key = (await directory.call("GET", FACTORS, token=token)).json()["passkeys"]
    assert (laptop["name"], key["name"], laptop["last_used_at"]) == ("Laptop", "Key", None)
    stranger = await signed_in(directory, "mallory@evil.example")
    path = f"{FACTORS}/passkeys/{key['id']}"
    for method in ("PATCH", "DELETE"):
        body = {"name": "Mine"} if method == "PATCH" else None
        foreign = await directory.call(method, path, token=stranger["token"], json=body)
        assert foreign.status_code == 404
    assert (await directory.call("PATCH", path, token=token, json={"name": "Clé"})).status_code == 204
    hostile = await directory.call("PATCH", path, token=token, json={"name": "\u202e"})
    assert (hostile.status_code, hostile.json()["field"]) == (422, "name")
    assert (await by_passkey(directory, second)).status_code == 200
    _, key = (await directory.call("GET", FACTORS, token=token)).json()["passkeys"]
    assert key["name"] == "Clé"
    assert key["last_used_at"] is not None

    by_key = (await by_passkey(directory, second)).json()
    assert (await directory.call("DELETE", path, token=token)).status_code == 204
    # What passkeys made strong is so no more, here and elsewhere, and what began with one is over.
    assert (await directory.call("GET", FACTORS, token=token)).status_code == 401
    weak = (await refreshed(directory, again.json()["session"]["refresh_token"])).json()
    assert (await verified(directory, weak["token"])).methods == ("mail",)
    assert (await refreshed(directory, by_key["refresh_token"])).status_code == 401
    ended = (await directory.call("GET", "/sessions", token=weak["token"])).json()["items"]
    assert {each["ended_by"] for each in ended} == {None, "removal"}
    assert slug(await by_passkey(directory, second)) == (403, "passkey-refused")
    assert (await by_passkey(directory, first)).status_code == 200


async def test_an_old_session_adds_no_passkey_and_staff_keep_their_last(
    directory: DirectoryUnderTest, clock: Clock
) -> None:
    old = await signed_in(directory)
    clock.offset += FRESH + timedelta(seconds=1)
    refused = await directory.call("POST", f"{FACTORS}/passkeys/challenge", token=old["token"])
    assert slug(refused) == (403, "sign-in-too-old")
    tokens = await signed_in(directory)
    session = (await added(directory, tokens["token"], SoftwareAuthenticator())).json()["session"]
    city = await directory.city()
    await give(directory, tokens["person_id"], Grant(Role.city_officer, UUID(city)))
    officer = (await refreshed(directory, session["refresh_token"])).json()
    (only,) = (await directory.call("GET", FACTORS, token=officer["token"])).json()["passkeys"]
    path = f"{FACTORS}/passkeys/{only['id']}"
    assert slug(await directory.call("DELETE", path, token=officer["token"])) == (409, "last-factor")
    # An authenticator is added by who gave the passkey just now; then the passkey may go.
    phone, changed = await with_authenticator(directory, officer["token"], clock)
    assert changed["recovery_codes"] is None
    assert (await directory.call("DELETE", path, token=changed["session"]["token"])).status_code == 204
    weak = (await refreshed(directory, changed["session"]["refresh_token"])).json()
    assert (await given(directory, weak["token"], phone.code())).status_code == 200


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"response": {}},
        {"response": []},
        {"response": {"clientDataJSON": 7}},
        {"response": {"clientDataJSON": "\u0000"}},
        {"response": {"clientDataJSON": "e30"}},
        {"response": {"clientDataJSON": "bnVsbA"}},
        {"response": {"clientDataJSON": "W1tbW1tbW1tbW1tb"}},
    ],
)
async def test_what_is_no_answer_of_a_passkey_is_refused_by_its_field(
    directory: DirectoryUnderTest, credential: Any
) -> None:
    answer = await answered(directory, credential)
    assert (answer.status_code, answer.json()["field"]) == (422, "credential")


@pytest.mark.parametrize(
    "damage",
    [
        {"rawId": None},
        {"rawId": "!"},
        {"type": "private-key"},
        {"response": {"userHandle": 7}},
        {"response": {"signature": ""}},
        {"response": {"authenticatorData": "AAAA"}},
        {"response": {"userHandle": "é\u0000"}},
    ],
)
async def test_damaged_answers_are_refused_and_never_our_mistake(
    directory: DirectoryUnderTest, damage: dict[str, Any]
) -> None:
    tokens = await signed_in(directory)
    key = SoftwareAuthenticator()
    await added(directory, tokens["token"], key)
    answer = key.get(await options(directory, "/sign-in/passkey"))
    damaged = {**answer, **damage, "response": {**answer["response"], **damage.get("response", {})}}
    assert 400 <= (await answered(directory, damaged)).status_code < 500


def test_passkeys_belong_to_the_host_of_the_public_address() -> None:
    assert RelyingParty.at("https://town.example") == RelyingParty("town.example", ("https://town.example",))
    assert RelyingParty.at("http://127.0.0.1:8080") == RelyingParty(
        "localhost", ("http://127.0.0.1:8080", "http://localhost:8080")
    )
    assert RelyingParty.at("https://10.0.0.1").id == "10.0.0.1"

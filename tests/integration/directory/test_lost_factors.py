"""Who lost every factor: an officer of their city or an operator resets them, and everybody sees it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from chassis.identity import Grant, Role
from tests.integration.directory.test_erasure import asked, confirmed, everything, requests
from tests.support.delivered import deliver
from tests.support.directory import Clock, DirectoryUnderTest
from tests.support.factors import FACTORS, an_officer, give, set_up, verified, with_authenticator
from tests.support.signing_in import refreshed, signed_in
from tests.support.software_authenticator import SoftwareAuthenticator


@pytest.fixture
def clock(directory: DirectoryUnderTest) -> Clock:
    directory.clock.offset = timedelta(minutes=-13)
    return directory.clock


def path_of(person_id: str) -> str:
    return f"/people/{person_id}/factors/reset"


async def test_an_officer_of_the_city_resets_a_colleague_who_begins_anew_by_mail(
    directory: DirectoryUnderTest, clock: Clock
) -> None:
    city = await directory.city()
    tokens = await an_officer(directory, city)
    _, added = await with_authenticator(directory, tokens["token"], clock)

    answer = await directory.call("POST", path_of(tokens["person_id"]), token=await directory.officer(city))

    assert answer.status_code == 204, answer.text
    assert (await refreshed(directory, added["session"]["refresh_token"])).status_code == 401
    assert (await directory.call("GET", FACTORS, token=added["session"]["token"])).status_code == 401
    fresh = await signed_in(directory)
    assert not (await verified(directory, fresh["token"])).has(Role.city_officer)
    listed = (await directory.call("GET", FACTORS, token=fresh["token"])).json()
    assert listed == {
        "is_needed": True,
        "is_given": False,
        "authenticator": None,
        "passkeys": [],
        "recovery_codes_left": 0,
        "at_cities": [],
    }
    await set_up(directory, fresh["token"], clock)
    ended = (await directory.call("GET", "/sessions", token=fresh["token"])).json()["items"]
    assert {each["ended_by"] for each in ended} == {None, "reset"}
    subjects = [str(mail["Subject"]) for mail in await directory.mails("zoe@home.example")]
    assert "Vos seconds facteurs ont été réinitialisés" in subjects
    log = (await directory.call("GET", f"/cities/{city}/audit", "otto")).json()["items"]
    (entry,) = [each for each in log if each["action"] == "factors_reset"]
    assert entry["subject_id"] == tokens["person_id"]
    assert entry["actor_id"] not in {None, tokens["person_id"]}


async def test_an_officer_resets_nobody_whose_roles_reach_further(
    directory: DirectoryUnderTest, clock: Clock
) -> None:
    city, other = await directory.city(), await directory.city("81001")
    officer = await directory.officer(city)
    elsewhere = await an_officer(directory, other, "elsewhere@home.example")
    both = await an_officer(directory, city, "both@home.example")
    await give(directory, both["person_id"], Grant(Role.city_officer, UUID(other)))
    operator = await an_officer(directory, city, "operator@home.example")
    await give(directory, operator["person_id"], Grant(Role.operator))
    citizen = await signed_in(directory, "citizen@home.example")
    for person in (elsewhere, both, operator, citizen):
        answer = await directory.call("POST", path_of(person["person_id"]), token=officer)
        assert answer.status_code == 403
        answer = await directory.call("POST", path_of(person["person_id"]), "otto")
        assert answer.status_code == 204


async def test_nobody_resets_their_own_or_with_a_session_that_lacks_a_factor(
    directory: DirectoryUnderTest, clock: Clock
) -> None:
    city = await directory.city()
    tokens = await an_officer(directory, city)
    colleague = await an_officer(directory, city, "colleague@home.example")
    weak = await directory.call("POST", path_of(colleague["person_id"]), token=tokens["token"])
    assert weak.json()["type"].endswith(":second-factor-required")
    _, added = await with_authenticator(directory, tokens["token"], clock)
    own = await directory.call("POST", path_of(tokens["person_id"]), token=added["session"]["token"])
    assert own.status_code == 403
    ended = await directory.call("POST", path_of(colleague["person_id"]), token=added["session"]["token"])
    assert ended.status_code == 204
    nobody = "00000000-0000-7000-8000-000000000000"
    assert (await directory.call("POST", path_of(nobody), "otto")).status_code == 404


async def test_what_hangs_on_a_person_goes_with_them(directory: DirectoryUnderTest, clock: Clock) -> None:
    tokens = await signed_in(directory)
    _, added = await with_authenticator(directory, tokens["token"], clock)
    token = added["session"]["token"]
    shown = (await directory.call("GET", "/people/me/data/directory", token=token)).json()
    assert "sealed" not in str(shown)
    assert "hash" not in str(shown)
    assert str(shown).count("confirmed_at") == 1

    async with directory.database.transaction() as tx:
        await tx.execute(text("DELETE FROM person WHERE id = :id"), {"id": UUID(tokens["person_id"])})
        for table in ("authenticator", "recovery_code", "session"):
            assert await tx.scalar(text(f"SELECT count(*) FROM {table}")) == 0


async def test_an_erasure_takes_every_factor_with_its_person(
    directory: DirectoryUnderTest, clock: Clock
) -> None:
    tokens = await signed_in(directory)
    _, changed = await with_authenticator(directory, tokens["token"], clock)
    token = changed["session"]["token"]
    options = await directory.call("POST", f"{FACTORS}/passkeys/challenge", token=token)
    made = SoftwareAuthenticator().create(options.json()["public_key"])
    body = {"name": "Zoé's phone", "credential": made}
    added = await directory.call("POST", f"{FACTORS}/passkeys", token=token, json=body)
    token = added.json()["session"]["token"]
    await directory.call("POST", f"{FACTORS}/passkeys/challenge", token=token)
    before = await everything(directory)
    assert "Zoé's phone" in before
    request = await asked(directory, token)
    assert (await confirmed(directory, token, request["id"])).status_code == 202

    await deliver(directory.service, *await requests(directory))

    assert "Zoé's phone" not in await everything(directory)
    async with directory.database.connection() as connection:
        for table in ("authenticator", "recovery_code", "passkey", "passkey_challenge", "session"):
            assert await connection.scalar(text(f"SELECT count(*) FROM {table}")) == 0

"""Sessions: they go on by a token that is good once, end for thieves as for owners, and follow the roles."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from chassis.clock import utc_now
from chassis.identity import Grant, Principal, Role, Verifier
from chassis.problems import Problem
from chassis.retention import enforce
from chassis.signing_keys import LocalKeys
from services.directory.retention import RULES
from services.directory.roles import use_cases as roles
from services.directory.sessions import use_cases
from services.directory.sessions.domain import LONGEST, PARALLEL, UNUSED_FOR
from tests.support.directory import DirectoryUnderTest
from tests.support.signing_in import refreshed, signed_in


async def verified(directory: DirectoryUnderTest, token: str) -> Principal:
    """As any other service sees the token."""
    keys = (await directory.client.get("/.well-known/jwks.json")).json()
    return await Verifier(LocalKeys(keys)).verify(token)


async def give(directory: DirectoryUnderTest, person_id: str, grant: Grant) -> None:
    async with directory.database.transaction() as tx:
        await roles.give(tx, UUID(person_id), grant, by=None, at=utc_now())


async def execute(directory: DirectoryUnderTest, statement: str, **values: Any) -> None:
    async with directory.database.transaction() as tx:
        await tx.execute(text(statement), values)


async def test_a_session_goes_on_with_new_tokens_for_the_same_person(directory: DirectoryUnderTest) -> None:
    first = await signed_in(directory)
    second = (await refreshed(directory, first["refresh_token"])).json()
    third = await refreshed(directory, second["refresh_token"])

    assert third.status_code == 200
    assert third.headers["cache-control"] == "no-store"
    assert third.json()["session_id"] == first["session_id"]
    tokens = {first["refresh_token"], second["refresh_token"], third.json()["refresh_token"]}
    assert len(tokens) == 3
    principal = await verified(directory, third.json()["token"])
    assert principal.person_id == UUID(first["person_id"])
    assert principal.session_id == UUID(first["session_id"])
    assert principal.methods == ("mail",)


async def test_parallel_refreshes_get_the_same_successor(directory: DirectoryUnderTest) -> None:
    first = await signed_in(directory)
    answers = await asyncio.gather(*(refreshed(directory, first["refresh_token"]) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    (successor,) = {answer.json()["refresh_token"] for answer in answers}
    assert (await refreshed(directory, successor)).status_code == 200


async def test_a_token_that_is_used_again_later_ends_the_session_for_everybody(
    directory: DirectoryUnderTest,
) -> None:
    first = await signed_in(directory)
    other = await signed_in(directory)
    second = (await refreshed(directory, first["refresh_token"])).json()
    later = utc_now() + PARALLEL + timedelta(seconds=1)

    with pytest.raises(Problem) as refused:
        await use_cases.refresh(directory.database, first["refresh_token"], later)

    assert (refused.value.status, refused.value.slug) == (401, "session-over")
    assert (await refreshed(directory, second["refresh_token"])).status_code == 401
    assert (await directory.call("GET", "/people/me", token=second["token"])).status_code == 401
    listed = (await directory.call("GET", "/sessions", token=other["token"])).json()["items"]
    assert {each["id"]: each["ended_by"] for each in listed} == {
        first["session_id"]: "reuse",
        other["session_id"]: None,
    }


async def test_within_thirty_seconds_the_old_token_still_gives_the_same_successor(
    directory: DirectoryUnderTest,
) -> None:
    first = await signed_in(directory)
    second = (await refreshed(directory, first["refresh_token"])).json()
    again = await use_cases.refresh(
        directory.database, first["refresh_token"], utc_now() + PARALLEL - timedelta(seconds=5)
    )
    assert again.refresh_token == second["refresh_token"]


async def test_nothing_in_the_database_is_a_refresh_token(directory: DirectoryUnderTest) -> None:
    first = await signed_in(directory)
    second = (await refreshed(directory, first["refresh_token"])).json()
    async with directory.database.connection() as connection:
        rows = str([*(await connection.execute(text("SELECT * FROM refresh_token, session")))])
    assert first["refresh_token"] not in rows
    assert second["refresh_token"] not in rows
    later = utc_now() + PARALLEL + timedelta(seconds=1)
    await enforce(directory.database, RULES, later)
    async with directory.database.connection() as connection:
        salts = await connection.execute(text("SELECT count(*) FROM refresh_token WHERE salt IS NOT NULL"))
        assert salts.scalar_one() == 0


@pytest.mark.parametrize("token", ["x" * 43, "", "'; DROP TABLE session; --", "\u0000" * 43])
async def test_what_is_no_refresh_token_is_refused(directory: DirectoryUnderTest, token: str) -> None:
    assert (await refreshed(directory, token)).status_code in {401, 422}


async def test_a_session_ends_unused_or_at_its_longest(directory: DirectoryUnderTest) -> None:
    tokens = await signed_in(directory)
    with pytest.raises(Problem):
        await use_cases.refresh(directory.database, tokens["refresh_token"], utc_now() + UNUSED_FOR)

    at, token = utc_now(), tokens["refresh_token"]
    begun = at
    while at < begun + LONGEST - UNUSED_FOR / 2:
        at += UNUSED_FOR / 2
        token = (await use_cases.refresh(directory.database, token, at)).refresh_token
    with pytest.raises(Problem):
        await use_cases.refresh(directory.database, token, begun + LONGEST)


async def test_one_ends_ones_own_sessions_and_nobody_elses(directory: DirectoryUnderTest) -> None:
    here, there = await signed_in(directory), await signed_in(directory)
    stranger = await signed_in(directory, "mallory@evil.example")

    path = f"/sessions/{there['session_id']}"
    assert (await directory.call("DELETE", path, token=stranger["token"])).status_code == 404
    assert (await directory.call("DELETE", path, token=here["token"])).status_code == 204
    assert (await directory.call("DELETE", path, token=here["token"])).status_code == 404

    assert (await refreshed(directory, there["refresh_token"])).status_code == 401
    assert (await directory.call("GET", "/people/me", token=there["token"])).status_code == 401
    items = (await directory.call("GET", "/sessions", token=here["token"])).json()["items"]
    assert {(each["id"], each["is_this_one"], each["ended_by"]) for each in items} == {
        (here["session_id"], True, None),
        (there["session_id"], False, "person"),
    }
    assert (await directory.client.get("/api/v1/sessions")).status_code == 401


async def test_a_change_of_role_forces_a_refresh_and_is_in_the_next_token(
    directory: DirectoryUnderTest,
) -> None:
    first = await signed_in(directory)
    await give(directory, first["person_id"], Grant(Role.ambassador))

    outdated = await directory.call("GET", "/people/me", token=first["token"])
    assert outdated.status_code == 401
    assert outdated.json()["type"].endswith("token-outdated")

    second = (await refreshed(directory, first["refresh_token"])).json()
    assert (await verified(directory, second["token"])).has(Role.ambassador)
    assert (await directory.call("GET", "/people/me", token=second["token"])).status_code == 200

    await execute(directory, "DELETE FROM role_grant")
    assert (await directory.call("GET", "/people/me", token=second["token"])).status_code == 401
    third = (await refreshed(directory, second["refresh_token"])).json()
    assert (await verified(directory, third["token"])).grants == ()


async def test_staff_act_as_such_only_in_a_session_with_a_second_factor(
    directory: DirectoryUnderTest,
) -> None:
    city = await directory.city()
    first = await signed_in(directory)
    await give(directory, first["person_id"], Grant(Role.city_officer, UUID(city)))
    await give(directory, first["person_id"], Grant(Role.ambassador))

    by_mail = (await refreshed(directory, first["refresh_token"])).json()
    assert {each.role for each in (await verified(directory, by_mail["token"])).grants} == {Role.ambassador}
    refused = await directory.call("GET", f"/cities/{city}/audit", token=by_mail["token"])
    assert refused.status_code == 403

    await execute(directory, "UPDATE session SET methods = '{mail,otp}'")
    strong = (await refreshed(directory, by_mail["refresh_token"])).json()
    assert (await verified(directory, strong["token"])).has(Role.city_officer, UUID(city))
    allowed = await directory.call("GET", f"/cities/{city}/audit", token=strong["token"])
    assert allowed.status_code == 200


@pytest.mark.parametrize(
    ("says", "shown"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox, Windows",
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/148.0.0.0 Mobile Safari/537.36",
            "Chrome Mobile, Android",
        ),
        ("Browser of the town hall", "Browser of the town hall"),
    ],
)
async def test_a_session_is_listed_by_browser_and_system_and_nothing_else_of_it_is_kept(
    directory: DirectoryUnderTest, says: str, shown: str
) -> None:
    directory.client.headers["User-Agent"] = says
    first = await signed_in(directory)
    items = (await directory.call("GET", "/sessions", token=first["token"])).json()["items"]
    assert [each["device"] for each in items] == [shown]


async def test_what_no_browser_says_is_shown_as_one_short_line(directory: DirectoryUnderTest) -> None:
    directory.client.headers["User-Agent"] = "Teapot\x85\x9f \u00ad" + "x" * 1_000
    first = await signed_in(directory)
    items = (await directory.call("GET", "/sessions", token=first["token"])).json()["items"]
    device = items[0]["device"]
    assert device.startswith("Teapot")
    assert device.isprintable()
    assert len(device) <= 120


async def test_sessions_that_are_over_are_forgotten_with_their_tokens(directory: DirectoryUnderTest) -> None:
    await signed_in(directory)
    later = utc_now() + timedelta(days=61)
    await enforce(directory.database, RULES, later)
    async with directory.database.connection() as connection:
        left = await connection.execute(text("SELECT count(*) FROM session FULL JOIN refresh_token ON true"))
        assert left.scalar_one() == 0

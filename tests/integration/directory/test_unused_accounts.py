"""Accounts that nobody uses go after three years and a warning; signing in keeps them, and so does a role."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from chassis.clock import utc_now
from chassis.identity import Grant, Role
from chassis.retention import enforce
from contracts.directory.v1 import PersonErasureRequested
from services.directory.people import unused
from services.directory.people.unused import UNUSED_FOR, WARNED_BEFORE
from services.directory.retention import RULES
from services.directory.sessions.domain import ENDED_KEPT, LONGEST
from tests.support.delivered import deliver
from tests.support.directory import DirectoryUnderTest
from tests.support.factors import give
from tests.support.signing_in import signed_in

ZOE = "zoe@home.example"
RULE = "accounts that nobody uses"
SUBJECT = "Votre compte CoCoCity : connectez-vous si vous voulez le garder"
A_DAY = timedelta(days=1)
WARNED_AT = UNUSED_FOR - WARNED_BEFORE + A_DAY
ERASED_AT = UNUSED_FOR + 2 * A_DAY


async def after(directory: DirectoryUnderTest, passed: timedelta) -> int:
    """So much time has passed since the beginning, and the job runs; how many accounts go by it."""
    directory.clock.offset = passed
    gone = (await enforce(directory.database, RULES, directory.clock()))[RULE]
    await directory.mails(ZOE)
    return gone


async def warnings(directory: DirectoryUnderTest, address: str = ZOE) -> list[Any]:
    """Mails that say it, once all that waits is sent."""
    return [each for each in await directory.mails(address) if each["Subject"] == SUBJECT]


async def erased(directory: DirectoryUnderTest) -> list[UUID]:
    facts = [each.fact for each in await directory.events()]
    return [each.person_id for each in facts if isinstance(each, PersonErasureRequested)]


async def execute(directory: DirectoryUnderTest, statement: str, **values: Any) -> None:
    async with directory.database.transaction() as tx:
        await tx.execute(text(statement), values)


async def test_an_account_is_warned_of_once_and_goes_thirty_days_later(directory: DirectoryUnderTest) -> None:
    zoe = UUID((await signed_in(directory))["person_id"])

    assert await after(directory, WARNED_AT - 2 * A_DAY) == 0
    assert await warnings(directory) == []

    for passed in (WARNED_AT, WARNED_AT + A_DAY, ERASED_AT - 3 * A_DAY):
        assert await after(directory, passed) == 0
    (mail,) = await warnings(directory)
    assert "sera supprimé" in mail.get_body(("plain",)).get_content()

    assert await after(directory, ERASED_AT) == 1
    assert await after(directory, ERASED_AT + A_DAY) == 0
    assert await erased(directory) == [zoe]
    assert len(await warnings(directory)) == 1


async def test_it_is_the_erasure_that_the_person_could_have_asked_for(directory: DirectoryUnderTest) -> None:
    await signed_in(directory)
    # Long ago, for an event of the future is applied by nobody.
    await execute(directory, "UPDATE person SET created_at = :at", at=utc_now() - ERASED_AT)
    await execute(directory, "UPDATE session SET used_at = :at", at=utc_now() - ERASED_AT)
    await after(directory, timedelta())
    await execute(directory, "UPDATE person SET warned_at = :at", at=utc_now() - WARNED_BEFORE)
    await after(directory, timedelta())

    (event,) = [each for each in await directory.events() if isinstance(each.fact, PersonErasureRequested)]
    await deliver(directory.service, event)

    async with directory.database.connection() as connection:
        assert (
            await connection.scalar(text("SELECT count(*) FROM person WHERE email = :zoe"), {"zoe": ZOE}) == 0
        )
    shown = await directory.call("GET", f"/people/erasures/{event.fact.erasure_id}")  # type: ignore[attr-defined]
    assert shown.json()["state"] == "under_way"


async def test_signing_in_after_the_warning_keeps_it_for_three_years_more(
    directory: DirectoryUnderTest,
) -> None:
    await signed_in(directory)
    await after(directory, WARNED_AT)
    directory.clock.offset += A_DAY
    await signed_in(directory)

    assert await after(directory, ERASED_AT) == 0
    # Nor does it go once that session is forgotten, which knew of it.
    assert await after(directory, WARNED_AT + LONGEST + ENDED_KEPT) == 0
    async with directory.database.connection() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM session")) == 0
    assert await after(directory, WARNED_AT + UNUSED_FOR - WARNED_BEFORE) == 0
    assert len(await warnings(directory)) == 1
    # Left again, it is warned of again.
    assert await after(directory, 2 * WARNED_AT + A_DAY) == 0
    assert len(await warnings(directory)) == 2
    assert await after(directory, 2 * WARNED_AT + WARNED_BEFORE + 2 * A_DAY) == 1


async def test_an_account_that_was_never_warned_of_in_time_is_warned_of_first(
    directory: DirectoryUnderTest,
) -> None:
    await signed_in(directory)

    assert await after(directory, 2 * UNUSED_FOR) == 0
    assert len(await warnings(directory)) == 1
    assert await after(directory, 2 * UNUSED_FOR + WARNED_BEFORE - A_DAY) == 0
    assert await after(directory, 2 * UNUSED_FOR + WARNED_BEFORE) == 1


async def test_new_accounts_and_those_of_the_demonstration_are_left_alone(
    directory: DirectoryUnderTest,
) -> None:
    await directory.person_id("sophie")
    await after(directory, WARNED_AT)
    await after(directory, ERASED_AT)
    await signed_in(directory)

    assert await after(directory, ERASED_AT + WARNED_AT - 2 * A_DAY) == 0
    assert await erased(directory) == []
    assert await warnings(directory) == []


@pytest.mark.parametrize(
    "role", [Role.city_officer, Role.association_officer, Role.consultant, Role.operator, Role.merchant_staff]
)
async def test_whoever_has_a_role_is_warned_and_stays_until_it_ends(
    directory: DirectoryUnderTest, role: Role
) -> None:
    city = await directory.city()
    zoe = (await signed_in(directory))["person_id"]
    await give(directory, zoe, Grant(role, None if role is Role.operator else UUID(city)))

    await after(directory, WARNED_AT)
    assert await after(directory, ERASED_AT) == 0
    (mail,) = await warnings(directory)
    assert "votre compte reste" in mail.get_body(("plain",)).get_content()
    assert await kept_back(directory, ERASED_AT) == 1

    await execute(directory, "DELETE FROM role_grant WHERE person_id = :zoe", zoe=UUID(zoe))
    assert await after(directory, ERASED_AT) == 1
    assert await kept_back(directory, ERASED_AT) == 0
    assert len(await warnings(directory)) == 1


@pytest.mark.parametrize("named", ["responsible", "deputy"])
async def test_whom_a_city_names_in_public_stays(directory: DirectoryUnderTest, named: str) -> None:
    await directory.city()
    zoe = UUID((await signed_in(directory))["person_id"])
    named_zoe = f"UPDATE city SET {named}_person_id = :zoe, {named}_name = 'Zoé', {named}_role = 'Échevine'"
    await execute(directory, named_zoe, zoe=zoe)

    await after(directory, WARNED_AT)
    assert await after(directory, ERASED_AT) == 0
    assert await kept_back(directory, ERASED_AT) == 1


async def test_the_owner_of_a_shop_stays(directory: DirectoryUnderTest) -> None:
    zoe = (await signed_in(directory))["person_id"]
    await give(directory, zoe, Grant(Role.merchant, UUID(await directory.city())))

    await after(directory, WARNED_AT)
    assert await after(directory, ERASED_AT) == 0
    assert await erased(directory) == []


async def test_a_key_that_somebody_made_is_a_use_of_their_account(directory: DirectoryUnderTest) -> None:
    city = UUID(await directory.city())
    zoe = UUID((await signed_in(directory))["person_id"])
    body = {"name": "till", "scopes": ["merchants"]}
    made = await directory.call(
        "POST", f"/cities/{city}/keys", token=await directory.officer(str(city)), json=body
    )
    assert made.status_code == 201, made.text
    used = "UPDATE api_key SET made_by = :zoe, last_used_at = :at"
    await execute(directory, used, zoe=zoe, at=utc_now() + WARNED_AT)

    await after(directory, WARNED_AT)
    assert await after(directory, ERASED_AT) == 0
    assert await warnings(directory) == []


async def test_workers_side_by_side_warn_once_and_erase_once(directory: DirectoryUnderTest) -> None:
    people = [UUID((await signed_in(directory, f"{name}@home.example"))["person_id"]) for name in "abcd"]

    directory.clock.offset = WARNED_AT
    await asyncio.gather(*(round_of(directory) for _ in range(4)))
    for name in "abcd":
        assert len(await warnings(directory, f"{name}@home.example")) == 1
    directory.clock.offset = ERASED_AT
    rounds = await asyncio.gather(*(round_of(directory) for _ in range(4)))

    assert sum(rounds) == 4
    assert sorted(await erased(directory)) == sorted(people)


async def test_whoever_is_signing_in_at_that_moment_is_not_erased(directory: DirectoryUnderTest) -> None:
    zoe = UUID((await signed_in(directory))["person_id"])
    await after(directory, WARNED_AT)
    directory.clock.offset = ERASED_AT

    async with directory.database.transaction() as signing_in:
        await signing_in.execute(_SESSION, {"zoe": zoe, "at": directory.clock()})
        assert await round_of(directory) == 0
    assert await round_of(directory) == 0
    assert await erased(directory) == []


_SESSION = text("""
    INSERT INTO session (id, person_id, methods, began_at, used_at, expires_at)
    VALUES (gen_random_uuid(), :zoe, '{mail}', :at, :at, :at)
""")


async def round_of(directory: DirectoryUnderTest) -> int:
    async with directory.database.transaction() as tx:
        return await unused.warn_and_erase(tx, directory.clock(), 100)


async def kept_back(directory: DirectoryUnderTest, passed: timedelta) -> int:
    """As operators see it."""
    directory.clock.offset = timedelta()  # tokens are verified by the real time
    token = await directory.token("otto")
    directory.clock.offset = passed
    shown = await directory.call("GET", "/operations/directory/retention", token=token)
    (rule,) = [each for each in shown.json()["rules"] if each["what"] == RULE]
    return int(rule["kept_back"])

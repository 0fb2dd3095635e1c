"""Second factors: codes of an authenticator, once each; recovery; and who may change them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pyotp
import pytest
from sqlalchemy import text

from chassis.identity import Grant, Role
from chassis.retention import enforce
from services.directory.factors.domain import FRESH, SET_UP_WITHIN
from services.directory.retention import RULES
from services.directory.sessions.domain import STRONG_FOR
from tests.support.directory import Clock, DirectoryUnderTest
from tests.support.factors import (
    FACTORS,
    STEP,
    an_officer,
    confirmed,
    give,
    given,
    set_up,
    verified,
    with_authenticator,
)
from tests.support.signing_in import refreshed, signed_in

ZOE = "zoe@home.example"


@pytest.fixture
def clock(directory: DirectoryUnderTest) -> Clock:
    directory.clock.offset = timedelta(minutes=-13)
    return directory.clock


async def subjects(directory: DirectoryUnderTest, address: str = ZOE) -> list[str]:
    """Of the mails about factors that were sent to them."""
    mails = [str(mail["Subject"]) for mail in await directory.mails(address)]
    return [each for each in mails if "CoCoCity" not in each]


async def actions(directory: DirectoryUnderTest) -> list[tuple[str, UUID | None, dict[str, object]]]:
    query = "SELECT action, city_id, details FROM audit_entry WHERE action ~ 'factor|recovery' ORDER BY id"
    async with directory.database.connection() as connection:
        return [tuple(row) for row in await connection.execute(text(query))]


async def test_an_authenticator_counts_once_a_code_of_it_was_given(
    directory: DirectoryUnderTest, clock: Clock
) -> None:
    tokens = await signed_in(directory)
    answer = await directory.call("POST", f"{FACTORS}/authenticator", token=tokens["token"])
    made = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert made["otpauth_url"].startswith("otpauth://totp/CoCoCity:zoe%40home.example?secret=")
    assert made["qr_svg"].startswith("<svg")
    before = (await directory.call("GET", FACTORS, token=tokens["token"])).json()
    assert before == {
        "is_needed": False,
        "is_given": False,
        "authenticator": None,
        "passkeys": [],
        "recovery_codes_left": 0,
        "at_cities": [],
    }

    code = pyotp.TOTP(made["secret"]).at(clock())
    added = await confirmed(directory, tokens["token"], f"{code[:3]} {code[3:]}")

    assert added.status_code == 200, added.text
    session = added.json()["session"]
    assert (await verified(directory, session["token"])).methods == ("mail", "otp")
    assert len(set(added.json()["recovery_codes"])) == 10
    after = (await directory.call("GET", FACTORS, token=session["token"])).json()
    assert after["authenticator"] is not None
    assert after["recovery_codes_left"] == 10
    assert await subjects(directory) == ["Un nouveau moyen de prouver que c'est vous"]
    assert await actions(directory) == []


async def test_a_wrong_first_code_confirms_nothing(directory: DirectoryUnderTest, clock: Clock) -> None:
    tokens = await signed_in(directory)
    phone = await set_up(directory, tokens["token"], clock)
    answer = await confirmed(directory, tokens["token"], phone.code(steps_later=5))
    assert (answer.status_code, answer.json()["field"]) == (410, "code")
    assert (await directory.call("GET", FACTORS, token=tokens["token"])).json()["authenticator"] is None


async def test_what_was_set_up_and_not_confirmed_is_forgotten(
    directory: DirectoryUnderTest, clock: Clock
) -> None:
    tokens = await signed_in(directory)
    await set_up(directory, tokens["token"], clock)
    later = clock() + SET_UP_WITHIN + timedelta(seconds=1)
    await enforce(directory.database, RULES, later)
    async with directory.database.connection() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM authenticator")) == 0


@pytest.mark.parametrize(("steps", "status"), [(-2, 410), (-1, 200), (0, 200), (1, 200), (2, 410)])
async def test_a_clock_may_be_wrong_by_one_step(
    directory: DirectoryUnderTest, clock: Clock, steps: int, status: int
) -> None:
    _, first = await _enrolled_and_back(directory, clock)
    again, phone = first
    assert (await given(directory, again["token"], phone.code(steps))).status_code == status


async def _enrolled_and_back(directory: DirectoryUnderTest, clock: Clock):  # type: ignore[no-untyped-def]
    """Somebody with an authenticator, in another session of theirs by mail, some steps later."""
    tokens = await signed_in(directory)
    phone, added = await with_authenticator(directory, tokens["token"], clock)
    clock.offset += 5 * STEP
    return added, (await signed_in(directory), phone)


async def test_a_code_is_good_once_however_many_give_it_at_once(
    directory: DirectoryUnderTest, clock: Clock
) -> None:
    _, (again, phone) = await _enrolled_and_back(directory, clock)
    others = [await signed_in(directory) for _ in range(5)]
    code = phone.code()
    answers = await asyncio.gather(*(given(directory, each["token"], code) for each in [again, *others]))
    assert sorted(answer.status_code for answer in answers) == [200] + [410] * 5
    # Nor is the one before it, which would have been good.
    assert (await given(directory, again["token"], phone.code(-1))).status_code == 410


async def test_tries_are_limited_for_a_person_over_all_sessions(
    directory: DirectoryUnderTest, clock: Clock
) -> None:
    _, (again, phone) = await _enrolled_and_back(directory, clock)
    wrong = phone.code(20)
    other = await signed_in(directory)
    statuses = [
        (await given(directory, (again, other)[number % 2]["token"], wrong)).status_code
        for number in range(20)  # that of setting it up was counted, too, unless midnight came in between
    ]
    assert set(statuses[:19]) == {410}
    refused = await given(directory, again["token"], phone.code())
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0


async def test_nothing_in_the_database_gives_a_code(directory: DirectoryUnderTest, clock: Clock) -> None:
    tokens = await signed_in(directory)
    made = (await directory.call("POST", f"{FACTORS}/authenticator", token=tokens["token"])).json()
    code = pyotp.TOTP(made["secret"]).at(clock())
    codes = (await confirmed(directory, tokens["token"], code)).json()["recovery_codes"]
    async with directory.database.connection() as connection:
        rows = await connection.execute(
            text("SELECT a.sealed_secret, r.hash FROM authenticator a CROSS JOIN recovery_code r")
        )
        stored = b" ".join(bytes(cell) for row in rows for cell in row)
    assert made["secret"].encode() not in stored
    for each in codes:
        assert each.encode() not in stored
        assert each.replace("-", "").encode() not in stored


async def test_a_secret_that_was_moved_to_another_person_is_worth_nothing_there(
    directory: DirectoryUnderTest, clock: Clock
) -> None:
    mallory = await signed_in(directory, "mallory@evil.example")
    phone, _ = await with_authenticator(directory, mallory["token"], clock)
    victim = await signed_in(directory)
    await with_authenticator(directory, victim["token"], clock)
    clock.offset += 3 * STEP
    async with directory.database.transaction() as tx:
        move = """
            UPDATE authenticator SET sealed_secret = thief.sealed_secret FROM authenticator thief
             WHERE thief.person_id = :thief AND authenticator.person_id = :victim
        """
        ids = {"thief": UUID(mallory["person_id"]), "victim": UUID(victim["person_id"])}
        await tx.execute(text(move), ids)
    again = await signed_in(directory)
    answer = await given(directory, again["token"], phone.code())
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (409, "authenticator-unreadable")


async def test_staff_act_as_such_once_the_session_has_a_second_factor_and_go_on_so(
    directory: DirectoryUnderTest, clock: Clock
) -> None:
    city = await directory.city()
    tokens = await an_officer(directory, city)
    audit = f"/cities/{city}/audit"
    refused = await directory.call("GET", audit, token=tokens["token"])
    assert refused.status_code == 403
    assert refused.json()["type"].endswith(":second-factor-required")
    assert refused.json()["give_at"] == "/api/v1/sessions/current/second-factor"
    assert refused.json()["set_up_at"] == "/api/v1/people/me/factors"
    assert "insufficient_user_authentication" in refused.headers["www-authenticate"]
    assert (await directory.call("GET", FACTORS, token=tokens["token"])).json()["is_needed"] is True

    phone, added = await with_authenticator(directory, tokens["token"], clock)
    assert (await directory.call("GET", audit, token=added["session"]["token"])).status_code == 200

    clock.offset += STEP
    elsewhere = await signed_in(directory)
    assert (await verified(directory, elsewhere["token"])).withheld == {Role.city_officer}
    strong = await given(directory, elsewhere["token"], phone.code())
    assert strong.status_code == 200
    assert strong.headers["cache-control"] == "no-store"
    later = (await refreshed(directory, strong.json()["refresh_token"])).json()
    principal = await verified(directory, later["token"])
    assert principal.has(Role.city_officer, UUID(city))
    assert principal.methods == ("mail", "otp")
    assert principal.withheld == frozenset()
    assert (await directory.call("GET", audit, token=later["token"])).status_code == 200


async def test_who_has_no_such_role_is_not_told_that_a_factor_would_help(
    directory: DirectoryUnderTest,
) -> None:
    city = await directory.city()
    tokens = await signed_in(directory)
    refused = await directory.call("GET", f"/cities/{city}/audit", token=tokens["token"])
    assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (403, "forbidden")


async def test_a_refresh_token_copied_before_is_worth_nothing_after_the_second_factor(
    directory: DirectoryUnderTest, clock: Clock
) -> None:
    _, (again, phone) = await _enrolled_and_back(directory, clock)
    older = again["refresh_token"]
    newer = (await refreshed(directory, older)).json()
    strong = (await given(directory, newer["token"], phone.code())).json()
    assert (await refreshed(directory, older)).status_code == 401
    assert (await refreshed(directory, newer["refresh_token"])).status_code == 401
    assert (await refreshed(directory, strong["refresh_token"])).status_code == 200


async def test_an_old_session_adds_no_first_factor(directory: DirectoryUnderTest, clock: Clock) -> None:
    tokens = await signed_in(directory)
    clock.offset += FRESH + timedelta(seconds=1)
    refused = await directory.call("POST", f"{FACTORS}/authenticator", token=tokens["token"])
    assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (403, "sign-in-too-old")
    fresh = await signed_in(directory)
    assert (await directory.call("POST", f"{FACTORS}/authenticator", token=fresh["token"])).status_code == 200


async def test_whoever_has_a_factor_changes_nothing_without_giving_it_just_now(
    directory: DirectoryUnderTest, clock: Clock
) -> None:
    added, (again, phone) = await _enrolled_and_back(directory, clock)
    changes = [
        ("DELETE", f"{FACTORS}/authenticator"),
        ("POST", f"{FACTORS}/authenticator"),
        ("POST", f"{FACTORS}/recovery-codes"),
    ]
    for method, path in changes:
        refused = await directory.call(method, path, token=again["token"])
        assert refused.status_code == 403
        assert refused.json()["type"].endswith(":second-factor-required")

    clock.offset += FRESH
    for method, path in changes:  # it was given in that session, and long ago
        assert (await directory.call(method, path, token=added["session"]["token"])).status_code == 403

    strong = (await given(directory, again["token"], phone.code())).json()
    for method, path in reversed(changes):
        answer = await directory.call(method, path, token=strong["token"])
        assert answer.is_success, answer.text


async def test_a_second_factor_counts_for_half_a_day_and_is_then_given_again(
    directory: DirectoryUnderTest, clock: Clock
) -> None:
    city = await directory.city()
    tokens = await an_officer(directory, city)
    phone, added = await with_authenticator(directory, tokens["token"], clock)
    strong = (await refreshed(directory, added["session"]["refresh_token"])).json()
    assert (await verified(directory, strong["token"])).grants

    async with directory.database.transaction() as tx:
        ago = {"ago": STRONG_FOR + STEP}
        await tx.execute(
            text("UPDATE session SET strengthened_at = strengthened_at - CAST(:ago AS interval)"), ago
        )
    later = (await refreshed(directory, strong["refresh_token"])).json()
    principal = await verified(directory, later["token"])
    assert not principal.grants
    assert principal.withheld == {Role.city_officer}

    again = (await given(directory, later["token"], phone.code())).json()
    assert (await verified(directory, again["token"])).grants


async def test_an_authenticator_is_replaced_by_the_next_one_once_that_is_confirmed(
    directory: DirectoryUnderTest, clock: Clock
) -> None:
    tokens = await signed_in(directory)
    old, added = await with_authenticator(directory, tokens["token"], clock)
    new = await set_up(directory, added["session"]["token"], clock)
    strong = await given(directory, added["session"]["token"], old.code())
    assert strong.status_code == 200  # the old one counts until then
    replaced = await confirmed(directory, strong.json()["token"], new.code())
    assert replaced.json()["recovery_codes"] is None
    clock.offset += 3 * STEP
    again = await signed_in(directory)
    assert (await given(directory, again["token"], old.code())).status_code == 410
    assert (await given(directory, again["token"], new.code())).status_code == 200


async def test_two_set_ups_at_once_leave_one(directory: DirectoryUnderTest, clock: Clock) -> None:
    sessions = [await signed_in(directory) for _ in range(5)]
    setting_up = (
        directory.call("POST", f"{FACTORS}/authenticator", token=each["token"]) for each in sessions
    )
    answers = await asyncio.gather(*setting_up)
    assert {answer.status_code for answer in answers} == {200}
    confirming = [
        confirmed(directory, tokens["token"], pyotp.TOTP(answer.json()["secret"]).at(clock()))
        for tokens, answer in zip(sessions, answers, strict=True)
    ]
    statuses = sorted(answer.status_code for answer in await asyncio.gather(*confirming))
    assert statuses[:2] == [200, 403] or statuses[:2] == [200, 410]


async def test_a_recovery_code_replaces_the_factor_once_and_the_person_is_told(
    directory: DirectoryUnderTest, clock: Clock
) -> None:
    city = await directory.city()
    tokens = await an_officer(directory, city)
    _, added = await with_authenticator(directory, tokens["token"], clock)
    code = added["recovery_codes"][0]
    sessions = [await signed_in(directory) for _ in range(4)]
    typed = f" {code.lower().replace('-', ' ')} "
    answers = await asyncio.gather(
        *(given(directory, each["token"], typed, "recovery-code") for each in sessions)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 410, 410, 410]
    strong = next(answer.json() for answer in answers if answer.status_code == 200)
    assert (await verified(directory, strong["token"])).has(Role.city_officer)
    assert "Un code de secours a été utilisé" in await subjects(directory)
    assert await actions(directory) == [
        ("factor_added", UUID(city), {"factor": "authenticator"}),
        ("recovery_code_used", UUID(city), {"left": 9}),
    ]
    # With it one sets up another authenticator.
    again = await directory.call("POST", f"{FACTORS}/authenticator", token=strong["token"])
    assert again.status_code == 200


async def test_recovery_codes_are_remade_and_the_former_ones_end(
    directory: DirectoryUnderTest, clock: Clock
) -> None:
    tokens = await signed_in(directory)
    none = await directory.call("POST", f"{FACTORS}/recovery-codes", token=tokens["token"])
    assert none.status_code == 409
    _, added = await with_authenticator(directory, tokens["token"], clock)
    token = added["session"]["token"]
    new = (await directory.call("POST", f"{FACTORS}/recovery-codes", token=token)).json()["recovery_codes"]
    assert len(set(new) | set(added["recovery_codes"])) == 20
    assert (await given(directory, token, added["recovery_codes"][0], "recovery-code")).status_code == 410
    assert (await given(directory, token, new[0], "recovery-code")).status_code == 200
    assert "Nouveaux codes de secours" in await subjects(directory)


async def test_staff_keep_a_factor_and_others_remove_their_last_with_its_codes(
    directory: DirectoryUnderTest, clock: Clock
) -> None:
    tokens = await signed_in(directory)
    _, added = await with_authenticator(directory, tokens["token"], clock)
    city = await directory.city()
    await give(directory, tokens["person_id"], Grant(Role.city_officer, UUID(city)))
    officer = (await refreshed(directory, added["session"]["refresh_token"])).json()
    kept = await directory.call("DELETE", f"{FACTORS}/authenticator", token=officer["token"])
    assert (kept.status_code, kept.json()["type"].rpartition(":")[2]) == (409, "last-factor")
    async with directory.database.transaction() as tx:
        await tx.execute(
            text("DELETE FROM role_grant WHERE person_id = :id"), {"id": UUID(tokens["person_id"])}
        )
    citizen = (await refreshed(directory, officer["refresh_token"])).json()
    gone = await directory.call("DELETE", f"{FACTORS}/authenticator", token=citizen["token"])
    assert gone.status_code == 204
    after = (await refreshed(directory, citizen["refresh_token"])).json()
    left = (await directory.call("GET", FACTORS, token=after["token"])).json()
    assert left == {
        "is_needed": False,
        "is_given": False,
        "authenticator": None,
        "passkeys": [],
        "recovery_codes_left": 0,
        "at_cities": [],
    }
    assert "Un moyen de prouver que c'est vous a été retiré" in await subjects(directory)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "'; --", "\u0000" * 6])
async def test_what_is_no_code_is_refused_by_its_field(directory: DirectoryUnderTest, code: str) -> None:
    tokens = await signed_in(directory)
    answer = await given(directory, tokens["token"], code)
    assert (answer.status_code, answer.json()["field"]) == (422, "code")
    odd = await given(directory, tokens["token"], code or "x" * 51, "recovery-code")
    assert odd.status_code in {410, 422}


async def test_without_a_session_there_is_nothing_to_strengthen(directory: DirectoryUnderTest) -> None:
    for path, body in (
        (f"{FACTORS}/authenticator", None),
        ("/sessions/current/second-factor/code", "123456"),
    ):
        answer = await directory.call("POST", path, "sophie", json=body and {"code": body})
        assert answer.status_code == 403
    assert (await directory.client.get(f"/api/v1{FACTORS}")).status_code == 401

"""Signing in by mail: link and code, once, by whoever has the mail, and nothing learnt by anybody else."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from chassis.clock import utc_now
from chassis.retention import enforce
from services.directory.retention import RULES
from services.directory.sign_in import use_cases
from tests.support.directory import DirectoryUnderTest
from tests.support.signing_in import asked, signed_in, typed

JSON = {"Accept": "application/json"}
ZOE = "zoe@home.example"


async def scalar(directory: DirectoryUnderTest, query: str, **values: Any) -> Any:
    async with directory.database.connection() as connection:
        return (await connection.execute(text(query), values)).scalar_one()


@contextmanager
def recorded(directory: DirectoryUnderTest, seen: list[str]) -> Iterator[None]:
    """The SQL statements that the service sends inside the block."""

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    engine = directory.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def test_the_code_signs_in_the_browser_that_asked_and_makes_a_person(
    directory: DirectoryUnderTest,
) -> None:
    letter = await asked(directory)
    answer = await typed(directory, letter, f" {letter.code[:3].lower()}-{letter.code[3:]} ")

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    tokens = answer.json()
    assert tokens["display_name"] is None
    me = (await directory.call("GET", "/people/me", token=tokens["token"])).json()
    assert me["person_id"] == tokens["person_id"]
    assert await scalar(directory, "SELECT email FROM person") == ZOE


async def test_the_same_person_comes_back_however_the_address_is_written(
    directory: DirectoryUnderTest,
) -> None:
    first = await signed_in(directory)
    second = await signed_in(directory, "  ZOE@Home.Example ")
    assert second["person_id"] == first["person_id"]
    assert second["session_id"] != first["session_id"]


async def test_two_first_sign_ins_at_once_make_one_person(directory: DirectoryUnderTest) -> None:
    letters = [await asked(directory) for _ in range(4)]
    answers = await asyncio.gather(*(typed(directory, letter) for letter in letters))
    assert len({answer.json()["person_id"] for answer in answers}) == 1


async def test_a_page_that_is_only_looked_at_signs_nobody_in(directory: DirectoryUnderTest) -> None:
    letter = await asked(directory)
    for _ in range(3):
        page = await directory.client.get(letter.link, headers={"Accept-Language": "nl"})
        assert page.status_code == 200
        assert ZOE in page.text
        assert "Aanmelden" in page.text
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        assert "set-cookie" not in page.headers
    assert await scalar(directory, "SELECT count(*) FROM session") == 0

    pressed = await directory.client.post(letter.link)
    assert pressed.status_code == 200
    assert await scalar(directory, "SELECT count(*) FROM session") == 1


async def test_the_button_leaves_the_refresh_token_where_no_script_reads_it(
    directory: DirectoryUnderTest,
) -> None:
    letter = await asked(directory)
    pressed = await directory.client.post(letter.link, headers={"Sec-Fetch-Site": "same-origin"})
    cookie = pressed.headers["set-cookie"]
    # Browsers take a cookie of this name only with Secure and Path=/, and without Domain.
    assert cookie.startswith("__Host-cococity-refresh=")
    assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert "domain" not in cookie.lower()
    token = cookie.split(";")[0].partition("=")[2]
    assert token not in pressed.text
    answer = await directory.client.post("/api/v1/sessions/refresh", json={"refresh_token": token})
    assert answer.status_code == 200


async def test_another_site_cannot_press_the_button(directory: DirectoryUnderTest) -> None:
    letter = await asked(directory)
    for site in ("cross-site", "same-site"):
        answer = await directory.client.post(letter.link, headers={"Sec-Fetch-Site": site})
        assert answer.status_code == 403
    assert (await directory.client.post(letter.link, headers=JSON)).status_code == 200


async def test_a_hundred_presses_of_one_link_give_one_session(directory: DirectoryUnderTest) -> None:
    letter = await asked(directory)
    presses = (directory.client.post(letter.link, headers=JSON) for _ in range(100))
    statuses = [answer.status_code for answer in await asyncio.gather(*presses)]
    assert sorted(statuses) == [200] + [410] * 99
    assert await scalar(directory, "SELECT count(*) FROM session") == 1


async def test_link_and_code_are_good_once_together(directory: DirectoryUnderTest) -> None:
    letter = await asked(directory)
    assert (await typed(directory, letter)).status_code == 200
    assert (await typed(directory, letter)).status_code == 410
    for answer in (await directory.client.post(letter.link), await directory.client.get(letter.link)):
        assert answer.status_code == 410
        assert "text/html" in answer.headers["content-type"]


async def test_the_code_alone_is_worth_nothing_in_another_browser(directory: DirectoryUnderTest) -> None:
    letter, other = await asked(directory), await asked(directory, "mallory@evil.example")
    answer = await typed(directory, other, letter.code)
    assert answer.status_code == 410
    assert (await typed(directory, letter)).status_code == 200


async def test_after_five_wrong_codes_the_right_one_is_refused_however_parallel_they_come(
    directory: DirectoryUnderTest,
) -> None:
    letter = await asked(directory)
    wrong = (typed(directory, letter, letter.wrong_code()) for _ in range(20))
    assert {answer.status_code for answer in await asyncio.gather(*wrong)} == {410}
    assert await scalar(directory, "SELECT tries FROM sign_in_request") == 5
    assert (await typed(directory, letter)).status_code == 410


async def test_after_ten_minutes_neither_is_good_and_nothing_is_left(directory: DirectoryUnderTest) -> None:
    letter = await asked(directory)
    late = utc_now() + timedelta(minutes=10)
    async with directory.database.transaction() as tx:
        token = letter.link.rpartition("/")[2]
        assert await use_cases.address_of_link(tx, token, late) is None
    await enforce(directory.database, RULES, late)
    assert await scalar(directory, "SELECT count(*) FROM sign_in_request") == 0
    assert (await directory.client.post(letter.link)).status_code == 410


async def test_nobody_learns_by_asking_whether_an_address_is_known(directory: DirectoryUnderTest) -> None:
    await signed_in(directory)
    statements: dict[str, list[str]] = {}
    for email in (ZOE, "unknown@home.example"):
        seen = statements.setdefault(email, [])
        with recorded(directory, seen):
            answer = await directory.client.post("/api/v1/sign-in/mail", json={"email": email})
        assert answer.status_code == 202
        assert answer.json().keys() == {"browser_secret", "expires_at"}
    known, unknown = statements.values()
    assert known == unknown, "the same work, so the same time"
    assert not any("person" in each for each in known)


async def test_what_lies_in_the_database_signs_nobody_in(directory: DirectoryUnderTest) -> None:
    letter = await asked(directory)
    async with directory.database.connection() as connection:
        rows = [*(await connection.execute(text("SELECT * FROM sign_in_request, limit_count")))]
    assert rows
    secrets = (letter.browser_secret, letter.code, letter.link.rpartition("/")[2])
    assert not any(secret in str(row) for secret in secrets for row in rows)
    assert await scalar(directory, "SELECT count(*) FROM mail") == 0


async def test_who_asks_for_somebodys_mails_keeps_only_their_own_network_from_more(
    directory: DirectoryUnderTest,
) -> None:
    async def ask(email: str, network: str) -> int:
        headers = {"X-Forwarded-For": network}
        answer = await directory.client.post("/api/v1/sign-in/mail", json={"email": email}, headers=headers)
        if answer.status_code == 429:
            assert 0 < int(answer.headers["retry-after"]) <= 3600
        return answer.status_code

    for network in range(4):
        same = [await ask(ZOE, f"192.0.2.{network}") for _ in range(12)]
        assert same == [202] * 10 + [429] * 2
    assert await ask(ZOE, "192.0.2.9") == 429  # forty in all
    one_customer = [await ask(f"p{number}@home.example", f"2001:db8::{number}") for number in range(62)]
    assert one_customer == [202] * 60 + [429] * 2
    assert await ask("somebody@home.example", "2001:db8:1::1") == 202


async def test_who_tried_is_hidden_and_forgotten_after_a_day(directory: DirectoryUnderTest) -> None:
    await directory.client.post("/api/v1/sign-in/mail", json={"email": ZOE})
    assert await scalar(directory, "SELECT count(*) FROM limit_count WHERE length(who) = 32") == 3
    tomorrow = utc_now() + timedelta(days=2)
    await enforce(directory.database, RULES, tomorrow)
    assert await scalar(directory, "SELECT count(*) FROM limit_count") == 0
    assert await scalar(directory, "SELECT count(*) FROM limit_salt") == 0


@pytest.mark.parametrize(
    "email", ["", "zoe", "zoe@", "@home.example", "a@b", "zoé@home.example", "a@b.example\nBcc: c@d.example"]
)
async def test_what_is_no_address_is_refused_by_its_field(directory: DirectoryUnderTest, email: str) -> None:
    answer = await directory.client.post("/api/v1/sign-in/mail", json={"email": email})
    assert answer.status_code == 422
    assert answer.json()["field"] == "email"


async def test_the_mail_is_in_the_language_that_was_asked_for(directory: DirectoryUnderTest) -> None:
    await asked(directory, language="de")
    (mail,) = await directory.mails(ZOE)
    assert mail["Subject"] == "Ihr Code für CoCoCity"


async def test_a_demo_person_who_came_by_mail_first_is_the_same_person(directory: DirectoryUnderTest) -> None:
    by_mail = await signed_in(directory, "sophie@example.be")
    ids = await asyncio.gather(*(directory.person_id("sophie") for _ in range(8)))
    assert set(ids) == {by_mail["person_id"]}

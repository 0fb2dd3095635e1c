"""Signing in and looking after second factors in the portal, without a script, before the real directory."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from uuid import UUID

import httpx
import pyotp
import pytest
from sqlalchemy import text

from chassis.identity import Grant, Role
from services.portal.wording import LANGUAGES
from tests.integration.portal.test_pages import words
from tests.support.directory import Clock, DirectoryUnderTest
from tests.support.factors import STEP, give
from tests.support.signing_in import CODE, refreshed
from tests.support.signing_in import signed_in as by_mail

ZOE = "zoe@home.example"


@pytest.fixture(autouse=True)
def clock(directory: DirectoryUnderTest) -> Clock:
    directory.clock.offset = timedelta(minutes=-13)
    return directory.clock


async def send(browser: httpx.AsyncClient, path: str, do: str, **fields: str) -> httpx.Response:
    return await browser.post(path, data={"do": do, **fields}, follow_redirects=True)


async def signed_in(directory: DirectoryUnderTest, browser: httpx.AsyncClient) -> httpx.Response:
    """The account page, after a code from a mail."""
    form = await send(browser, "/sign-in", "mail", email=ZOE)
    secret = form.text.partition('name="browser_secret" value="')[2].partition('"')[0]
    body = (await directory.mails(ZOE))[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    found = CODE.search(body)
    assert found is not None
    answer = await send(browser, "/sign-in", "code", email=ZOE, browser_secret=secret, code=found[1])
    assert answer.status_code == 200, answer.text
    return answer


def key_of(page: httpx.Response) -> pyotp.TOTP:
    found = re.search(r'name="secret" value="([A-Z2-7]+)"', page.text)
    assert found is not None
    return pyotp.TOTP(found[1])


async def test_from_a_mail_to_a_second_factor_and_back_with_a_code(
    directory: DirectoryUnderTest, browser: httpx.AsyncClient, clock: Clock
) -> None:
    account = await signed_in(directory, browser)
    assert account.url.path == "/account"
    assert account.headers["cache-control"] == "no-store"
    assert "Your account" in words(account.text)
    assert "Give your second factor" not in words(account.text)

    page = await send(browser, "/account", "set-up")
    assert 'src="data:image/svg+xml;base64,' in page.text
    phone = key_of(page)
    wrong = await send(browser, "/account", "confirm", secret=phone.secret, code=phone.at(clock() + 9 * STEP))
    assert wrong.status_code == 410
    assert "This code is wrong" in words(wrong.text)
    codes = await send(browser, "/account", "confirm", secret=phone.secret, code=phone.at(clock()))
    recovery = re.findall(r"<li>([A-Z2-9]{4}(?:-[A-Z2-9]{4}){3})</li>", codes.text)
    assert len(set(recovery)) == 10
    assert "Left: 10" in words((await browser.get("/account")).text)

    signed_out = await send(browser, "/account", "sign-out")
    assert signed_out.url.path == "/sign-in"
    assert (await browser.get("/account")).headers["location"] == "/sign-in?lang=en"
    clock.offset += STEP
    again = await signed_in(directory, browser)
    assert "Give your second factor" in words(again.text)
    refused = await send(browser, "/account", "remove-authenticator")
    assert "give a second factor again" in words(refused.text)
    given = await send(browser, "/account", "give-code", code=phone.at(clock()))
    assert "Your second factor is given." in words(given.text)
    assert "Give your second factor" not in words(given.text)
    removed = await send(browser, "/account", "remove-authenticator")
    assert "It was removed." in words(removed.text)


async def test_staff_are_told_what_is_missing_and_a_recovery_code_helps(
    directory: DirectoryUnderTest, browser: httpx.AsyncClient, clock: Clock
) -> None:
    city = await directory.city()
    await signed_in(directory, browser)
    page = await send(browser, "/account", "set-up")
    phone = key_of(page)
    codes = await send(browser, "/account", "confirm", secret=phone.secret, code=phone.at(clock()))
    (recovery, *_) = re.findall(r"<li>([A-Z2-9-]{19})</li>", codes.text)
    async with directory.database.connection() as connection:
        person = await connection.scalar(text("SELECT id FROM person WHERE email = :zoe"), {"zoe": ZOE})
    await give(directory, str(person), Grant(Role.city_officer, UUID(city)))
    again = await signed_in(directory, browser)
    assert "cannot act for your city" in words(again.text)
    given = await send(browser, "/account", "give-recovery-code", code=recovery.lower())
    assert "Your second factor is given." in words(given.text)
    assert "Left: 9" in words(given.text)
    kept = await send(browser, "/account", "remove-authenticator")
    assert kept.status_code == 409
    assert "Set up another one before you remove this." in words(kept.text)
    fresh = await send(browser, "/account", "remake-codes")
    assert len(re.findall(r"<li>[A-Z2-9-]{19}</li>", fresh.text)) == 10


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_pages_speak_every_language_under_a_policy_without_inline_scripts(
    directory: DirectoryUnderTest, browser: httpx.AsyncClient, language: str
) -> None:
    await signed_in(directory, browser)
    for path in ("/sign-in", "/account"):
        page = await browser.get(f"{path}?lang={language}")
        assert page.status_code == 200
        assert page.headers["content-language"] == language
        policy = page.headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "form-action 'self'" in policy
        assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|style=", page.text)


async def test_another_site_sends_no_form_of_these(
    directory: DirectoryUnderTest, browser: httpx.AsyncClient
) -> None:
    await signed_in(directory, browser)
    for path in ("/sign-in", "/sign-in/challenge", "/account", "/account/challenge/add"):
        refused = await browser.post(path, headers={"Sec-Fetch-Site": "cross-site"})
        assert refused.status_code == 403


@pytest.mark.parametrize("credential", ["", "[]", "{", "null", '{"response": 7}', "\x00"])
async def test_what_is_no_passkey_is_refused_in_words(
    directory: DirectoryUnderTest, browser: httpx.AsyncClient, credential: str
) -> None:
    page = await send(browser, "/sign-in", "passkey", credential=credential)
    assert 400 <= page.status_code < 500
    assert "This passkey was not accepted." in unescape(words(page.text))
    nobody = await browser.post("/account/challenge/add")
    assert nobody.status_code == 401


async def test_the_list_of_sessions_says_which_browser_it_was(
    directory: DirectoryUnderTest, browser: httpx.AsyncClient
) -> None:
    browser.headers["User-Agent"] = "Firefox of the town hall"
    await signed_in(directory, browser)
    async with directory.database.connection() as connection:
        assert await connection.scalar(text("SELECT device FROM session")) == "Firefox of the town hall"


async def test_one_sees_where_one_is_signed_in_and_signs_out_there(
    directory: DirectoryUnderTest, browser: httpx.AsyncClient
) -> None:
    await signed_in(directory, browser)
    tokens = [await by_mail(directory, ZOE) for _ in range(3)]

    page = await browser.get("/account")
    assert page.text.count('value="end-session"') == 3
    assert "(this one)" in words(page.text)
    first = re.search(r'name="session" value="([0-9a-f-]{36})"', page.text)
    assert first is not None
    ended = await send(browser, "/account", "end-session", session=first[1])
    assert "You are signed out there" in words(ended.text)
    assert ended.text.count('value="end-session"') == 2

    rest = await send(browser, "/account", "end-others")
    assert 'value="end-others"' not in rest.text
    for each in tokens:
        assert (await refreshed(directory, each["refresh_token"])).status_code == 401
    assert (await browser.get("/account")).status_code == 200


async def test_nobody_signs_out_somebody_else(
    directory: DirectoryUnderTest, browser: httpx.AsyncClient
) -> None:
    await signed_in(directory, browser)
    other = await by_mail(directory, "tom@home.example")

    for named in (other["session_id"], "nothing"):
        answer = await send(browser, "/account", "end-session", session=named)
        assert "That was not possible" in words(answer.text)

    assert (await refreshed(directory, other["refresh_token"])).status_code == 200


@pytest.mark.parametrize(
    ("language", "said"),
    [("fr", "Où vous êtes connecté"), ("nl", "Waar u bent aangemeld"), ("de", "Wo Sie angemeldet sind")],
)
async def test_sessions_are_listed_in_the_readers_language(
    directory: DirectoryUnderTest, browser: httpx.AsyncClient, language: str, said: str
) -> None:
    await signed_in(directory, browser)
    page = await browser.get(f"/account?lang={language}")
    assert said in words(page.text)
    assert f"/account/data?format=html&amp;lang={language}" in page.text

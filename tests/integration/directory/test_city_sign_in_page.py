"""Signing in at a city's provider in the portal, without a script: before the real directory and provider."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from services.portal.wording import LANGUAGES
from tests.integration.directory.test_account_page import ZOE
from tests.integration.directory.test_account_page import signed_in as signed_in_by_mail
from tests.integration.directory.test_identity_providers import people, with_provider
from tests.integration.portal.test_pages import words
from tests.support.directory import DirectoryUnderTest
from tests.support.openid_provider import OpenIdProvider, openid_provider
from tests.support.servers import Postgres

HABAY = "/sign-in/at/habay"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenIdProvider]:
    with openid_provider(tmp_path_factory.mktemp("provider"), f"https://town.example{HABAY}") as running:
        yield running


@pytest.fixture
async def directory(
    postgres: Postgres, template: str, tmp_path: Path, provider: OpenIdProvider
) -> AsyncIterator[DirectoryUnderTest]:
    async with with_provider(postgres, template, tmp_path, provider) as running:
        yield running


def next_address(page: httpx.Response) -> str:
    """Where the page leads on to by itself, which is where its link leads, too."""
    assert page.status_code == 200, page.text
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page.text)
    assert found is not None
    assert f'<a href="{found[1]}">' in page.text
    return unescape(found[1])


async def back(
    browser: httpx.AsyncClient, provider: OpenIdProvider, login: str, **form: str
) -> httpx.Response:
    """What the browser is shown when it comes back from the provider."""
    left = await browser.post(HABAY, data=form)
    answer = await provider.signed_in(next_address(left), login)
    return await browser.get(HABAY, params=answer, headers={"Sec-Fetch-Site": "cross-site"})


async def test_who_works_for_a_city_chooses_it_and_signs_in_there(
    browser: httpx.AsyncClient, provider: OpenIdProvider
) -> None:
    assert 'href="/sign-in/at?' in (await browser.get("/sign-in")).text
    choice = await browser.get("/sign-in/at")
    assert "Commune de Habay" in words(choice.text)
    assert f'action="{HABAY}?' in choice.text

    arrived = await back(browser, provider, "jo")

    assert (arrived.status_code, urlsplit(arrived.headers["location"]).path) == (303, "/account")
    assert "You are signed in as Staff jo." in words((await browser.get("/account")).text)
    cookies = [each.partition(";")[0] for each in arrived.headers.get_list("set-cookie")]
    assert 'cococity-departed=""' in cookies


async def test_the_browser_leaves_with_pkce_and_with_a_cookie_no_script_reads(
    browser: httpx.AsyncClient,
) -> None:
    left = await browser.post(HABAY)
    asked = parse_qs(urlsplit(next_address(left)).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [f"https://town.example{HABAY}"]
    assert left.headers["cache-control"] == "no-store"
    ticket, *attributes = left.headers["set-cookie"].split("; ")
    assert ticket.startswith("cococity-departed=")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(attributes)


async def test_another_browser_comes_back_with_nothing(
    directory: DirectoryUnderTest, browser: httpx.AsyncClient, provider: OpenIdProvider
) -> None:
    answer = await provider.signed_in(next_address(await browser.post(HABAY)), "jo")
    browser.cookies.clear()

    refused = await browser.get(HABAY, params=answer)

    assert refused.status_code == 410
    assert "began in another browser" in words(refused.text)
    assert "Commune de Habay" in words(refused.text), "one can begin again"
    assert await people(directory) == 0


async def test_no_other_site_sends_somebody_to_sign_in(browser: httpx.AsyncClient) -> None:
    refused = await browser.post(HABAY, headers={"Sec-Fetch-Site": "cross-site"})
    assert refused.status_code == 403
    assert "set-cookie" not in refused.headers


async def test_who_did_not_sign_in_there_is_told_so_without_the_providers_words(
    browser: httpx.AsyncClient,
) -> None:
    await browser.post(HABAY)
    query = {"error": "access_denied", "error_description": "<b>Call 0900</b>", "state": "x"}
    refused = await browser.get(HABAY, params=query)
    assert refused.status_code == 403
    assert "You did not sign in at your city." in words(refused.text)
    assert "0900" not in refused.text


async def test_an_account_with_the_same_address_is_connected_by_who_is_signed_in_to_it(
    directory: DirectoryUnderTest, browser: httpx.AsyncClient, provider: OpenIdProvider
) -> None:
    await signed_in_by_mail(directory, browser)
    connected = await back(browser, provider, "zoe", connect="yes")
    assert connected.headers["location"].startswith("/account")
    browser.cookies.clear()

    assert (await back(browser, provider, "zoe")).status_code == 303

    held = await people(directory)
    assert held == 1, f"{ZOE} and the account at the provider are one person"


async def test_to_connect_somebody_has_to_be_signed_in_and_a_refusal_says_what_to_do(
    directory: DirectoryUnderTest, browser: httpx.AsyncClient, provider: OpenIdProvider
) -> None:
    sent = await browser.post(HABAY, data={"connect": "yes"})
    assert urlsplit(sent.headers["location"]).path == "/sign-in"
    async with directory.database.transaction() as tx:
        await tx.exec_driver_sql(
            "INSERT INTO person (id, email, language, created_at)"
            " VALUES (gen_random_uuid(), 'kim@habay.example', 'fr', now())"
        )
    refused = await back(browser, provider, "kim")
    assert refused.status_code == 409
    assert "Sign in by mail, then come back here and connect it." in words(refused.text)


async def test_an_unknown_city_is_no_city_and_an_address_alone_leads_to_the_choice(
    browser: httpx.AsyncClient,
) -> None:
    unknown = await browser.post("/sign-in/at/nowhere")
    assert unknown.status_code == 404
    assert "There is no such city here." in words(unknown.text)
    alone = await browser.get(HABAY)
    assert (alone.status_code, urlsplit(alone.headers["location"]).path) == (303, "/sign-in/at")
    for odd in ("%2e%2e%2fpeople", "a%00b", "x" * 300):
        assert (await browser.post(f"/sign-in/at/{odd}")).status_code in {404, 422}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_choice_is_offered_in_every_language(browser: httpx.AsyncClient, language: str) -> None:
    page = await browser.get("/sign-in/at", params={"lang": language})
    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.text
    titles = {"fr": "auprès de votre commune", "nl": "bij uw gemeente", "de": "Bei Ihrer Gemeinde"}
    assert titles.get(language, "Sign in at your city") in words(page.text)

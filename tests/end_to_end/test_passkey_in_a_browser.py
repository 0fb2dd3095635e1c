"""A passkey in a real browser, before the whole system: made, used to sign in, given as a second factor."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from secrets import token_hex
from typing import Any

import httpx
import pytest
from playwright.async_api import BrowserContext, Page, async_playwright, expect

from deploy.one_machine.system import System
from tests.browser.conftest import FLAGS, chromium_path
from tests.browser.test_portal import sideways
from tests.support.signing_in import CODE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
async def context() -> AsyncIterator[BrowserContext]:
    path = chromium_path()
    if path is None:
        pytest.skip("no Chromium here: apt-get install chromium, or set COCOCITY_CHROMIUM to its path")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield await browser.new_context(viewport={"width": 390, "height": 800}, locale="en-GB")
        await browser.close()


@pytest.fixture
async def page(context: BrowserContext) -> Page:
    """On a phone that keeps passkeys, unlocked by its owner."""
    page = await context.new_page()
    devtools = await context.new_cdp_session(page)
    await devtools.send("WebAuthn.enable")
    await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return page


async def code_from_mail(system: System, email: str) -> str:
    """Of the newest mail to them, once it is there."""
    async with httpx.AsyncClient(base_url=system.address, trust_env=False) as client:
        for _ in range(100):
            listed = (await client.get("/mails/api/messages", params={"to": email})).json()["items"]
            if listed:
                mail: Any = (await client.get(f"/mails/api/messages/{listed[0]['id']}")).json()
                if found := CODE.search(mail["text"]):
                    return found[1]
            await asyncio.sleep(0.2)
    raise AssertionError("no mail came")


async def sign_in_by_mail(page: Page, system: System, home: str, email: str) -> None:
    await page.goto(f"{home}/sign-in")
    assert await sideways(page) <= 0
    await page.get_by_label("Your mail address").fill(email)
    await page.get_by_role("button", name="Send me a code").click()
    await page.get_by_label("Code from the mail").fill(await code_from_mail(system, email))
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Your account")


async def test_a_passkey_is_made_and_signs_in_and_is_a_second_factor(page: Page, system: System) -> None:
    home = f"http://localhost:{system.ports.gateway}"
    email = f"zoe-{token_hex(4)}@example.be"
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    await sign_in_by_mail(page, system, home, email)
    await page.get_by_label("What you call it").fill("My phone")
    await page.get_by_role("button", name="Add a passkey").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    assert await page.locator(".codes li").count() == 10
    assert await sideways(page) <= 0
    await page.get_by_role("link", name="I have kept them: go on").click()
    await expect(page.get_by_text("My phone")).to_be_visible()
    assert await sideways(page) <= 0
    await page.get_by_role("button", name="Sign out").click()

    await page.get_by_role("button", name="Sign in with a passkey").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
    await expect(page.get_by_role("button", name="Remove My phone")).to_be_visible()
    await expect(page.get_by_text("Give your second factor")).to_have_count(0)
    await page.get_by_role("button", name="Sign out").click()

    await sign_in_by_mail(page, system, home, email)
    await page.get_by_role("button", name="Use a passkey").click()
    await expect(page.get_by_role("status")).to_have_text("Your second factor is given.")
    await page.get_by_role("button", name="Remove My phone").click()
    await expect(page.get_by_role("status")).to_have_text("It was removed.")
    assert complaints == []

"""An invitation answered in a real browser without a script, on a phone and on a desk."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.responses import JSONResponse, Response
from playwright.async_api import Browser, expect

from services.portal.wording import LANGUAGES
from tests.browser.conftest import Visit
from tests.browser.test_portal import sideways
from tests.integration.portal.stand_ins import StandIn, an_offer
from tests.integration.portal.test_invitation_page import ACCEPT, CODE, MAIL, PAGE, READ, REFRESH, SESSION

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def _offered(town: dict[str, StandIn]) -> Iterator[None]:
    directory = town["directory"]
    before = dict(directory.answers)
    directory.answers |= {
        READ: an_offer(role="merchant", place_name="Boulangerie Rigaux & fils", hands_over=True),
        MAIL: JSONResponse({"browser_secret": "the-secret-of-this-browser"}, 202),
        CODE: SESSION,
        REFRESH: SESSION,
        ACCEPT: Response(status_code=204),
    }
    yield
    directory.answers.clear()
    directory.answers |= before


@pytest.mark.parametrize("width", [320, 1200])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_no_step_is_too_wide_for_any_screen(visit: Visit, width: int, language: str) -> None:
    await visit.page.set_viewport_size({"width": width, "height": 700})
    page = await visit.to(f"{PAGE}?lang={language}")
    buttons = page.locator(".buttons button")
    for step in ("offer", "who", "code"):
        assert await sideways(page) <= 0, step
        await visit.picture(f"invitation-{step}-{language}-{width}")
        for field in ("email", "code"):
            if await page.locator(f"input#{field}").count():
                await page.locator(f"input#{field}").fill(
                    "zoe@home.example" if field == "email" else "AB23CD"
                )
        async with page.expect_navigation(wait_until="networkidle"):
            await buttons.first.click()
    await expect(page.get_by_role("status")).to_be_visible()
    assert await page.locator("html").get_attribute("lang") == language


async def test_a_role_is_taken_with_the_keyboard_and_without_a_script(browser: Browser, address: str) -> None:
    context = await browser.new_context(java_script_enabled=False, locale="en-GB")
    page = await context.new_page()
    await page.goto(address + PAGE)
    await expect(page.get_by_role("heading", level=1)).to_have_text("You are invited")
    await page.get_by_role("button", name="Accept …").press("Enter")
    await page.get_by_label("Your mail address").fill("zoe@home.example")
    await page.keyboard.press("Enter")
    await page.get_by_label("Code from the mail").fill("AB23CD")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_have_text(
        "You have this role from now on. Whoever invited you is told."
    )
    (cookie,) = await context.cookies()
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == ("cococity-refresh", True, "Lax")
    await page.goto(address + PAGE)
    await page.get_by_role("button", name="Accept …").press("Enter")
    await expect(page.get_by_role("button", name="Accept as this person")).to_be_visible()
    await context.close()

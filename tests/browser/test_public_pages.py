"""A visitor's way through a town in a real browser, with a script and without."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import Visit
from tests.integration.portal.living_town import A_LONG_NAME, CAMPAIGN, NIS, SHOP

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("full_town")]


async def test_a_visitor_finds_a_shop_and_the_visit_is_told(visit: Visit) -> None:
    page = await visit.to("/")
    await page.get_by_role("link", name="Habay", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Habay")
    await expect(page.get_by_role("img", name="Map of the districts")).to_be_visible()
    await page.get_by_label("Name, kind or street").fill("pain")
    await page.keyboard.press("Enter")
    async with page.expect_request("**/api/v1/visits") as told:
        await page.get_by_role("link", name=A_LONG_NAME).click()
    assert (await told.value).post_data_json == {"merchant_id": SHOP, "kind": "page"}
    await expect(page.get_by_role("img", name="5 of 5 stars")).to_be_visible()
    await page.wait_for_load_state("networkidle")
    await page.set_viewport_size({"width": 390, "height": 800})
    await visit.to(f"/campaigns/{CAMPAIGN}")
    await expect(page.get_by_role("progressbar", name="Reviews")).to_be_visible()
    await page.set_viewport_size({"width": 1200, "height": 800})


async def test_all_of_it_works_without_a_script_and_by_keyboard(browser: Browser, address: str) -> None:
    context = await browser.new_context(java_script_enabled=False, locale="en-GB")
    page = await context.new_page()
    await page.goto(f"{address}/towns/{NIS}")
    await page.get_by_label("Kind", exact=True).focus()
    await page.keyboard.press("b")  # Bakery
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**kind=shop%3Dbakery**open=now**")
    await expect(page.get_by_label("Open now")).to_be_checked()
    await page.get_by_role("link", name=A_LONG_NAME).first.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text(A_LONG_NAME)
    await page.get_by_role("button", name="Follow").focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/sign-in?next=**")
    await expect(page.get_by_label("Your mail address")).to_be_visible()
    await context.close()

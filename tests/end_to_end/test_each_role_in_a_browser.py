"""Each person of the demo signs in by one click, and finds the town's weeks on their pages."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, Page, expect

from demo import town as demo_town
from demo.gateway import Gateway
from deploy.one_machine.system import System
from tests.browser.conftest import browser
from tests.end_to_end.journeys import city_id
from tests.end_to_end.test_pages_of_a_running_town import picture

__all__ = ["browser"]
pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(240)]
DESK, TALL, TELEPHONE = (1200, 900), (1200, 1700), (390, 800)


async def visitor(browser: Browser, size: tuple[int, int]) -> Page:
    width, height = size
    return await browser.new_page(viewport={"width": width, "height": height}, locale="en-GB")


async def signed_in(browser: Browser, town: System, person: str, size: tuple[int, int] = DESK) -> Page:
    page = await visitor(browser, size)
    await page.goto(f"{town.address}/sign-in?lang=en")
    await page.locator(f'button[value="{person}"]').click()
    await expect(page.get_by_role("link", name="Account", exact=True)).to_be_visible()
    return page


async def shown(page: Page, town: System, path: str, heading: str, name: str = "") -> None:
    """Whole, with nothing missing, under that heading; kept as a picture where it has a name."""
    answer = await page.goto(f"{town.address}{path}?lang=en", wait_until="networkidle")
    assert answer is not None
    assert answer.status == 200, path
    await expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(heading))
    await expect(page.locator("main")).not_to_contain_text("This part is not available now.")
    if name:
        await picture(page, name)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is too wide"


async def test_anybody_finds_the_town_and_its_shops(town: System, gateway: Gateway, browser: Browser) -> None:
    (shop,) = (await gateway.token_of(demo_town.ASSESSED)).merchants[:1]
    page = await visitor(browser, DESK)
    await shown(page, town, "/", "A town recommends", "landing")
    await shown(page, town, f"/towns/{demo_town.NIS_CODE}", "Habay", "town")
    await page.set_viewport_size({"width": TELEPHONE[0], "height": TELEPHONE[1]})
    await shown(page, town, f"/merchants/{shop}", "Au Pain Doré", "shop-on-a-phone")
    await page.close()


async def test_a_merchant_sees_what_grew_and_what_moved(
    town: System, gateway: Gateway, browser: Browser
) -> None:
    (shop,) = (await gateway.token_of(demo_town.ASSESSED)).merchants[:1]
    taken = await gateway.read("/api/v1/assessments", person=demo_town.ASSESSED, merchant=shop)
    page = await signed_in(browser, town, demo_town.ASSESSED, TALL)
    await shown(page, town, f"/shops/{shop}", "Your audience", "audience")
    await shown(page, town, f"/shops/{shop}/feed", "News")
    await shown(
        page, town, f"/shops/{shop}/assessment/{taken['items'][0]['id']}", "Where your shop stands", "result"
    )
    await page.close()


async def test_staff_finds_what_there_is_to_do(town: System, gateway: Gateway, browser: Browser) -> None:
    city = await city_id(gateway)
    officer = await signed_in(browser, town, demo_town.OFFICER)
    await shown(officer, town, f"/desk/cities/{city}", "Habay", "desk")
    await shown(officer, town, f"/desk/cities/{city}/moderation", ".", "moderation")
    await officer.close()
    operator = await signed_in(browser, town, demo_town.OPERATOR)
    await shown(operator, town, "/desk/operations", ".")
    await operator.close()


async def test_a_consultant_finds_the_gaps_enters_a_form_by_keyboard_and_sees_who_comes(
    town: System, browser: Browser
) -> None:
    page = await signed_in(browser, town, "anna", TALL)
    await shown(page, town, "/desk/programme", "Commerce connecté", "programme")
    await page.get_by_role("link", name="Habay").click()
    await page.get_by_role("link", name="Être trouvé par ses clients").click()
    await page.get_by_role("link", name="Enter forms on paper").click()
    told = await page.get_by_text("Forms so far:").inner_text()
    forms = int(re.findall(r"Forms so far: (\d+)", told)[0])
    await page.locator("#q-maps-profile").focus()
    for key in "22222":  # each leads on by itself
        await page.keyboard.press(key)
    for typed in ("3", "Enter", "4", "Enter", "1", "Enter"):
        await page.keyboard.press(typed)
    await expect(page.get_by_text(f"Forms so far: {forms + 1}")).to_be_visible()
    await picture(page, "forms-on-paper")
    await shown(page, town, "/desk/sessions", "Sessions")
    await page.get_by_role("link", name="Fêtes de fin d'année").click()
    await page.get_by_role("link", name="Who comes").click()
    await page.get_by_label("Name of the shop").fill("Toupie")
    await page.get_by_role("button", name="Look it up").click()
    await page.get_by_role("button", name="Register La Toupie Bleue").click()
    await expect(page.get_by_role("button", name="La Toupie Bleue: take off the list")).to_be_visible()
    await page.get_by_label("Shop at the door").fill("pain")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status").filter(has_text="1 came")).to_be_visible()
    await page.get_by_role("button", name="La Toupie Bleue: take off the list").click()
    await expect(page.get_by_role("button", name="La Toupie Bleue: take off the list")).to_have_count(0)
    await shown(page, town, "/desk/calls", "Call list: Habay")
    await expect(page.get_by_text("A consultant’s visit · Deutsch")).to_be_visible()
    await shown(page, town, "/desk/groups", "Coaching groups: Habay")
    await page.get_by_role("row", name="Strategy and skills").get_by_role("link").click()
    await expect(page.get_by_text("Seats are offered")).to_be_visible()
    await page.close()

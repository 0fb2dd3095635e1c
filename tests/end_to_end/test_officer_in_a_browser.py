"""An officer plans a campaign to its announcement, and adds to the town's shops, districts and letters."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect

from demo import town as demo_town
from demo.gateway import Gateway, accepted
from deploy.one_machine.system import System
from tests.browser.conftest import browser
from tests.end_to_end.journeys import city_id
from tests.end_to_end.test_each_role_in_a_browser import DESK, signed_in
from tests.end_to_end.test_pages_of_a_running_town import picture

__all__ = ["browser"]
pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(300)]
SHEET = """nom;rue;numero;code postal;localite;type
L’Atelier de Zoé;Grand-Rue;3;6720;Habay-la-Neuve;shop=gift
Sans rue;;;;;
"""
SECONDS = 30_000
"""Milliseconds until a worker has done its part, on a busy machine."""


async def press(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name, exact=True).click()
    await page.wait_for_load_state("networkidle")


async def appears(page: Page, text: str) -> None:
    """What workers do is shown by itself."""
    await expect(page.locator("main")).to_contain_text(text, timeout=SECONDS)


async def test_a_pilot_is_planned_checked_and_announced(
    town: System, gateway: Gateway, browser: Browser
) -> None:
    city = await city_id(gateway)
    page = await signed_in(browser, town, demo_town.OFFICER, DESK)
    await page.goto(f"{town.address}/desk/cities/{city}/campaigns/new?lang=en")
    await page.get_by_label("One street, two weeks").check()
    await press(page, "Begin the draft")
    campaign = page.url.split("/edit")[0].rpartition("/")[2]
    path = f"/api/v1/campaigns/{campaign}"

    # Somebody else changes it while the form is open: the second is told, and decides.
    changed = await gateway.ask(
        "PATCH", path, person=demo_town.OFFICER, json={"name": "Autrement"}, headers={"If-Match": '"1"'}
    )
    accepted(changed)
    await page.get_by_label("Name", exact=True).fill("Our street")
    await press(page, "Save and continue")
    await expect(page.get_by_role("alert")).to_contain_text("Somebody else changed this campaign")
    await expect(page.locator("main")).to_contain_text("Autrement")
    await press(page, "Save and continue")
    await page.get_by_label("Anlier", exact=True).check()
    await press(page, "Save and continue")

    await page.get_by_label("What, and where").select_option("google/review")
    await page.get_by_label("Points and badges").check()
    await press(page, "See whether that is allowed")
    await expect(page.locator("[role=status]")).to_contain_text("Refused")
    await expect(page.locator("[role=status]").get_by_role("link").first).to_be_visible()
    await picture(page, "what-citizens-are-asked-for")
    await page.get_by_label("No reward").check()
    await press(page, "Ask for it")
    await press(page, "Continue")
    for _ in ("goals", "texts", "analysis", "responsible"):
        await press(page, "Save and continue")
    await expect(page.locator("main")).to_contain_text("Review · Google · No reward")
    await press(page, "Announce it")
    await expect(page.get_by_role("status")).to_contain_text("It is announced.")
    shown = await gateway.read(path, person=demo_town.OFFICER)
    assert (shown["state"], shown["name"], len(shown["policy"])) == ("scheduled", "Our street", 2)
    await page.get_by_label("I am sure").check()
    await press(page, "Call it off")
    await page.close()


async def test_a_sheet_a_district_and_its_letters(town: System, gateway: Gateway, browser: Browser) -> None:
    desk = f"{town.address}/desk/cities/{await city_id(gateway)}"
    page = await signed_in(browser, town, demo_town.OFFICER, DESK)
    await page.goto(f"{desk}/imports?lang=en")
    sheet = FilePayload(name="shops.csv", mimeType="text/csv", buffer=SHEET.encode())
    await page.set_input_files("#file", [sheet])
    await press(page, "See what would change")
    await press(page, "See what would change")
    await appears(page, "Nothing has changed.")
    await expect(page.locator("main")).to_contain_text("Nobody knows where it is")
    await press(page, "Let it change this")
    await appears(page, "It is done.")

    await page.goto(f"{desk}/shops?q=Atelier+de+Zo&lang=en")
    await page.get_by_role("link", name="L’Atelier de Zoé").click()
    await page.get_by_label("Telephone").fill("063 42 20 01")
    await press(page, "Save")
    await expect(page.get_by_label("Telephone")).to_have_value(re.compile(r"63 ?42"))

    await page.goto(f"{desk}/districts?lang=en")
    await page.locator("[data-points] svg").focus()
    for key in ("Enter", *["ArrowRight"] * 4, "Enter", *["ArrowDown"] * 4, "Enter"):
        await page.keyboard.press(key)
    await page.get_by_label("Name").fill("Drawn by keys")
    await press(page, "See it")
    await press(page, "Draw it")
    await page.get_by_role("link", name="Drawn by keys", exact=True).click()
    await page.get_by_label("I am sure").check()
    await press(page, "Remove it")
    await expect(page.get_by_role("status")).to_contain_text("It is removed.")

    await page.goto(f"{desk}/print?lang=en")
    await page.get_by_label("District").select_option(label="Habay-la-Vieille")
    await press(page, "Prepare them")
    await appears(page, "Part 1 of 1")
    address = await page.get_by_role("link", name="Part 1 of 1").get_attribute("href")
    letters = await page.request.get(f"{town.address}{address}")
    assert (await letters.body())[:4] == b"%PDF"
    await page.get_by_label("I am sure").check()
    await press(page, "Revoke their codes")
    await page.close()

"""An officer plans a campaign to its announcement, and adds to the town's shops, districts and letters.

One of another city decides the appeals of the town, which named theirs for that.
"""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect

from demo import town as demo_town
from demo.gateway import Gateway, accepted
from deploy.one_machine.system import System
from tests.browser.conftest import browser
from tests.end_to_end.journeys import city_id, unclaimed_shop, until
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


async def test_an_officer_of_the_named_city_decides_its_appeals_and_sees_nothing_else(
    town: System, gateway: Gateway, browser: Browser
) -> None:
    city, deputy, shop = (
        await city_id(gateway),
        await _a_deputy_city(gateway, "lea"),
        await unclaimed_shop(gateway),
    )
    posted = {"merchant_id": shop.id, "rating": 2, "text": "Voir www.example.be", "language": "fr"}
    review = await _do(gateway, "sophie", "POST", "contributions/reviews", posted)
    cases = {"city": city, "kind": "first"}
    waits = gateway.read_all("/api/v1/moderation/cases", person=demo_town.OFFICER, **cases)
    (case,) = [each["id"] async for each in waits if each["contribution"]["id"] == review["id"]]
    removed = {"outcome": "removed", "ground": "advertising", "statement": "Un autre site."}
    await _do(gateway, demo_town.OFFICER, "POST", f"moderation/cases/{case}/decision", removed)
    await _do(gateway, "sophie", "POST", f"contributions/{review['id']}/appeal", {"text": "C’est leur site."})
    named = {"deputy_city_id": deputy}
    await _do(gateway, demo_town.OFFICER, "PUT", f"moderation/deputies/{city}", named)

    page = await signed_in(browser, town, "lea", DESK)
    await page.goto(f"{town.address}/desk/cities/{city}/moderation?lang=en")
    await expect(page.locator("main")).to_contain_text("This town named yours to decide its appeals")
    await expect(page.get_by_role("navigation", name="Pages of the city")).to_have_count(0)
    await page.locator(".cases a").last.click()
    await expect(page.locator("main")).to_contain_text("C’est leur site.")
    await press(page, "Publish it")
    await expect(page.get_by_role("status")).to_contain_text("Decided; author and reporters are told.")
    assert (await gateway.read(f"/api/v1/contributions/{review['id']}"))["standing"] == "published"
    await page.close()


async def _a_deputy_city(gateway: Gateway, officer: str) -> str:
    """Liège takes part, and that person has become its officer."""
    responsible = {"name": "Léa Fontaine", "role": "Échevine du commerce"}
    city = await _do(
        gateway, demo_town.OPERATOR, "POST", "cities", {"nis_code": "62063", "responsible": responsible}
    )
    to = f"{officer}@example.be"
    invited = {"role": "city_officer", "city_id": city["id"], "email": to, "language": "nl"}
    await _do(gateway, demo_town.OPERATOR, "POST", "invitations", invited)

    async def token() -> str:
        listed = (await gateway.read("/mails/api/messages", limit=1000))["items"]
        for mail in (each for each in listed if each["to"] == [to]):
            text = str(await gateway.read(f"/mails/api/messages/{mail['id']}"))
            if found := re.search(r"/invitations?[#/]([\w.-]{20,})", text):
                return found[1]
        return ""

    read = await until(token, bool, "the mail with the invitation")
    await _do(gateway, officer, "POST", "invitations/accept", {"token": read})
    gateway.forget_token_of(officer)
    return str(city["id"])


async def _do(gateway: Gateway, person: str, method: str, path: str, body: dict[str, Any]) -> Any:
    key = str(uuid4())
    return accepted(await gateway.ask(method, f"/api/v1/{path}", person=person, key=key, json=body))

"""From the code in a shop's window to what is published: on a telephone without a script."""

from __future__ import annotations

import io
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from secrets import token_hex

import pytest
from PIL import Image
from playwright.async_api import Browser, Page, expect

from demo.gateway import Gateway
from deploy.one_machine.system import System
from tests.browser.conftest import browser
from tests.browser.test_portal import sideways
from tests.end_to_end.journeys import city_id, fresh_shop
from tests.end_to_end.test_pages_of_a_running_town import picture
from tests.end_to_end.test_passkey_in_a_browser import code_from_mail

__all__ = ["browser"]
pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(240)]


@dataclass
class Telephone:
    """A page on a small screen, and what it took to get on with it."""

    page: Page
    taps: int = 0
    pages: int = 0

    async def tap(self, role: str, name: str) -> None:
        self.taps += 1
        await self.page.locator("main").get_by_role(role, name=name).first.click()  # type: ignore[arg-type]

    async def write(self, label: str, text: str) -> None:
        self.taps += 1
        await self.page.get_by_label(label).fill(text)


@pytest.fixture
async def telephone(browser: Browser) -> AsyncIterator[Telephone]:
    context = await browser.new_context(
        viewport={"width": 390, "height": 800}, locale="en-GB", java_script_enabled=False
    )
    telephone = Telephone(await context.new_page())

    def came(_: object) -> None:
        telephone.pages += 1

    telephone.page.on("load", came)
    yield telephone
    await context.close()


async def sign_in(telephone: Telephone, town: System) -> None:
    email = f"zoe-{token_hex(4)}@example.be"
    await telephone.write("Your mail address", email)
    await telephone.tap("button", "Send me a code")
    await telephone.write("Code from the mail", await code_from_mail(town, email))
    await telephone.tap("button", "Sign in")


def a_photo() -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (1200, 900), (196, 120, 60)).save(kept, "JPEG")
    return kept.getvalue()


async def test_a_first_review_takes_less_than_a_minute_sign_in_included(
    town: System, gateway: Gateway, telephone: Telephone
) -> None:
    shop, page = await fresh_shop(gateway, "marc", "fr", mail=False), telephone.page
    window = await gateway.read(f"/api/v1/share-links/merchants/{shop.id}", person="marc")
    began = time.monotonic()

    await page.goto(window["address"])
    await telephone.tap("link", "Write a review")
    await sign_in(telephone, town)
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"Your review of {shop.name}")
    assert await sideways(page) <= 0
    await telephone.tap("radio", "excellent")
    await telephone.write("What you would tell a friend", "The owner knows every tea by its garden.")
    await telephone.tap("checkbox", "I promise this")
    await telephone.tap("radio", "18 or older")
    await telephone.tap("button", "Publish")
    await expect(page.get_by_role("status")).to_contain_text("Published. It counts for “Le mois")
    seconds = time.monotonic() - began
    print(f"a first review: {telephone.taps} taps, {telephone.pages} pages, {seconds:.1f} s")
    assert telephone.taps <= 10
    assert telephone.pages <= 5
    assert seconds < 60
    await picture(page, "review-posted")

    await page.get_by_role("link", name="Add a photo").click()
    await page.get_by_label("The photo").set_input_files(
        {"name": "tea.jpg", "mimeType": "image/jpeg", "buffer": a_photo()}
    )
    await page.get_by_label("What it shows").fill("The shelf with the teas")
    await page.get_by_role("button", name="Publish").click()
    await expect(page.get_by_role("img", name="The shelf with the teas")).to_be_visible()
    assert await page.get_by_role("img", name="The shelf with the teas").evaluate("it => it.naturalWidth") > 0

    await page.locator("main").get_by_role("link", name="What I contributed").first.click()
    await expect(page.get_by_role("link", name=f"Review: {shop.name}")).to_be_visible()
    await expect(page.get_by_role("link", name=f"Photo: {shop.name}")).to_be_visible()


async def test_what_waits_says_why_and_is_mended_and_withdrawn(
    town: System, gateway: Gateway, telephone: Telephone
) -> None:
    shop, page = await fresh_shop(gateway, "marc", "fr", mail=False), telephone.page
    running = await gateway.read("/api/v1/campaigns", city=await city_id(gateway), state="running")
    (campaign,) = running["items"]

    await page.goto(f"{town.address}/campaigns/{campaign['id']}?lang=en")
    await telephone.tap("link", "Join in")
    await sign_in(telephone, town)
    await telephone.tap("checkbox", "I promise this")
    await telephone.tap("button", "Join")
    await expect(page.get_by_role("alert")).to_contain_text("Say how old you are.")
    await telephone.tap("radio", "18 or older")
    await telephone.tap("button", "Join")
    await expect(page.get_by_role("heading", level=1)).to_have_text("You are in")

    await page.goto(f"{town.address}/merchants/{shop.id}/review?lang=en")
    await telephone.tap("radio", "poor")
    await telephone.write("What you would tell a friend", "More at http://spam.example")
    await telephone.tap("button", "Publish")
    await expect(page.get_by_role("status")).to_contain_text("Waiting.")
    await expect(page.get_by_role("status")).to_contain_text("The text holds a web or mail address.")

    await page.goto(f"{town.address}/merchants/{shop.id}/review?lang=en")
    await telephone.tap("radio", "3 / 5: good")
    await telephone.tap("button", "Publish")
    await telephone.tap("link", "Change that review")
    await page.get_by_text("Change it", exact=True).click()
    await telephone.write("What you would tell a friend", "Friendly, and a fair price.")
    await telephone.tap("button", "Save the change")
    await expect(page.get_by_role("status").first).to_have_text("Your change is saved.")
    await expect(page.get_by_text("Friendly, and a fair price.").first).to_be_visible()

    await telephone.tap("button", "Make my link to this shop")
    await expect(page.get_by_role("img", name="Code that leads to")).to_be_visible()
    await telephone.tap("link", "Points and badges")
    await expect(page.get_by_role("heading", name="Points and badges")).to_be_visible()

    await page.locator("main").get_by_role("link", name="What I contributed").first.click()
    await telephone.tap("link", f"Review: {shop.name}")
    await page.get_by_text("Withdraw it", exact=True).click()
    await telephone.tap("button", "Yes, withdraw it")
    await expect(page.get_by_role("status")).to_have_text("It is withdrawn.")
    await expect(page.get_by_text("Withdrawn.", exact=True)).to_be_visible()


async def test_a_review_begun_without_network_is_kept_and_sent_once_there_is_one(
    town: System, gateway: Gateway, browser: Browser
) -> None:
    shop = await fresh_shop(gateway, "marc", "fr", mail=False)
    context = await browser.new_context(viewport={"width": 390, "height": 800}, locale="en-GB")
    page = await context.new_page()
    await page.goto(f"{town.address}/merchants/{shop.id}/review?lang=en")
    await sign_in(Telephone(page), town)
    await page.wait_for_function(
        "navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller !== null)"
    )
    await page.get_by_role("radio", name="5 / 5").check()
    await context.set_offline(True)
    await page.get_by_role("button", name="Publish").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("There is no network")
    await expect(page.get_by_role("heading", name="Waiting to be sent")).to_be_visible()
    await context.set_offline(False)
    await expect(page.get_by_text("What was kept has been sent.")).to_be_visible(timeout=30_000)
    await page.get_by_role("link", name="See it").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"Your review: {shop.name}")
    (posted,) = (await gateway.read("/api/v1/contributions", merchant=shop.id, kind="review"))["items"]
    assert posted["rating"] == 5
    await context.close()

"""A shop's owner, from the code of the letter to a plan: in a browser, before a running town."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from io import BytesIO
from secrets import token_hex

import pytest
from playwright.async_api import Browser, Page, expect
from pypdf import PdfReader

from demo import town as demo_town
from demo.effects import wait_until_read
from demo.gateway import Gateway, accepted
from demo.pictures import shop_front, with_picture
from deploy.one_machine.system import System
from tests.browser.conftest import browser
from tests.browser.test_portal import sideways
from tests.end_to_end.journeys import EFFECT_SECONDS, Shop, city_id, review, unclaimed_shop, until
from tests.end_to_end.test_passkey_in_a_browser import code_from_mail

__all__ = ["browser"]
pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(240)]
_CODE = re.compile(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}")


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context(viewport={"width": 390, "height": 800}, locale="en-GB")
    yield await context.new_page()
    await context.close()


async def code_of_letter(gateway: Gateway, shop: Shop) -> str:
    """As it is printed on the letter to the shop."""
    path = f"/api/v1/cities/{await city_id(gateway)}/letters"
    body = {"merchant_ids": [shop.id], "language": "fr"}
    officer = demo_town.OFFICER
    run = accepted(await gateway.ask("POST", path, key=f"letter-{shop.id}", json=body, person=officer))["id"]
    await until(
        lambda: gateway.read(f"{path}/{run}", person=officer),
        lambda told: told["state"] == "done",
        "the letter",
    )
    printed = await gateway.ask("GET", f"{path}/{run}/pdf", person=officer)
    words = PdfReader(BytesIO(printed.content)).pages[0].extract_text()
    return str(_CODE.findall(words)[0])


async def sign_in(page: Page, town: System) -> None:
    email = f"owner-{token_hex(4)}@example.be"
    await page.get_by_label("Your mail address").fill(email)
    await page.get_by_role("button", name="Send me a code").click()
    await page.get_by_label("Code from the mail").fill(await code_from_mail(town, email))
    await page.get_by_role("button", name="Sign in", exact=True).click()


async def test_a_shop_is_taken_over_and_hears_of_its_audience_as_it_grows(
    town: System, gateway: Gateway, page: Page
) -> None:
    shop = await unclaimed_shop(gateway)
    code = await code_of_letter(gateway, shop)

    await page.goto(f"{town.address}/claim?lang=en")
    await sign_in(page, town)
    await page.get_by_label("Name of the shop").fill(shop.name)
    await page.get_by_role("button", name="Look it up").click()
    await page.get_by_label("Code from the letter").fill("AAAA-AAAA-AAAA-AAAA")
    await page.get_by_role("button", name="This is my shop").click()
    await expect(page.get_by_role("alert")).to_contain_text("code")
    await page.get_by_label("Code from the letter").fill(code.lower())
    await page.get_by_role("button", name="This is my shop").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Your audience")
    await expect(page.get_by_text("Nobody has spoken for this shop yet.")).to_be_visible()

    await page.get_by_role("link", name="News").click()
    await expect(page.get_by_text("Nothing yet.")).to_be_visible()
    await review(gateway, "sophie", shop)
    await expect(page.get_by_role("heading", name="1 review")).to_be_visible(timeout=20_000)
    await page.get_by_role("button", name="I have read them").click()
    await expect(page.get_by_role("button", name="I have read them")).to_have_count(0)

    await page.get_by_role("link", name="Audience").click()
    await expect(page.get_by_role("img", name="Week by week")).to_be_visible()
    assert await sideways(page) <= 0

    await page.get_by_role("navigation", name="Pages of the shop").get_by_role("link", name="Reviews").click()
    await page.get_by_label("Your answer").fill("Thank you, the next cup is on its way.")
    await page.get_by_role("button", name="Answer in public").click()
    await expect(page.locator(".said")).to_contain_text("the next cup")

    await shown(gateway, "sophie", shop)
    await page.get_by_role("navigation", name="Pages of the shop").get_by_role("link", name="Photos").click()
    await page.get_by_role("button", name="Use this photo (The counter)").click()
    await expect(page.get_by_text("Its author is thanked for it.")).to_be_visible()
    await expect(page.locator("#attribution")).to_have_text(re.compile(r"^© Sophie, CC BY 4\.0: https://"))
    async with page.expect_download() as taken:
        await page.get_by_role("link", name="Download (WebP, ").click()
    assert (await (await taken.value).path()).stat().st_size > 1000
    assert await sideways(page) <= 0
    await page.goto(f"{town.address}/merchants/{shop.id}?lang=en")
    await expect(page.get_by_text("the next cup is on its way")).to_be_visible()


async def shown(gateway: Gateway, person: str, shop: Shop) -> None:
    """In a photo that the shop may use."""
    said = {"merchant_id": shop.id, "licence": "cc-by-4.0", "people": "none", "alt": "The counter"}
    form = with_picture({**said, "credit": "Sophie"}, shop_front(shop.name))
    path, key = "/api/v1/contributions/photos", f"photo-{shop.id}"
    accepted(
        await gateway.ask("POST", path, person=person, key=key, data=form["data"], headers=form["headers"])
    )


async def listed_by_an_officer(gateway: Gateway, name: str) -> Shop:
    """What was proposed under that name, as soon as it waits on the desk."""
    path = f"/api/v1/cities/{await city_id(gateway)}/merchant-proposals"
    waiting = await until(
        lambda: gateway.read(path, person=demo_town.OFFICER, limit=100),
        lambda told: any(each["name"] == name for each in told["items"]),
        "the proposal",
    )
    (proposal,) = [each["id"] for each in waiting["items"] if each["name"] == name]
    path, place = f"/api/v1/merchant-proposals/{proposal}/accept", {"longitude": 5.648, "latitude": 49.728}
    listed = accepted(await gateway.ask("POST", path, person=demo_town.OFFICER, json=place))
    return Shop(listed["merchant_id"], name, owner="")


async def test_where_a_shop_stands_is_found_out_before_it_is_listed_and_handed_in_once_it_is(
    town: System, gateway: Gateway, page: Page
) -> None:
    name = f"Chez Léa {token_hex(4)}"
    await page.goto(f"{town.address}/?lang=en")
    await page.get_by_role("link", name="Assess your shop").click()
    await page.get_by_role("button", name="Begin “Where does my shop stand?”").click()
    await page.locator("fieldset input").nth(1).check()
    await page.get_by_role("button", name="Go on later").click()
    await expect(page.get_by_text("1 of")).to_be_visible()
    await page.get_by_role("link", name="Show me where I stand").click()
    await page.get_by_role("link", name="Whose shop is it?").click()
    await page.get_by_label("Name of the shop").fill(name)
    await page.get_by_role("button", name="Look it up").click()
    await page.get_by_role("link", name="Propose my shop").click()
    await expect(page.get_by_label("Name of the shop")).to_have_value(name)
    await page.get_by_label("Town").select_option(label="Habay")
    await page.get_by_label("Street").fill("Grand-Rue")
    await page.get_by_label("Postcode").fill("6720")
    await page.get_by_label("What kind of shop").select_option("shop=tea")
    await page.get_by_role("button", name="Propose it").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Your shop waits for the town")
    code = await code_of_letter(gateway, await listed_by_an_officer(gateway, name))
    await wait_until_read(gateway, "assessment", "assessment__merchants", EFFECT_SECONDS)
    await wait_until_read(gateway, "assessment", "assessment__proposals", EFFECT_SECONDS)
    await page.reload()
    await page.get_by_role("link", name="Take it over with the code of its letter").click()
    await sign_in(page, town)
    await page.get_by_label("Code from the letter").fill(code)
    await page.get_by_role("button", name="This is my shop").click()
    await page.get_by_role("link", name="Go on").click()
    await expect(page).to_have_title(re.compile("Question 2"))
    while "/questions/" in page.url:
        await page.locator("fieldset input, input[type=number]").last.scroll_into_view_if_needed()
        if await page.locator("fieldset input").count():
            await page.locator("fieldset input").nth(1).check()
        await page.get_by_role("button", name=re.compile("^(Next|Done)$")).click()
    await page.get_by_role("button", name="Show me where I stand").click()
    await expect(page.get_by_role("heading", name="Why this score")).to_be_visible()
    assert await sideways(page) <= 0

    await page.get_by_role("link", name="My plan").click()
    await page.get_by_label("Hours a week").fill("1")
    await page.get_by_role("button", name="Plan anew").click()
    await expect(page.get_by_label("Hours a week")).to_have_value("1")
    printed = await page.context.request.get(
        town.address + str(await page.get_by_role("link", name="To print").get_attribute("href"))
    )
    assert (printed.status, (await printed.body())[:5]) == (200, b"%PDF-")

    await page.get_by_role("link", name="Back to the result").click()
    await page.get_by_role("link", name="Tools that fit").click()
    for place in range(3):
        await page.locator("input[name=tool]").nth(place).check()
    await page.get_by_role("button", name="Compare those ticked").first.click()
    await expect(page.locator("#compared")).to_have_text("Side by side")

    await page.get_by_role("link", name="Back to the result").click()
    await page.get_by_role("link", name="Trainings and coaching").click()
    await page.get_by_label("A consultant’s visit").check()
    await page.get_by_label("Tuesday, morning").check()
    await page.get_by_label("I may be contacted").check()
    await page.get_by_role("button", name="Ask for it").click()
    await expect(page.get_by_role("button", name="Take back: A consultant’s visit")).to_be_visible()

"""What somebody sends without network waits in their browser, is posted once, and goes with signing out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import jwt
import pytest
from fastapi import Request, Response
from playwright.async_api import Browser, BrowserContext, Page, expect

from chassis.ids import new_id
from tests.browser.test_portal import sideways
from tests.integration.portal.living_people import REVIEW, SHOP
from tests.integration.portal.stand_ins import CITY, StandIn
from tests.integration.portal.test_invitation_page import REFRESH, SESSION
from tests.support.pictures import photo

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("full_town")]
FORM = f"/merchants/{SHOP}"
WAITING = "section[data-waiting] li"
READY = "navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller !== null)"
KEPT = "waiting.all()"
ATTEMPT = '[["attempt", crypto.randomUUID()], ["rating", "4"], ["text", "Bon"], ["tie", "none"]]'
LEFT = """async () => ({
  databases: (await indexedDB.databases()).length, caches: (await caches.keys()).length,
  workers: (await navigator.serviceWorker.getRegistrations()).length })"""


def sign_in_as(town: dict[str, StandIn], person: str) -> None:
    token = jwt.encode({"sub": person}, "a" * 32, "HS256")
    town["directory"].answers[REFRESH] = SESSION | {"token": token, "refresh_token": f"refresh-{new_id()}"}


async def become_somebody_else(context: BrowserContext, town: dict[str, StandIn], address: str) -> None:
    """Without signing out: the session ran out."""
    sign_in_as(town, str(new_id()))
    await context.clear_cookies()
    await context.add_cookies([{"name": "cococity-refresh", "value": f"other-{new_id()}", "url": address}])


async def write(page: Page, text: str) -> None:
    """A review, on the page for no network."""
    await page.goto(f"{FORM}/review?lang=en")
    await page.get_by_role("radio", name="4 / 5").check()
    await page.get_by_label("What you would tell a friend").fill(text)
    await page.get_by_role("button", name="Keep it").click()
    await expect(page.locator(WAITING)).to_contain_text(text)


@pytest.fixture
def posted(town: dict[str, StandIn]) -> list[str]:
    """The keys of attempts that reached campaigns; its answer to the first photo gets lost."""
    keys: list[str] = []

    def take(request: Request) -> Any:
        keys.append(request.headers["idempotency-key"])
        is_lost = request.url.path.endswith("photos") and len(keys) == 1
        return Response(status_code=502) if is_lost else {"id": REVIEW}

    town["campaigns"].answers |= {f"/api/v1/contributions/{kind}": take for kind in ("reviews", "photos")}
    return keys


@pytest.fixture
async def context(
    browser: Browser, address: str, town: dict[str, StandIn], posted: list[str]
) -> AsyncIterator[BrowserContext]:
    """Of somebody who is signed in, with a telephone."""
    sign_in_as(town, str(new_id()))
    context = await browser.new_context(
        viewport={"width": 320, "height": 640}, locale="en-GB", base_url=address
    )
    await context.add_cookies([{"name": "cococity-refresh", "value": f"first-{new_id()}", "url": address}])
    yield context
    await context.close()


async def opened(context: BrowserContext, path: str) -> Page:
    """The page, with the app installed."""
    page = await context.new_page()
    await page.goto(path)
    await page.wait_for_function(READY)
    return page


async def test_a_review_sent_without_network_waits_and_is_posted_once(
    context: BrowserContext, posted: list[str]
) -> None:
    page = await opened(context, f"{FORM}/review")
    await page.get_by_role("radio", name="5 / 5").check()
    await page.get_by_label("What you would tell a friend").fill("Le pain est bon.")
    await context.set_offline(True)
    await page.get_by_role("button", name="Publish").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("There is no network")
    await expect(page.locator(WAITING)).to_contain_text("Le pain est bon.")
    assert await sideways(page) <= 0
    assert posted == []

    await context.set_offline(False)
    await expect(page.get_by_text("What was kept has been sent.")).to_be_visible()
    await expect(page.locator(WAITING)).to_have_count(0)
    await page.goto("/contributions")
    await expect(page.get_by_role("heading", level=1)).to_have_text("What I contributed")
    assert len(posted) == 1


async def test_a_photo_may_be_begun_without_network_at_the_shop_itself(
    context: BrowserContext, posted: list[str]
) -> None:
    page = await opened(context, "/contributions")
    await context.set_offline(True)
    await page.goto(f"{FORM}?lang=fr")
    await page.get_by_role("link", name="Ajouter une photo").click()
    picture = {"name": "pain.jpg", "mimeType": "image/jpeg", "buffer": photo((40, 30))}
    await page.get_by_label("La photo").set_input_files(picture)  # type: ignore[arg-type]
    await page.locator("[name=alt]").fill("Le pain")
    await page.get_by_role("button", name="Garder").click()
    await expect(page.locator(WAITING)).to_contain_text("Le pain")
    await page.goto("/points?lang=en")  # whatever is asked for
    await expect(page.locator(WAITING)).to_have_count(1)

    await context.set_offline(False)
    while not posted:
        await page.wait_for_timeout(50)
    await page.goto("/contributions?lang=en")
    await expect(page.locator(WAITING)).to_have_count(0)
    assert len(posted) == 2
    assert len(set(posted)) == 1


async def test_what_waits_is_discarded_by_its_writer_and_never_sent_as_somebody_else(
    context: BrowserContext, posted: list[str], town: dict[str, StandIn], address: str
) -> None:
    page = await opened(context, f"{FORM}/review")
    await context.set_offline(True)
    for rating, shop in ((2, SHOP), (4, CITY)):
        await page.goto(f"/merchants/{shop}/review?lang=en")
        await page.get_by_role("radio", name=f"{rating} / 5").check()
        await page.get_by_role("button", name="Keep it").click()
        await expect(page.get_by_role("button", name="Discard")).to_have_count(rating // 2)
        await expect(page.get_by_role("button", name="Keep it")).to_have_count(0)
    await page.get_by_role("button", name="Discard").first.click()
    await expect(page.locator(WAITING)).to_have_count(1)

    await become_somebody_else(context, town, address)
    await context.set_offline(False)
    await page.goto("/contributions?lang=en")
    await expect(page.get_by_role("heading", level=1)).to_have_text("What I contributed")
    await expect(page.locator(WAITING)).to_have_count(0)
    assert posted == []


async def test_any_page_of_ones_own_says_whose_browser_it_is(
    context: BrowserContext, posted: list[str], town: dict[str, StandIn], address: str
) -> None:
    page = await opened(context, "/messages?lang=en")
    await context.set_offline(True)
    await write(page, "Of the first")
    await become_somebody_else(context, town, address)
    await context.set_offline(False)
    await page.goto("/messages?lang=en")
    await page.wait_for_function(f"async () => (await {KEPT}).length === 0")  # never sent as theirs
    await context.set_offline(True)
    await write(page, "Of the second")
    await context.set_offline(False)
    await expect(page.get_by_text("What was kept has been sent.")).to_be_visible()
    assert len(posted) == 1

    await page.goto("/sign-in?lang=en")
    await page.wait_for_function("async () => (await waiting.whose()) === undefined")
    await context.set_offline(True)
    await page.goto(f"{FORM}/review?lang=en")
    await expect(page.get_by_text("Nothing is kept here")).to_be_visible()
    await expect(page.get_by_role("button", name="Keep it")).to_have_count(0)
    assert await page.evaluate(f"() => waiting.keep(new URL(location), {ATTEMPT}, null)") is False
    assert await page.evaluate(KEPT) == []


async def test_what_may_have_arrived_a_day_ago_is_sent_again_only_when_its_writer_says_so(
    context: BrowserContext, posted: list[str]
) -> None:
    page = await opened(context, "/contributions?lang=en")
    for hours, of_old in ((22, 0), (24, 1)):
        tried = f"Date.now() - {hours} * 3600000"
        await page.evaluate(f"() => waiting.keep(new URL('{FORM}/review', location), {ATTEMPT}, {tried})")
        await page.reload()
        await expect(page.locator(WAITING)).to_have_count(of_old)
        while not posted:
            await page.wait_for_timeout(50)
    assert len(posted) == 1
    await expect(page.locator(WAITING)).to_contain_text("it may have arrived")
    await page.get_by_role("button", name="Send it all the same").click()
    await expect(page.get_by_text("What was kept has been sent.")).to_be_visible()
    await expect(page.locator(WAITING)).to_have_count(0)
    assert len(posted) == 2


async def test_signing_out_leaves_nothing_in_the_browser(context: BrowserContext) -> None:
    page = await opened(context, f"{FORM}/review")
    await context.set_offline(True)
    await page.get_by_role("radio", name="1 / 5").check()
    await page.get_by_role("button", name="Publish").click()
    await expect(page.locator(WAITING)).to_have_count(1)
    assert await page.evaluate(LEFT) == {"databases": 1, "caches": 1, "workers": 1}
    await context.set_offline(False)
    await page.goto("/account?lang=en")
    await page.get_by_role("button", name="Sign out").click()
    await page.wait_for_url("**/sign-in?**")
    assert await page.evaluate(LEFT) == {"databases": 0, "caches": 0, "workers": 0}

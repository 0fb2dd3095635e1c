"""A shop asks for push messages in a browser, and what comes there is shown and leads to its news."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from chassis.ids import new_id
from tests.browser.conftest import Visit
from tests.browser.test_offline import READY, sign_in_as
from tests.integration.portal.living_people import DEVICE, PUSH_KEY, SHOP
from tests.integration.portal.stand_ins import StandIn

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("full_town")]
MOST_PUSHES = 200
"""A browser that is busy drops what comes before its worker is there."""
PREFERENCES = f"/shops/{SHOP}/preferences"
# The maker's push service is not to be reached from here: what a browser would get of it.
SUBSCRIBED = """
  const subscription = { endpoint: "https://push.example/a-browser" };
  subscription.toJSON = () => ({ endpoint: subscription.endpoint, keys: { p256dh: "BCVx", auth: "BTBZ" } });
  let isSubscribed = sessionStorage.getItem("subscribed");
  PushManager.prototype.getSubscription = async () => (isSubscribed ? subscription : null);
  PushManager.prototype.subscribe = async (options) => {
    if (!options.userVisibleOnly || options.applicationServerKey.length !== 65) throw new Error("no key");
    sessionStorage.setItem("subscribed", "yes");
    return subscription;
  };
"""
SHOWN = """async () => (await (await navigator.serviceWorker.ready).getNotifications())
  .map(({ title, body, lang, data, tag }) => ({ title, body, lang, path: data.path, tag }))"""


async def test_a_browser_is_asked_subscribed_and_shows_what_comes(
    browser: Browser, address: str, town: dict[str, StandIn]
) -> None:
    sent: list[dict[str, Any]] = []
    devices = f"/api/v1/notifications/devices/{SHOP}"
    listed = town["notifications"].answers[devices]
    town["notifications"].answers[devices] = {"items": []}
    sign_in_as(town, str(new_id()))
    context = await browser.new_context(locale="en-GB", base_url=address)
    await context.add_cookies([{"name": "cococity-refresh", "value": f"first-{new_id()}", "url": address}])
    await context.grant_permissions(["notifications"])
    await context.add_init_script(SUBSCRIBED)
    page = await context.new_page()
    await page.goto(PREFERENCES)
    await page.wait_for_function(READY)
    assert await page.locator("form[data-push-key]").get_attribute("data-push-key") == PUSH_KEY
    page.on("request", lambda request: sent.append({"method": request.method, "body": request.post_data}))
    town["notifications"].answers[devices] = lambda request: (
        {"id": DEVICE} if request.method == "PUT" else listed
    )
    await page.get_by_role("button", name="Tell me in this browser").click()
    await expect(page.get_by_text("News comes in this browser from now on.")).to_be_visible()
    assert any("a-browser" in (each["body"] or "") for each in sent if each["method"] == "POST")
    await expect(page.get_by_text("(this browser)")).to_be_visible()
    await expect(page.get_by_role("button", name="Tell me in this browser")).to_be_hidden()

    inside = await context.new_cdp_session(page)
    workers: list[dict[str, Any]] = []
    inside.on("ServiceWorker.workerRegistrationUpdated", lambda told: workers.extend(told["registrations"]))
    await inside.send("ServiceWorker.enable")
    while not workers:
        await page.wait_for_timeout(50)
    said = {"id": "7", "title": "Un avis", "text": "…", "path": f"/shops/{SHOP}/feed", "language": "fr"}
    message = {"origin": address, "registrationId": workers[-1]["registrationId"], "data": json.dumps(said)}
    for times in range(1, MOST_PUSHES + 1):  # each takes the place of the one before
        await inside.send("ServiceWorker.deliverPushMessage", message)
        await page.wait_for_timeout(100)
        if times > 1 and await page.evaluate(SHOWN):
            break
    (shown,) = await page.evaluate(SHOWN)
    assert shown == {"title": "Un avis", "body": "…", "lang": "fr", "path": said["path"], "tag": "7"}
    await context.close()


async def test_without_a_script_a_browser_can_still_be_ended(visit: Visit, address: str) -> None:
    cookie = {"name": "cococity-refresh", "value": f"first-{new_id()}", "url": address}
    await visit.page.context.add_cookies([cookie])  # type: ignore[list-item]
    page = await visit.to(PREFERENCES)
    await page.get_by_role("button", name="End it").click()
    await expect(page.get_by_text("Nothing comes there any more.")).to_be_visible()

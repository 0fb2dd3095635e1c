"""The pages to sign in and of one's second factors in a real browser: on every screen, in every language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.async_api import expect

from chassis.ids import new_id
from services.portal.wording import LANGUAGES
from tests.browser.conftest import Visit
from tests.browser.test_portal import heading_levels, sideways
from tests.integration.portal.stand_ins import StandIn
from tests.integration.portal.test_invitation_page import REFRESH, SESSION

pytestmark = pytest.mark.browser

FACTORS = "/api/v1/people/me/factors"
SESSIONS = "/api/v1/sessions"
ADDED_AT = "2026-11-21T10:00:00Z"
NAME = "Telefoon van mevrouw Vandenbroucke-Desmedt, de rode"
CODES = [f"AB23-CD45-EF67-GH{number}" for number in range(20, 30)]


def _here(is_this_one: bool) -> dict[str, Any]:
    at = "2026-11-20T10:00:00Z"
    times = {"began_at": at, "used_at": at, "expires_at": "2126-11-20T10:00:00Z", "ended_at": None}
    return {"id": str(new_id()), "device": "Firefox on Linux", "is_this_one": is_this_one, **times}


@pytest.fixture(autouse=True)
def _signed_in(town: dict[str, StandIn]) -> Iterator[None]:
    directory = town["directory"]
    before = dict(directory.answers)
    passkey = {"id": "01890000-0000-7000-8000-00000000c17e", "name": NAME, "is_synced": True}
    directory.answers |= {
        REFRESH: SESSION,
        SESSIONS: {"items": [_here(is_this_one) for is_this_one in (True, False)]},
        FACTORS: {
            "is_needed": True,
            "is_given": False,
            "authenticator": {"confirmed_at": ADDED_AT},
            "passkeys": [{**passkey, "added_at": ADDED_AT, "last_used_at": None}],
            "recovery_codes_left": 9,
            "at_cities": [],
        },
        f"{FACTORS}/authenticator": {"secret": "JBSWY3DPEHPK3PXP" * 2, "qr_svg": "<svg/>"},
        f"{FACTORS}/authenticator/confirmation": {"session": SESSION, "recovery_codes": CODES},
    }
    yield
    directory.answers.clear()
    directory.answers |= before


@pytest.mark.parametrize("width", [320, 1200])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_no_page_is_too_wide_for_any_screen(visit: Visit, width: int, language: str) -> None:
    await visit.page.set_viewport_size({"width": width, "height": 700})
    page = await visit.to(f"/sign-in?lang={language}")
    assert await sideways(page) <= 0
    await visit.picture(f"sign-in-{language}-{width}")
    cookie = {"name": "cococity-refresh", "value": "x" * 43, "url": visit.address}
    await page.context.add_cookies([cookie])  # type: ignore[list-item]
    page = await visit.to(f"/account?lang={language}")
    assert await sideways(page) <= 0
    assert (await heading_levels(page))[:2] == [1, 2]
    await visit.picture(f"account-{language}-{width}")
    async with page.expect_navigation(wait_until="networkidle"):
        await page.locator("button[value=set-up]").click()
    assert await sideways(page) <= 0
    await page.locator("#code").fill("123456")
    async with page.expect_navigation(wait_until="networkidle"):
        await page.locator("button[value=confirm]").click()
    await expect(page.locator(".codes li")).to_have_count(10)
    assert await sideways(page) <= 0


async def test_whoever_proved_nothing_of_late_is_asked_to_before_a_passkey_is_added(visit: Visit) -> None:
    cookie = {"name": "cococity-refresh", "value": "x" * 43, "url": visit.address}
    await visit.page.context.add_cookies([cookie])  # type: ignore[list-item]
    page = await visit.to("/account")
    await page.route("**/account/challenge/add", lambda route: route.fulfill(status=403, json={}))
    await page.get_by_label("What you call it").fill("My phone")
    await page.get_by_role("button", name="Add a passkey").click()
    await expect(page.get_by_role("alert")).to_have_text(
        "For this, give a second factor again: it counts for ten minutes."
    )
    await expect(page.get_by_label("Code of your app")).to_be_visible()
    visit.complaints = [each for each in visit.complaints if "403" not in each]

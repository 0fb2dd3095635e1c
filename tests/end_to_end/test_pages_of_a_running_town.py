"""What people see in a browser once the town runs: the landing page, a mail, the trace that led to it."""

from __future__ import annotations

import os
from pathlib import Path
from secrets import token_hex

import pytest
from playwright.async_api import Browser, Page, expect

from chassis.telemetry_names import DELIVERY_SPAN
from demo.gateway import Gateway
from deploy.one_machine.system import System
from tests.browser.conftest import SCREENSHOTS, browser
from tests.end_to_end.journeys import fresh_shop, mails_about, review, until
from tests.end_to_end.test_main_job import spans_of

__all__ = ["browser"]
pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(240)]


async def picture(page: Page, name: str) -> None:
    """Kept for the README when COCOCITY_SCREENSHOTS=1."""
    if os.environ.get("COCOCITY_SCREENSHOTS") == "1":
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=SCREENSHOTS / f"{name}.png")


async def test_a_review_is_seen_as_a_mail_and_as_a_trace(
    town: System, gateway: Gateway, browser: Browser
) -> None:
    shop = await fresh_shop(gateway, "marc", "fr")
    trace = token_hex(16)
    await review(gateway, "sophie", shop, headers={"traceparent": f"00-{trace}-{token_hex(8)}-01"})
    (mail,) = await until(lambda: mails_about(gateway, shop), lambda mails: mails, "the mail")
    await until(lambda: _spans(town, trace), lambda names: DELIVERY_SPAN in names, "the span of the mail")
    page = await browser.new_page(viewport={"width": 1100, "height": 760})

    await page.goto(f"{town.address}/")
    await expect(page.get_by_role("row", name="campaigns").get_by_text("Ready", exact=True)).to_be_visible()
    await expect(page.get_by_role("link", name="Traces").first).to_have_attribute("href", "/traces/")

    await page.goto(f"{town.address}/mails/")
    await page.get_by_role("link", name=mail["subject"]).first.click()
    letter = page.frame_locator("iframe")
    await expect(letter.get_by_text(shop.name).first).to_be_visible()
    await expect(page.locator("html")).not_to_contain_text("Traceback")
    await picture(page, "mail")

    await page.goto(f"{town.address}/traces/-/otel/traces/{trace}", wait_until="networkidle")
    await expect(page.get_by_text("POST /api/v1/contributions/reviews").first).to_be_visible()
    await expect(page.get_by_text(DELIVERY_SPAN, exact=True).first).to_be_visible()
    await picture(page, "trace")
    await page.close()


async def _spans(town: System, trace: str) -> list[str]:
    database: Path = town.root / "traces" / "otel.db"
    return [row["name"] for row in spans_of(database, trace)]

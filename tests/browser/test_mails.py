"""Mails as a mail program shows them: light and dark, wide and on a small phone, in four languages."""

from __future__ import annotations

import os
from itertools import product
from typing import Literal

import pytest
from playwright.async_api import Browser

from services.notifications.languages import LANGUAGES
from services.notifications.mails.notice import notice
from tests.browser.conftest import SCREENSHOTS, Visit
from tests.support.mails import AT, DELIVERY, TOKEN, arrived, digest, page

pytestmark = pytest.mark.browser

PHONE, DESK = 320, 700
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
LIGHTNESS = "getComputedStyle(document.querySelector('.card')).backgroundColor.match(/\\d+/g).map(Number)"
KEPT = {("digest", "fr", "light", DESK), ("digest", "fr", "dark", PHONE), ("notice", "nl", "light", DESK)}
LOADED = "[...document.images].every(image => image.complete && image.naturalWidth > 0)"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_mail_fits_its_screen_and_its_colours(browser: Browser, language: str) -> None:
    data = {"kind": "review", "threshold": 5, "first_step": "answer-reviews"}
    mails = {
        "digest": page(
            arrived(digest(language, "Bäckerei & Konditorei Zum-Alten-Gemeindehaus-in-der-Straße"))
        ),
        "notice": page(arrived(notice(DELIVERY, "milestone", data, language, name="", token=TOKEN, now=AT))),
    }
    for scheme, wide, (name, html) in product(SCHEMES, (PHONE, DESK), mails.items()):
        context = await browser.new_context(viewport={"width": wide, "height": 800}, color_scheme=scheme)
        shown = await context.new_page()
        visit = Visit(shown, "")
        await shown.set_content(html)
        assert await shown.evaluate("document.documentElement.scrollWidth") <= wide
        assert await shown.evaluate(LOADED)
        assert (max(await shown.evaluate(LIGHTNESS)) < 64) == (scheme == "dark")
        assert [url for url in visit.requested if not url.startswith("data:")] == []
        if os.environ.get("COCOCITY_SCREENSHOTS") == "1" and (name, language, scheme, wide) in KEPT:
            await shown.screenshot(path=SCREENSHOTS / f"mail-{name}-{scheme}-{wide}.png", full_page=True)
        await context.close()

"""True of every page in every language: axe finds nothing, nothing looks wrong, it loads little."""

from __future__ import annotations

from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from fastapi.routing import APIRoute
from playwright.async_api import Page, Response

from services.portal.wording import LANGUAGES, SOURCE
from tests.browser.conftest import Visit
from tests.browser.pages import NO_PAGES, PAGES, Shown
from tests.integration.portal.conftest import portal
from tests.integration.portal.living_people import DRAFT
from tests.integration.portal.test_invitation_page import COOKIE

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("full_town")]

HEAVIEST = 60_000
"""Bytes of a first view without photos, before compression."""
WATCH_SHIFTS = """
  window.shifted = [];
  new PerformanceObserver(list => { for (const one of list.getEntries()) window.shifted.push([one.value,
    ...one.sources.map(({ node, previousRect, currentRect }) => [
      node?.outerHTML?.slice(0, 200) ?? node?.textContent,
      JSON.stringify(previousRect), JSON.stringify(currentRect)
    ])]) }).observe({ type: "layout-shift", buffered: true });
"""
INLINE = "[style], style, script:not([src], [type='application/ld+json'])"
LOOKS = Path(__file__).with_name("looks.js").read_text()
SIDEWAYS = "Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)"
SHOWN_IN_PARTS = """() => {
  const end = document.querySelector("link[rel=expect][blocking=render]")?.getAttribute("href")
  return !end || document.querySelector(end) === null
}"""
WITHOUT_SWAGGER_UI = {"exclude": [["#documentation"]]}


class Look:
    """One page, looked at again and again in one window."""

    def __init__(self, visit: Visit, shown: Shown) -> None:
        self.visit, self.shown = visit, shown
        self.loaded: list[Response] = []
        visit.page.on("response", self._loads)

    def _loads(self, response: Response) -> None:
        self.loaded.append(response)

    async def at(self, language: str) -> Page:
        await self.visit.page.context.clear_cookies()
        if self.shown.signed_in:
            (name, morsel), *_ = SimpleCookie(COOKIE["Cookie"]).items()
            await self.visit.page.context.add_cookies(
                [{"name": name, "value": morsel.value, "url": self.visit.address}]
            )
        if self.shown.has_draft:
            draft = {"name": "cococity-draft", "value": f"{DRAFT}.secret", "url": self.visit.address}
            await self.visit.page.context.add_cookies([draft])  # type: ignore[list-item]
        self.loaded.clear()
        joined = "&" if "?" in self.shown.address else "?"
        address = f"{self.visit.address}{self.shown.address}{joined}lang={language}"
        answer = await self.visit.page.goto(address, wait_until="load")
        assert answer is not None
        assert answer.status == 200
        return self.visit.page

    async def weight(self) -> int:
        """Bytes of what was loaded, but of photos."""
        read = [each for each in self.loaded if each.request.method == "GET" and ".webp" not in each.url]
        return sum([len(await each.body()) for each in read])


def test_every_page_is_looked_at() -> None:
    nowhere = dict.fromkeys(("directory", "campaigns", "notifications", "assessment"), "http://127.0.0.1:9")
    routes = [each for each in portal(nowhere).routes if isinstance(each, APIRoute)]
    paths = {route.path for route in routes if "GET" in (route.methods or ()) and route.path[1:6] != "opera"}
    looked_at = {path.partition(" (")[0] for path in PAGES}
    assert paths - {"/healthz", "/readyz", "/metrics"} == looked_at | NO_PAGES


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_is_for_everybody_in_every_language(visit: Visit, path: str) -> None:
    shown, page = PAGES[path], visit.page
    look = Look(visit, shown)
    await page.add_init_script(WATCH_SHIFTS)
    await page.set_viewport_size({"width": 320, "height": 640})
    wrong: dict[str, Any] = {}
    for language in LANGUAGES:
        if language == SOURCE:  # the shortest words of all: they have the wide screen, in the dark
            await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
            await page.set_viewport_size({"width": 1200, "height": 800})
        await look.at(language)
        wrong |= {f"{language}: {what}": told for what, told in (await _faults(look)).items()}
    assert wrong == {}


async def _faults(look: Look) -> dict[str, Any]:
    page = look.visit.page
    policy = look.loaded[0].headers["content-security-policy"]
    violations = (await Axe().run(page, context=WITHOUT_SWAGGER_UI)).response["violations"]
    faults = {
        "axe": [(each["id"], [node["html"] for node in each["nodes"]]) for each in violations],
        "sideways": await page.evaluate(SIDEWAYS),
        "in parts": await page.evaluate(SHOWN_IN_PARTS),
        "policy": "unsafe" in policy or "default-src 'none'" not in policy,
    }
    if not look.shown.is_heavy:
        faults["looks"] = await page.evaluate(LOOKS)
        faults["shift"] = await page.evaluate("window.shifted")
        faults["weight"] = max(0, await look.weight() - HEAVIEST)
        faults["inline"] = await page.locator(INLINE).count()
    return {what: told for what, told in faults.items() if told}

"""How long a page takes until its largest part is seen on a slow phone in the street.

A real Chromium, on a processor four times as slow and a network of 1.6 Mbit/s with 150 ms to and fro: the
profile by which Lighthouse judges pages on phones.
"""

from __future__ import annotations

import statistics

from playwright.async_api import Browser, async_playwright

from tests.browser.conftest import FLAGS, chromium_path

VISITS = 5
BUDGET = 1_500.0
"""Milliseconds until the largest part is painted (Largest Contentful Paint)."""
_SLOWER = 4
_NETWORK = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
_SEEN = """() => new Promise((tell) => new PerformanceObserver((seen) => {
    tell(seen.getEntries().at(-1).startTime);
}).observe({ type: "largest-contentful-paint", buffered: true }))"""


async def largest_paint(url: str) -> float:
    """Milliseconds from the tap to the largest paint: the median of first visits."""
    async with async_playwright() as player:
        browser = await player.chromium.launch(executable_path=chromium_path(), args=[*FLAGS])
        took = [await _first_visit(browser, url) for _ in range(VISITS)]
        await browser.close()
    return statistics.median(took)


async def _first_visit(browser: Browser, url: str) -> float:
    context = await browser.new_context(
        viewport={"width": 390, "height": 800}, device_scale_factor=3, is_mobile=True, locale="fr-BE"
    )
    page = await context.new_page()
    chrome = await context.new_cdp_session(page)
    await chrome.send("Network.enable")
    await chrome.send("Network.emulateNetworkConditions", _NETWORK)
    await chrome.send("Emulation.setCPUThrottlingRate", {"rate": _SLOWER})
    await page.goto(url, wait_until="networkidle")
    seen: float = await page.evaluate(_SEEN)
    await context.close()
    return seen

"""A real browser before the real portal, with every service's real API document behind it."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Literal

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, Response
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

from tests.browser.world import a_whole_town
from tests.integration.portal.conftest import portal
from tests.integration.portal.stand_ins import StandIn, a_town, served
from tests.support.pictures import photo

# Without these, Chromium speaks to its makers' hosts, which is neither wanted nor always possible.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
A_PICTURE = photo((40, 30), "WEBP")
ROOT = Path(__file__).parents[2]
SERVICES = ROOT / "services"
SCREENSHOTS = ROOT / "docs" / "screenshots"
"""Where pictures are kept, and only when they are asked for: COCOCITY_SCREENSHOTS=1."""


def chromium_path() -> str | None:
    return os.environ.get("COCOCITY_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


def gateway(addresses: dict[str, str]) -> FastAPI:
    """One origin for pages and documents, as the gateway makes it."""
    app = FastAPI(openapi_url=None)

    @app.get("/services/{service}/openapi.json")
    async def document(service: Literal["directory", "campaigns", "notifications", "assessment"]) -> Response:
        return FileResponse(SERVICES / service / "openapi.json")

    @app.post("/api/v1/visits", status_code=204)
    async def look_at_page(request: Request) -> None:
        assert (await request.json()).keys() == {"merchant_id", "kind"}

    @app.get("/api/v1/files/{file}/{size}.webp")
    async def picture(file: str, size: str) -> Response:
        return Response(A_PICTURE, media_type="image/webp")

    pages = portal(addresses)

    @app.api_route("/{path:path}", methods=["GET", "POST"])
    async def page(request: Request, path: str) -> Response:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(pages), base_url="http://portal"
        ) as client:
            answer = await client.request(
                request.method,
                f"/{path}",
                params=request.query_params,
                headers=request.headers.items(),
                content=await request.body(),
            )
        return Response(answer.content, answer.status_code, answer.headers)

    return app


@pytest.fixture(scope="session")
def town() -> dict[str, StandIn]:
    """What the services behind the portal say. A test that changes it puts it back."""
    return a_town()


@pytest.fixture
def full_town(town: dict[str, StandIn]) -> Iterator[None]:
    """Every page has something to show while a test lasts."""
    before = {name: dict(each.answers) for name, each in town.items()}
    for name, answers in a_whole_town().items():
        town[name].answers |= answers
    yield
    for name, answers in before.items():
        town[name].answers.clear()
        town[name].answers |= answers


@pytest.fixture(scope="session")
def address(town: dict[str, StandIn]) -> Iterator[str]:
    """Where the pages are."""
    with ExitStack() as stack:
        behind = {name: stack.enter_context(served(each.app())) for name, each in town.items()}
        yield stack.enter_context(served(gateway(behind)))


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    path = chromium_path()
    if path is None:
        pytest.skip("no Chromium here: apt-get install chromium, or set COCOCITY_CHROMIUM to its path")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        await browser.close()


class Visit:
    """A page with what went wrong on it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        self.requested: list[str] = []
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("requestfailed", lambda request: self.complaints.append(f"failed: {request.url}"))
        page.on("request", lambda request: self.requested.append(request.url))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    async def to(self, path: str) -> Page:
        answer = await self.page.goto(self.address + path, wait_until="networkidle")
        assert answer is not None
        assert answer.status == 200
        return self.page

    async def picture(self, name: str) -> None:
        if os.environ.get("COCOCITY_SCREENSHOTS") == "1":
            SCREENSHOTS.mkdir(parents=True, exist_ok=True)
            await self.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


@pytest_asyncio.fixture
async def visit(browser: Browser, address: str) -> AsyncIterator[Visit]:
    """One visitor in English; nothing may go wrong, and nothing be asked of another host, by the end."""
    context = await browser.new_context(viewport={"width": 1200, "height": 800}, locale="en-GB")
    visit = Visit(await context.new_page(), address)
    yield visit
    complaints = [*visit.complaints]  # closing breaks off what a page has not read to its end
    await context.close()
    assert complaints == []
    assert [url for url in visit.requested if not url.startswith((address, "data:", "blob:"))] == []

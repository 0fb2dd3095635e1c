"""A directory of its own for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from services.portal import main as portal_main
from services.portal.neighbours import Neighbours
from tests.integration.portal.conftest import SECONDS, portal
from tests.support.directory import DirectoryUnderTest, migrated_template, running_directory
from tests.support.servers import Postgres


@pytest.fixture(scope="session")
async def template(postgres: Postgres) -> str:
    return await migrated_template(postgres)


@pytest.fixture
async def directory(postgres: Postgres, template: str, tmp_path: Path) -> AsyncIterator[DirectoryUnderTest]:
    async with running_directory(postgres, template, tmp_path) as running:
        yield running


@pytest.fixture(scope="session")
def pages() -> tuple[FastAPI, Neighbours]:
    """A portal, built once, and what it asks: a directory that each test gives it."""
    made = Neighbours(dict.fromkeys(("directory", "campaigns", "notifications", "assessment"), ""))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(portal_main, "Neighbours", lambda _: made)
        return portal({}), made


@pytest.fixture
async def browser(
    directory: DirectoryUnderTest, pages: tuple[FastAPI, Neighbours]
) -> AsyncIterator[httpx.AsyncClient]:
    """Before the portal, whose neighbour is the directory under test."""
    app, neighbours = pages
    neighbours._client = directory.client
    SECONDS.passed += 3_600
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://portal",
        headers={"Accept-Language": "en", "Sec-Fetch-Site": "same-origin"},
    )
    async with client:
        yield client

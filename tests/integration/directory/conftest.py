"""A directory of its own for each test."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from services.portal import main as portal_main
from services.portal import neighbours as portal_neighbours
from services.portal.neighbours import Neighbours
from tests.integration.portal.conftest import SECONDS, portal
from tests.support.directory import DirectoryUnderTest, lent_directory, migrated_template
from tests.support.servers import Postgres


@pytest.fixture(scope="session")
async def template(postgres: Postgres) -> str:
    return await migrated_template(postgres)


@pytest.fixture
async def directory(
    postgres: Postgres, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[DirectoryUnderTest]:
    async with lent_directory(postgres, template, tmp_path_factory.mktemp("directory")) as running:
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
    directory: DirectoryUnderTest, pages: tuple[FastAPI, Neighbours], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """Before the portal, whose neighbour is the directory under test, and has all the time it needs."""
    for deadline in ("DEADLINE_SECONDS", "PART_SECONDS", "CHANGE_SECONDS"):
        monkeypatch.setattr(portal_neighbours, deadline, 60.0)
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

"""A directory of its own for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from services.portal import main as portal_main
from services.portal.neighbours import Neighbours
from tests.integration.portal.conftest import portal
from tests.support.directory import DirectoryUnderTest, migrated_template, running_directory
from tests.support.servers import Postgres


@pytest.fixture(scope="session")
async def template(postgres: Postgres) -> str:
    return await migrated_template(postgres)


@pytest.fixture
async def directory(postgres: Postgres, template: str, tmp_path: Path) -> AsyncIterator[DirectoryUnderTest]:
    async with running_directory(postgres, template, tmp_path) as running:
        yield running


@pytest.fixture
async def browser(
    directory: DirectoryUnderTest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """Before the portal, whose neighbour is the directory under test."""

    def beside_the_directory(addresses: dict[str, str]) -> Neighbours:
        made = Neighbours(dict.fromkeys(addresses, ""))
        made._client = directory.client
        return made

    monkeypatch.setattr(portal_main, "Neighbours", beside_the_directory)
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(portal({})),
        base_url="http://portal",
        headers={"Accept-Language": "en", "Sec-Fetch-Site": "same-origin"},
    )
    async with client:
        yield client

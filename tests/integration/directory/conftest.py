"""A directory of its own for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.directory import DirectoryUnderTest, migrated_template, running_directory
from tests.support.servers import Postgres


@pytest.fixture(scope="session")
async def template(postgres: Postgres) -> str:
    return await migrated_template(postgres)


@pytest.fixture
async def directory(postgres: Postgres, template: str, tmp_path: Path) -> AsyncIterator[DirectoryUnderTest]:
    async with running_directory(postgres, template, tmp_path) as running:
        yield running

"""Two cities in all services, prepared once for each module."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.access.provider import configured_provider
from tests.access.things import PREPARATIONS
from tests.access.world import Servers, World, a_world
from tests.support.servers import Nats, Postgres


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world(
    postgres: Postgres, nats: Nats, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    folder = tmp_path_factory.mktemp("access")
    with configured_provider(folder) as providers:
        async with a_world(Servers(postgres, nats, folder, providers), PREPARATIONS) as world:
            yield world

"""The service under test."""

from collections.abc import AsyncIterator

import pytest

from tests.support.campaigns import Campaigns, campaigns_service, create_template
from tests.support.servers import Nats, Postgres


@pytest.fixture(scope="session")
async def template(postgres: Postgres) -> None:
    await create_template(postgres)


@pytest.fixture
async def campaigns(postgres: Postgres, template: None) -> AsyncIterator[Campaigns]:
    async with campaigns_service(postgres) as service:
        yield service


@pytest.fixture
async def campaigns_with_bus(postgres: Postgres, nats: Nats, template: None) -> AsyncIterator[Campaigns]:
    async with campaigns_service(postgres, nats) as service:
        yield service

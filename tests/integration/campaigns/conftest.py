"""The service under test."""

from collections.abc import AsyncIterator

import pytest

from tests.support.campaigns import Campaigns, campaigns_service
from tests.support.servers import Nats, Postgres


@pytest.fixture(scope="session")
async def campaigns_of_the_session(postgres: Postgres, nats: Nats) -> AsyncIterator[Campaigns]:
    async with campaigns_service(postgres, nats) as service:
        yield service


@pytest.fixture
async def campaigns(campaigns_of_the_session: Campaigns) -> Campaigns:
    await campaigns_of_the_session.clear()
    return campaigns_of_the_session

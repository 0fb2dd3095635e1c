"""The service under test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.notifications import Notifications, create_template, notifications_service
from tests.support.one_service import fresh_streams
from tests.support.servers import Nats, Postgres


@pytest.fixture(scope="session")
async def notifications_template(postgres: Postgres) -> None:
    await create_template(postgres)


@pytest.fixture
async def notifications(
    postgres: Postgres, nats: Nats, notifications_template: None
) -> AsyncIterator[Notifications]:
    await fresh_streams(nats)
    async with notifications_service(postgres, nats) as service:
        yield service

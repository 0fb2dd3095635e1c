"""What the portal is made of. It owns no data."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chassis.service import Service
from services.portal import pages
from services.portal.neighbours import Neighbours
from services.portal.settings import PortalSettings


def build(settings: PortalSettings) -> Service:
    """The service, wired; nothing is opened yet."""
    neighbours = Neighbours(settings.services())

    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        yield
        await neighbours.close()

    return Service(
        "portal",
        settings,
        routers=[pages.router(settings, neighbours)],
        readiness=neighbours.checks(),
        lifespan=lifespan,
        description="The pages, and whether everything behind the gateway is ready.",
    )

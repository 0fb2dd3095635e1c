"""What the portal is made of. It owns no data."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import monotonic

from chassis.secret_cookie import SecretCookie, refresh_cookie
from chassis.service import Service
from services.portal import (
    about_page,
    account_page,
    campaign_page,
    city_sign_in_page,
    installed_app,
    invitation_page,
    join_page,
    lost_page,
    messages_page,
    own_data,
    pages,
    shop_page,
    sign_in_page,
    town_page,
)
from services.portal.ambassador import pages as ambassador_pages
from services.portal.assets import Assets
from services.portal.merchant import pages as merchant_pages
from services.portal.neighbours import Neighbours
from services.portal.on_now import OnNow
from services.portal.rendering import Renderer
from services.portal.sessions import Sessions
from services.portal.settings import PortalSettings
from services.portal.staff import pages as staff_pages
from services.portal.towns import Towns
from services.portal.visitors import Door


def build(settings: PortalSettings, seconds: Callable[[], float] = monotonic) -> Service:
    """The service, wired; nothing is opened yet. It forgets what it asked by the clock `seconds`."""
    neighbours, assets = Neighbours(settings.services()), Assets()
    renderer = Renderer(assets, neighbours.names, settings.public_url)
    cookie = refresh_cookie(settings.public_url)
    sessions, towns = Sessions(neighbours, cookie), Towns(neighbours, seconds)
    door = Door(neighbours, renderer, sessions)
    departed = SecretCookie.at(settings.public_url, "cococity-departed")

    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        yield
        await neighbours.close()

    return Service(
        "portal",
        settings,
        routers=[
            pages.router(settings, neighbours, towns, assets, renderer, on_now=OnNow(neighbours, seconds)),
            invitation_page.router(neighbours, renderer, settings.public_url, cookie),
            sign_in_page.router(neighbours, renderer, cookie, demo=not settings.is_production),
            city_sign_in_page.router(neighbours, renderer, cookie, departed),
            account_page.router(neighbours, renderer, cookie),
            join_page.router(neighbours, renderer),
            own_data.router(neighbours, renderer, cookie),
            shop_page.router(neighbours, renderer, sessions, settings.public_url),
            messages_page.router(door),
            *ambassador_pages.routers(door),
            *merchant_pages.routers(door, towns, settings.public_url),
            town_page.router(towns, renderer),
            campaign_page.router(neighbours, renderer),
            about_page.router(towns, renderer, settings.public_url),
            *staff_pages.routers(door, towns, settings.windows().get("traces", "")),
            installed_app.router(assets, renderer),
            lost_page.router(renderer),
        ],
        readiness=neighbours.checks(),
        lifespan=lifespan,
        description="The pages, and whether everything behind the gateway is ready.",
    )

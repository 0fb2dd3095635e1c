"""All pages of ambassadors."""

from fastapi import APIRouter

from services.portal.ambassador import (
    contributing_page,
    contribution_page,
    correction_page,
    joining_page,
    links_page,
    own_pages,
    reports_page,
)
from services.portal.visitors import Door


def routers(door: Door) -> list[APIRouter]:
    """In the order in which their paths are looked through."""
    return [
        joining_page.router(door),
        contributing_page.router(door),
        contribution_page.router(door),
        correction_page.router(door),
        own_pages.router(door),
        reports_page.router(door),
        links_page.router(door),
    ]

"""All pages of staff."""

from fastapi import APIRouter

from services.portal.staff import (
    association_page,
    call_pages,
    dashboard_pages,
    delivery_pages,
    district_pages,
    doubts_page,
    entrance,
    group_pages,
    import_pages,
    moderation_pages,
    operating_pages,
    paper_pages,
    people_pages,
    print_pages,
    programme_pages,
    registration_pages,
    report_pages,
    session_pages,
    session_plan_pages,
    shop_desk,
    watch_page,
    webhook_pages,
)
from services.portal.staff.planning import pages as planning_pages
from services.portal.towns import Towns
from services.portal.visitors import Door


def routers(door: Door, towns: Towns, traces: str) -> list[APIRouter]:
    """In the order in which their paths are looked through; `traces` is where the trace viewer is."""
    return [
        entrance.router(door),
        planning_pages.beginning(door),
        planning_pages.router(door, towns),
        dashboard_pages.router(door),
        moderation_pages.router(door),
        import_pages.router(door, towns),
        shop_desk.router(door, towns),
        district_pages.router(door, towns),
        doubts_page.router(door),
        print_pages.router(door),
        association_page.router(door),
        watch_page.router(door),
        webhook_pages.router(door),
        operating_pages.router(door, traces),
        delivery_pages.router(door),
        people_pages.router(door),
        session_plan_pages.router(door),
        session_pages.router(door),
        paper_pages.router(door),
        registration_pages.router(door),
        report_pages.router(door),
        call_pages.router(door),
        group_pages.router(door),
        programme_pages.router(door),
    ]

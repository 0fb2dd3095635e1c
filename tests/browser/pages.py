"""Every page of the portal, with an address where it is looked at. A page without a row here fails a test."""

from __future__ import annotations

from dataclasses import dataclass

from tests.browser import staff_world
from tests.integration.portal import living_people
from tests.integration.portal.living_town import CAMPAIGN, NIS, SHOP
from tests.integration.portal.session_room import CODE
from tests.integration.portal.test_audience_page import SECRET
from tests.integration.portal.test_invitation_page import PAGE as INVITATION


@dataclass(frozen=True)
class Shown:
    """How a page is looked at."""

    address: str
    signed_in: bool = False
    has_draft: bool = False
    """In a browser that has begun an assessment."""
    is_heavy: bool = False
    """It needs a large script for what it is for: its weight is not held against it."""


PAGES = {
    "/": Shown("/"),
    "/docs": Shown("/docs", is_heavy=True),
    "/audience/{secret}": Shown(f"/audience/{SECRET}"),
    "/invitations/{token}": Shown(INVITATION),
    "/sign-in": Shown("/sign-in?next=/account"),
    "/sign-in/at": Shown("/sign-in/at"),
    "/account": Shown("/account", signed_in=True),
    **{path: Shown(address, signed_in=True) for path, address in living_people.PAGES.items()},
    **{
        path: Shown(address, signed_in=True, has_draft=True)
        for path, address in living_people.DRAFT_PAGES.items()
    },
    **{path: Shown(address, has_draft=True) for path, address in living_people.NOBODYS_PAGES.items()},
    "/contributions/{contribution_id}/report": Shown(f"/contributions/{living_people.REVIEW}/report"),
    "/reports/{report_id}/{secret}": Shown(f"/reports/{living_people.REVIEW}/a-secret?done=reported"),
    "/join": Shown("/join"),
    "/offline": Shown("/offline"),
    "/join/{code}": Shown(f"/join/{CODE}"),
    "/how-it-works": Shown("/how-it-works"),
    "/privacy": Shown("/privacy"),
    "/accessibility": Shown("/accessibility"),
    "/campaigns/{campaign_id}": Shown(f"/campaigns/{CAMPAIGN}"),
    "/towns/{nis_code}": Shown(f"/towns/{NIS}"),
    **{path: Shown(address, signed_in=True) for path, address in staff_world.PAGES.items()},
    "/merchants/{merchant_id}": Shown(f"/merchants/{SHOP}"),
}
"""By the path of its route."""

NO_PAGES = {
    "/{path:path}",  # 404
    "/connect/{connector}",  # leads on
    "/reports/about/{contribution_id}",  # leads on
    *staff_world.NO_PAGES,
    "/campaigns/{campaign_id}/card.png",
    "/robots.txt",
    "/service-worker.js",
    "/sitemap.xml",
    "/towns/{nis_code}/sitemap.xml",
    "/shops/{merchant_id}/feed/stream",
    "/shops/{merchant_id}/assessment/{assessment_id}/plan.pdf",
    "/coaching/{seat_id}.ics",
    "/towns/{nis_code}/card.png",
    "/merchants/{merchant_id}/reviews.atom",
    "/merchants/{merchant_id}/card.png",
    "/static/{name}",
    "/account/data",
    "/sign-in/at/{provider}",  # leads on
}
"""Routes that are read, and show nobody anything by themselves."""

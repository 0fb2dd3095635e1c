"""Where the pages of staff are looked at."""

from __future__ import annotations

from services.portal.staff.planning.steps import ORDER
from tests.integration.portal.city_hall import CASE, LETTER
from tests.integration.portal.city_register import RUN
from tests.integration.portal.city_windows import ENDPOINT
from tests.integration.portal.import_desk import JOB
from tests.integration.portal.living_town import CAMPAIGN, DISTRICT, SHOP
from tests.integration.portal.planning_room import PLAN
from tests.integration.portal.session_room import GROUP, PROGRAMME, TOWN_SESSION
from tests.integration.portal.stand_ins import CITY

_CITY = f"/desk/cities/{CITY}"
_ASKED = "what=google/review&reward=points&q=bou"
_LETTERS = "/desk/operations/campaigns/dead-letters"
PAGES = {
    "/desk": "/desk",
    "/desk/cities/{city_id}": _CITY,
    "/desk/cities/{city_id}/campaigns": f"{_CITY}/campaigns",
    "/desk/cities/{city_id}/moderation": f"{_CITY}/moderation",
    "/desk/cities/{city_id}/people": f"{_CITY}/people",
    "/desk/cases/{case_id}": f"/desk/cases/{CASE}",
    "/desk/operations": "/desk/operations",
    "/desk/operations/{service}/dead-letters/{letter_id}": f"{_LETTERS}/{LETTER}",
    "/desk/operations/erasures": "/desk/operations/erasures",
    "/desk/operations/audit": "/desk/operations/audit",
    "/desk/operations/deliveries": "/desk/operations/deliveries",
    "/desk/operations/deliveries/{message_id}": f"/desk/operations/deliveries/{LETTER}",
    "/desk/sessions": "/desk/sessions",
    "/desk/sessions/new": "/desk/sessions/new",
    "/desk/sessions/{session_id}": f"/desk/sessions/{TOWN_SESSION}",
    "/desk/sessions/{session_id}/room": f"/desk/sessions/{TOWN_SESSION}/room",
    "/desk/sessions/{session_id}/plan": f"/desk/sessions/{TOWN_SESSION}/plan",
    "/desk/sessions/{session_id}/registrations": f"/desk/sessions/{TOWN_SESSION}/registrations?q=pain",
    "/desk/sessions/{session_id}/paper": f"/desk/sessions/{TOWN_SESSION}/paper",
    "/desk/sessions/{session_id}/paper/sheet": f"/desk/sessions/{TOWN_SESSION}/paper/sheet",
    "/desk/groups": f"/desk/groups?city={CITY}",
    "/desk/groups/new": f"/desk/groups/new?city={CITY}",
    "/desk/groups/{group_id}": f"/desk/groups/{GROUP}",
    "/desk/calls": f"/desk/calls?city={CITY}",
    "/desk/reports": f"/desk/reports?city={CITY}",
    "/desk/reports (which one)": "/desk/reports",
    "/desk/programme": "/desk/programme",
    "/desk/programme/new": "/desk/programme/new",
    "/desk/programme/{programme_id}": f"/desk/programme/{PROGRAMME}",
    "/desk/programme/{programme_id}/plan": f"/desk/programme/{PROGRAMME}/plan",
    "/desk/cities/{city_id}/campaigns/new": f"{_CITY}/campaigns/new",
    "/desk/campaigns/{campaign_id}/edit": f"/desk/campaigns/{PLAN}/edit",
    **{
        f"/desk/campaigns/{{campaign_id}}/edit/{step}": f"/desk/campaigns/{PLAN}/edit/{step}?{_ASKED}"
        for step in (*ORDER, "shops")
    },
    "/desk/cities/{city_id}/doubts": f"{_CITY}/doubts",
    "/desk/cities/{city_id}/shops": f"{_CITY}/shops",
    "/desk/cities/{city_id}/shops/new": f"{_CITY}/shops/new",
    "/desk/shops/{merchant_id}": f"/desk/shops/{SHOP}",
    "/desk/cities/{city_id}/districts": f"{_CITY}/districts",
    "/desk/districts/{district_id}": f"/desk/districts/{DISTRICT}",
    "/desk/cities/{city_id}/print": f"{_CITY}/print",
    "/desk/cities/{city_id}/print/{run_id}": f"{_CITY}/print/{RUN}",
    "/desk/cities/{city_id}/elsewhere": f"{_CITY}/elsewhere",
    "/desk/cities/{city_id}/association": f"{_CITY}/association",
    "/desk/cities/{city_id}/webhooks": f"{_CITY}/webhooks",
    "/desk/webhooks/{endpoint_id}": f"/desk/webhooks/{ENDPOINT}",
    "/desk/campaigns/{campaign_id}/cities": f"/desk/campaigns/{PLAN}/cities",
    "/desk/cities/{city_id}/imports": f"{_CITY}/imports",
    "/desk/imports/{job_id}": f"/desk/imports/{JOB}",
    "/desk/campaigns/{campaign_id}": f"/desk/campaigns/{CAMPAIGN}",
}
"""By the path of the route; one that shows two pages has what the second is for in brackets."""
NO_PAGES = {
    "/desk/operations/trace",  # leads on
    "/desk/cities/{city_id}/print/{run_id}/{number}.pdf",
    "/desk/districts/{district_id}/cards.pdf",
    "/desk/imports/{job_id}/refused.csv",
    "/desk/calls/calls.csv",
    "/desk/groups/{group_id}/group.ics",
    "/desk/reports/{name}",
    "/desk/cases/{case_id}/pictures/{file_id}/{size}.webp",
    "/desk/campaigns/{campaign_id}/files/{name}",
    "/desk/sessions/{session_id}/code.svg",
    "/desk/sessions/{session_id}/live",
    "/desk/sessions/{session_id}/paper/template.csv",
}

"""A town in which every page has something to show: what the services say there, by service and path."""

from __future__ import annotations

from typing import Any

from chassis.ids import new_id
from tests.integration.portal.city_hall import AN_OPERATOR, GRANTS, ME, of_city_hall, of_the_operator
from tests.integration.portal.city_register import of_the_register
from tests.integration.portal.city_windows import AN_ASSOCIATION, of_the_windows
from tests.integration.portal.import_desk import of_imports
from tests.integration.portal.living_people import of_people
from tests.integration.portal.living_town import of_the_shop, of_the_town
from tests.integration.portal.planning_room import of_planning
from tests.integration.portal.session_room import A_CONSULTANT, of_the_consultant
from tests.integration.portal.stand_ins import an_offer
from tests.integration.portal.test_audience_page import PATH as LETTER
from tests.integration.portal.test_audience_page import told
from tests.integration.portal.test_invitation_page import READ, REFRESH, SESSION

FACTORS = "/api/v1/people/me/factors"
SESSIONS = "/api/v1/sessions"


def a_whole_town() -> dict[str, dict[str, Any]]:
    """Answers by service."""
    people = of_people()
    told_of = (
        people,
        of_city_hall(),
        of_the_operator(),
        of_the_consultant(),
        of_planning(),
        of_the_register(),
        of_the_windows(),
        of_the_shop(),
        of_the_town(),
    )
    answers: dict[str, dict[str, Any]] = {"directory": {}}
    for name, said in (each for one in told_of for each in one.items()):
        answers[name] = answers.get(name, {}) | said
    answers["directory"][ME] = {
        "grants": [*people["directory"][ME]["grants"], *GRANTS, AN_ASSOCIATION, AN_OPERATOR, A_CONSULTANT]
    }
    answers["directory"] |= of_imports() | _accounts() | {LETTER: told(), READ: an_offer()}
    return answers


def _accounts() -> dict[str, Any]:
    at = "2026-11-20T10:00:00Z"
    here = {"began_at": at, "used_at": at, "expires_at": "2126-11-20T10:00:00Z", "ended_at": None}
    return {
        REFRESH: SESSION,
        SESSIONS: {"items": [{"id": str(new_id()), "device": "Firefox", "is_this_one": True, **here}]},
        FACTORS: {
            "is_needed": True,
            "is_given": False,
            "authenticator": {"confirmed_at": at},
            "passkeys": [],
            "recovery_codes_left": 9,
            "at_cities": [],
        },
        "/api/v1/identity-providers": {"items": []},
    }

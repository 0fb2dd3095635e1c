"""What the services say to a consultant with a session of twenty chairs."""

from __future__ import annotations

from typing import Any

from fastapi import Response

from tests.integration.portal.city_hall import ME
from tests.integration.portal.living_town import OF_SHOP, SHOP, a_city, a_shop
from tests.integration.portal.stand_ins import CITY
from tests.integration.portal.test_invitation_page import REFRESH, SESSION

A_CONSULTANT = {"role": "consultant", "city_id": None, "merchant_id": None, "district_id": None}
TOWN_SESSION = "01890000-0000-7000-8000-0000000005e5"
CODE = "5GXYMQ"
SESSIONS = "/api/v1/town-sessions"
OF_SESSION = f"{SESSIONS}/{TOWN_SESSION}"
PROGRAMME = "01890000-0000-7000-8000-00000000a9a9"
PROGRAMMES = "/api/v1/programmes"
OF_PROGRAMME = f"{PROGRAMMES}/{PROGRAMME}"
REPORT = "/api/v1/reports"
CALLS = "/api/v1/call-list"
ASKED = "01890000-0000-7000-8000-00000000a5ed"
GROUP = "01890000-0000-7000-8000-000000009090"
GROUPS = "/api/v1/coaching-groups"
OF_GROUP = f"{GROUPS}/{GROUP}"
LIVE = (
    b"retry: 60000\n\nid: 9\nevent: forms\n"
    b'data: {"forms":9,"picture":{"forms":9,"mean":36,"tenths":[1,2,2,1,1,1,0,0,0,1]}}\n\n'
)


def a_session(**changed: Any) -> dict[str, Any]:
    return {
        "id": TOWN_SESSION,
        "city_id": CITY,
        "title": "Être trouvé par ses clients",
        "place": "Salle des fêtes de Habay-la-Neuve",
        "kind": "awareness",
        "training": None,
        "starts_at": "2026-12-14T18:00:00Z",
        "ends_at": "2026-12-14T20:00:00Z",
        "capacity": 20,
        "language": "fr",
        "state": "announced",
        "version": 3,
    } | changed


def a_programme(**changed: Any) -> dict[str, Any]:
    total = {"planned": 66, "announced": 1, "held": 20, "cancelled": 2, "participants": 429, "missing": 45}
    return {
        "id": PROGRAMME,
        "name": "Commerce connecté",
        "starts_on": "2026-01-01",
        "ends_on": "2026-12-31",
        "version": 4,
        "towns": [total | {"city_id": CITY, "is_gap": False}],
        "total": total,
        "gaps": [CITY],
    } | changed


def a_report(**changed: Any) -> dict[str, Any]:
    some, few = {"count": 69, "percent": 16.1}, {"count": 9, "percent": 2.1}
    rank = {"key": "claim", "text": "Take charge of your profile", "count": 204, "percent": 47.6}
    kind = {"kind": "food", "text": "Food", "participants": 87, "mean": 27.5}
    series = {"region": "Wallonia", "title": "Digital maturity of shops", "source": "A survey"}
    return {
        "participants": 429,
        "sessions": 20,
        "mean": 29.1,
        "share_50_or_more": some,
        "share_above_70": few,
        "asked_for_training": {"count": 210, "percent": 49.0},
        "distribution": [{"lowest": 20, "highest": 29, "count": 120}],
        "dimensions": [{"key": "visibility", "text": "Being found", "answered": 420, "mean": 31.5}],
        "recommendations": [rank],
        "wishes": [rank | {"text": "A training in a small group"}],
        "kinds": [kind | {"share_50_or_more": some, "share_above_70": few}],
        "regional": [series | {"means": [{"year": 2025, "mean": 29}], "caution": "Another questionnaire."}],
        "left_out": {"small_units": 3, "open_units": 1, "other_editions": []},
        "rule": "Figures are sums of groups of five.",
    } | changed


def an_asker(**changed: Any) -> dict[str, Any]:
    owner = {"merchant_name": "Au Pain Doré", "person_name": "Luc", "email": "luc@example.org"}
    return {
        "id": ASKED,
        "merchant_id": SHOP,
        "wish": "visit",
        "language": "fr",
        "requested_at": "2026-11-20T10:00:00Z",
        "weak": {"dimension": "visibility", "score": 12},
        "contacts": [owner | {"phone": "+32 63 00 00 00"}],
        "call": {"outcome": "not_reached", "at": "2026-11-27T10:00:00Z", "next_on": "2026-11-30"},
    } | changed


def a_group(**changed: Any) -> dict[str, Any]:
    seat = {"id": GROUP, "group_id": GROUP, "merchant_id": SHOP, "expires_at": None, "attended": None}
    return {
        "id": GROUP,
        "city_id": CITY,
        "dimension": "visibility",
        "language": "fr",
        "starts_at": "2126-12-15T08:00:00Z",
        "ends_at": "2126-12-15T11:00:00Z",
        "place": "Maison communale",
        "state": "open",
        "version": 7,
        "seats": [
            seat | {"request_id": ASKED, "line": 1, "state": "taken", "seat": 1},
            seat | {"request_id": GROUP, "line": 2, "state": "declined", "seat": None},
        ],
    } | changed


def the_form() -> dict[str, Any]:
    """What the code of the room opens: a choice, and a number on a scale."""
    options = [{"key": each, "text": f"Option {each}", "exclusive": False} for each in ("mine", "nothing")]
    question: dict[str, Any] = {"dimension": "visibility", "shown_if": None, "options": [], "range": None}
    scale = {"lowest": 1, "highest": 5, "low": "hard", "high": "easy", "unit": None}
    return {
        "session": a_session(),
        "forms_until": "2026-12-15T02:00:00Z",
        "questionnaire": {
            "name": "session-form",
            "version": 1,
            "title": "Where does my shop stand?",
            "introduction": "Eight questions, three minutes.",
            "dimensions": [{"key": "visibility", "text": "Being found"}],
            "questions": [
                question | {"key": "maps", "text": "What is found?", "kind": "single", "options": options},
                question | {"key": "ease", "text": "How easy is it?", "kind": "scale", "range": scale},
            ],
        },
        "merchant_kinds": [{"key": "shop=bakery", "text": "Bakery"}],
    }


def of_the_consultant() -> dict[str, dict[str, Any]]:
    """Answers by service."""
    code = {"code": CODE, "address": f"https://cococity.example/join/{CODE}"}
    times = {"forms_from": "2026-12-14T17:30:00Z", "forms_until": "2026-12-15T02:00:00Z"}
    fitting = {"dimension": "visibility", "language": "fr", "half_day": "tue-am"}
    proposal = fitting | {"asks": [{"request_id": ASKED, "merchant_id": SHOP}]}
    registered = {"merchant_id": SHOP, "is_waiting": True, "attended": True}
    return {
        "directory": {
            REFRESH: SESSION,
            ME: {"grants": [A_CONSULTANT]},
            OF_SHOP: a_shop(),
            "/api/v1/cities": {"items": [a_city()], "next": None},
            f"/api/v1/cities/{CITY}": a_city(),
        },
        "assessment": {
            SESSIONS: {"items": [a_session()], "next": None},
            OF_SESSION: a_session(),
            f"{OF_SESSION}/registrations": {"items": [registered], "next": None},
            f"{OF_SESSION}/registrations/{SHOP}": registered | {"ahead": 2},
            f"{OF_SESSION}/forms": the_form() | {"forms": 9, "participants": None},
            f"{OF_SESSION}/forms/template.csv": Response("maps;ease"),
            f"{OF_SESSION}/join": code | times,
            f"{OF_SESSION}/join.svg": Response("<svg xmlns='http://www.w3.org/2000/svg'/>"),
            f"/api/v1/join/{CODE}": the_form(),
            PROGRAMMES: {"items": [a_programme()], "next": None},
            OF_PROGRAMME: a_programme(),
            REPORT: a_report(),
            GROUPS: {"items": [a_group()], "next": None},
            OF_GROUP: a_group(),
            "/api/v1/coaching-proposals": {"items": [proposal], "next": None},
            CALLS: {"items": [an_asker()], "next": None},
            f"{OF_SESSION}/live": Response(LIVE, media_type="text/event-stream"),
        },
    }

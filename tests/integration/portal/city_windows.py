"""What the services say of what is seen elsewhere, of webhooks and of campaigns of several cities."""

from __future__ import annotations

from typing import Any

from tests.integration.portal.living_town import CAMPAIGN, DISTRICT, a_city
from tests.integration.portal.planning_room import OF_PLAN
from tests.integration.portal.stand_ins import CITY

ENDPOINT = "01890000-0000-7000-8000-0000000e4d01"
ENDPOINTS = "/api/v1/webhook-endpoints"
OF_ENDPOINT = f"{ENDPOINTS}/{ENDPOINT}"
NEIGHBOUR = "01890000-0000-7000-8000-00000000ab0e"
THIRD = "01890000-0000-7000-8000-00000000ab0f"
GLANCE = "/api/v1/elsewhere/glance"
AN_ASSOCIATION = {"role": "association_officer", "city_id": CITY, "district_id": DISTRICT}


def an_endpoint(**changed: Any) -> dict[str, Any]:
    return {
        "id": ENDPOINT,
        "city_id": CITY,
        "url": "https://systems.habay.example/cococity",
        "description": "Open data",
        "types": ["campaigns.campaign-started.v1"],
        "made_at": "2026-11-20T10:00:00Z",
        "enabled": True,
        "disabled": None,
        "failures": 2,
        "failing_since": "2026-11-26T10:00:00Z",
        "rests_until": None,
        "former_until": None,
    } | changed


def of_the_windows() -> dict[str, dict[str, Any]]:
    """Answers by service."""
    at = "2026-11-26T10:00:00Z"
    said = {"platform": "fediverse", "kind": "post", "source": "open-source", "posts": 7, "new": 3}
    counted = {"platform": "google", "measure": "reviews", "figure": 212.0, "scale": None, "shops": 9}
    delivery = {
        "id": ENDPOINT,
        "message_id": ENDPOINT,
        "type": "campaigns.campaign-started.v1",
        "attempts": 2,
    }
    post = {"name": "Mastodon", "url": "https://social.example/1", "kind": "post", "day": "2026-11-20"}
    neighbour = a_city() | {"id": NEIGHBOUR, "name": {"fr": "Arlon"}, "nis_code": "81001"}
    third = neighbour | {"id": THIRD, "name": {"fr": "Virton"}}
    return {
        "directory": {
            "/api/v1/cities": {"items": [a_city(), neighbour, third], "next": None},
        },
        "campaigns": {
            GLANCE: {
                "since": "2026-10-29",
                "said": [said | {"first_day": "2026-09-01", "last_day": "2026-11-20"}],
                "counted": [
                    counted
                    | {"day": "2026-11-25", "sources": ["officer"], "before": 200.0, "moved": 12.0}
                    | {"compared": 8}
                ],
            },
            "/api/v1/elsewhere/posts": {
                "items": [post | {"source": "open-source", "via": "", "excerpt": "Miam <b>"}],
                "next": None,
            },
            ENDPOINTS: {"items": [an_endpoint()], "next": None},
            OF_ENDPOINT: an_endpoint(),
            f"{OF_ENDPOINT}/deliveries": {
                "items": [delivery | {"happened_at": at, "state": "pending", "next_attempt_at": at}],
                "next": None,
            },
            "/api/v1/webhook-types": {
                "items": [{"type": "campaigns.campaign-started.v1", "told": "A campaign began."}]
            },
            f"{OF_PLAN}/cities": [
                {"city_id": NEIGHBOUR, "invited_at": at, "accepted": None, "answered_at": None}
            ],
            f"/api/v1/campaigns/{CAMPAIGN}/cities": [],
        },
    }

"""What the services say to an officer who plans a campaign."""

from __future__ import annotations

from typing import Any

from tests.integration.portal.living_town import DISTRICT, SHOP, a_city, a_shop
from tests.integration.portal.stand_ins import CITY

PLAN = "01890000-0000-7000-8000-00000000914a"
OF_PLAN = f"/api/v1/campaigns/{PLAN}"
DRAFTS = "/api/v1/campaign-templates/month-of-ambassadors/drafts"


def judged(platform: str, action: str, reward: str, verdict: str) -> dict[str, Any]:
    source = {"title": "Google Maps, policy on fake engagement", "address": "https://support.google.com/x"}
    rule = {"key": "a-rule", "text": f"Why it is {verdict}.", "sources": [source]}
    ask = {"platform": platform, "action": action, "reward": reward}
    return ask | {"least_stars": None, "only_satisfied": False, "verdict": verdict, "rules": [rule]}


def a_plan(**changed: Any) -> dict[str, Any]:
    texts = {
        "fr": {"name": "Le mois des ambassadeurs <b>", "description": "Dites ce que vous aimez."},
        "nl": {"name": "De maand van de ambassadeurs", "description": "Zeg wat u graag hebt."},
    }
    return {
        "id": PLAN,
        "city_id": CITY,
        "name": texts["fr"]["name"],
        "description": texts["fr"]["description"],
        "languages": ["fr", "nl"],
        "texts": texts,
        "starts_at": "2026-12-01T08:00:00Z",
        "ends_at": "2027-01-01T08:00:00Z",
        "district_ids": [DISTRICT],
        "kinds": ["shop=bakery"],
        "merchant_ids": [SHOP],
        "question": "Les habitants prennent-ils part ?",
        "go_if": [{"figure": "reviews", "at_least": 20}],
        "goals": [{"figure": "reviews", "target": 300}],
        "approval": False,
        "legal_ground": None,
        "policy": [judged("here", "review", "points", "allowed-with-disclosure")],
        "state": "draft",
        "version": 3,
        "evaluation": None,
    } | changed


def changes() -> dict[str, Any]:
    at, name = "2026-11-26T10:00:00Z", {"before": "Avant", "after": "Après"}
    newest = {"version": 3, "state": "draft", "at": at, "person_id": None, "changes": {"name": name}}
    return {"items": [newest, newest | {"version": 1, "changes": {}}], "next": None}


def of_planning() -> dict[str, dict[str, Any]]:
    """Answers by service."""
    template = {"key": "month-of-ambassadors", "name": "The month", "description": "For a month.", "days": 31}
    pilot = {"key": "one-street", "name": "One street", "description": "A trial.", "days": 14}
    study = {
        "outcomes": ["page-visit", "follow"],
        "comparison_district_ids": [],
        "weeks_before": 8,
        "weeks_after": 6,
        "least_merchants": 10,
        "least_counted": 20,
        "worth_percent": 20,
        "fixed": False,
    }
    policy = [
        judged("here", "review", "none", "allowed"),
        judged("here", "photo", "points", "allowed-with-disclosure"),
        judged("google", "review", "none", "allowed"),
        judged("google", "review", "points", "refused"),
    ]
    return {
        "directory": {
            f"/api/v1/cities/{CITY}": a_city() | {"version": 4},
            "/api/v1/merchants/search": {"items": [{"merchant": a_shop()}], "tolerant": False},
        },
        "campaigns": {
            OF_PLAN: a_plan(),
            f"{OF_PLAN}/changes": changes(),
            f"{OF_PLAN}/study/plan": study,
            "/api/v1/campaign-templates": [template | {"question": None}, pilot | {"question": "Who?"}],
            "/api/v1/campaign-policy": {"judgements": policy, "rules": []},
        },
    }

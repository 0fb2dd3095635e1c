"""What the services say to an officer of a city, where every page has something to show."""

from __future__ import annotations

from typing import Any

from fastapi import Response

from tests.integration.portal.living_town import CAMPAIGN, DISTRICT, OF_SHOP, SHOP, a_city, a_shop
from tests.integration.portal.stand_ins import CITY
from tests.integration.portal.test_invitation_page import REFRESH, SESSION
from tests.support.pictures import photo

ME = "/api/v1/people/me"
OF_CITY = f"/api/v1/dashboards/cities/{CITY}"
OF_CAMPAIGN = f"/api/v1/dashboards/campaigns/{CAMPAIGN}"
CASE = "01890000-0000-7000-8000-00000000ca5e"
NEXT_CASE = "01890000-0000-7000-8000-00000000ca5f"
PICTURE = "01890000-0000-7000-8000-0000000071c7"
CASES = "/api/v1/moderation/cases"
INVITATION = "01890000-0000-7000-8000-0000000001f1"
OF_PEOPLE = f"/api/v1/cities/{CITY}"
LETTER = "01890000-0000-7000-8000-00000000dead"
ERASURES = "/api/v1/people/erasures"
DELIVERIES = "/api/v1/notifications/deliveries"
GRANTS = [{"role": "city_officer", "city_id": CITY, "merchant_id": None, "district_id": None}]
AN_OPERATOR = {"role": "operator", "city_id": None, "merchant_id": None, "district_id": None}


def a_campaign(**changed: Any) -> dict[str, Any]:
    return {
        "id": CAMPAIGN,
        "city_id": CITY,
        "name": "Le mois des ambassadeurs <b>",
        "description": "Dites ce que vous aimez.",
        "state": "running",
        "starts_at": "2026-11-01T08:00:00Z",
        "ends_at": "2026-12-05T22:59:00Z",
    } | changed


AT = "2026-11-20T10:00:00Z"


def a_replay(**changed: Any) -> dict[str, Any]:
    of = {"delivery_id": LETTER, "since": None, "until": None}
    return {"id": SHOP, "at": AT, "by_person": CITY, "deliveries": 3} | of | changed


def a_dashboard(**changed: Any) -> dict[str, Any]:
    reach = {"merchants": 41, "reached": 26, "actions": 283}
    goal = {"campaign_id": CAMPAIGN, "figure": "reviews", "target": 50, "counted": 61}
    return {
        "today": "2026-11-26",
        "actions": [
            {"kind": "review", "today": 2, "total": 61},
            {"kind": "share", "today": 0, "total": 214},
        ],
        "action_days": [
            {"day": "2026-11-26", "kind": "review", "counted": 2},
            {"day": "2026-11-24", "kind": "review", "counted": 3},
            {"day": "2026-11-24", "kind": "share", "counted": 5},
            {"day": "2026-10-29", "kind": "share", "counted": 99},  # a day before the picture begins
        ],
        "visits": [{"kind": "shop", "today": 0, "total": 1500}],
        "visit_days": [],
        "ambassadors": {"active": 24, "weeks": []},
        "merchants": reach,
        "districts": [reach | {"district_id": DISTRICT}, reach | {"district_id": None}],
        "goals": [goal | {"reached_at": "2026-11-20T10:00:00Z"}],
        "moderation": {"open": 2, "overdue": 1, "decided": 9, "median_seconds": 5400.0},
        "elsewhere": [{"platform": "fediverse", "posts": 7, "new": 3}],
    } | changed


def a_case(**changed: Any) -> dict[str, Any]:
    link = {"key": "link", "text": "The text holds a web or mail address."}
    insult = {"key": "insult", "text": "The text insults or threatens somebody."}
    at = "2026-11-21T08:12:00Z"
    about = {
        "id": CITY,
        "merchant_id": SHOP,
        "kind": "photo",
        "posted_at": at,
        "standing": "held",
        "rating": 1,
        "text": "En panne deux fois. <script>",
        "language": "fr",
        "tie": "staff",
        "people": "not-asked",
        "pictures": [{"id": PICTURE, "alt": "Un écran noir", "width": 400, "height": 300}],
    }
    decision = {"outcome": "removed", "ground": insult, "statement": "Le mot « voleur ».", "at": at}
    return {
        "id": CASE,
        "city_id": CITY,
        "contribution": about,
        "reasons": [link],
        "reports": [{"ground": insult, "text": "C'est moi.", "at": at}],
        "appeal": {"by": "author", "text": "Je maintiens."},
        "decisions": [decision],
        "opened_at": at,
        "due_at": "2026-11-23T08:12:00Z",
        "overdue": True,
        "decided_at": None,
        "taken": False,
        "taken_by_me": False,
    } | changed


def of_city_hall() -> dict[str, dict[str, Any]]:
    """Answers by service."""
    role = {"role": "city_officer", "display_name": "Claire Lambert", "email": "claire@city.example"}
    open_one = {"id": INVITATION, "role": "consultant", "email": "anna@advice.example", "state": "open"}
    accepted = open_one | {"email": "accepted@city.example", "state": "accepted"}
    until = {"expires_at": "2026-12-02T10:00:00Z"}
    not_reached = {"items": [{"merchant_id": SHOP, "district_ids": [DISTRICT]}], "next": "further"}
    return {
        "directory": {
            REFRESH: SESSION,
            ME: {"grants": GRANTS},
            OF_SHOP: a_shop(),
            f"/api/v1/cities/{CITY}": a_city(),
            f"{OF_PEOPLE}/roles": {"items": [role | {"granted_at": "2026-09-03T10:00:00Z"}], "next": None},
            f"{OF_PEOPLE}/invitations": {"items": [open_one | until, accepted | until], "next": None},
            f"/api/v1/cities/{CITY}/districts": {"items": [{"id": DISTRICT, "name": "Habay-la-Neuve"}]},
        },
        "campaigns": {
            "/api/v1/campaigns": {"items": [a_campaign()], "next": None},
            f"/api/v1/campaigns/{CAMPAIGN}": a_campaign(),
            OF_CITY: a_dashboard(),
            f"{OF_CITY}/not-reached": not_reached,
            OF_CAMPAIGN: a_dashboard(),
            f"{OF_CAMPAIGN}/not-reached": not_reached,
            CASES: {"items": [a_case(), a_case(id=NEXT_CASE, taken=True)], "next": "further"},
            f"{CASES}/{CASE}": a_case(),
            f"{CASES}/{CASE}/pictures/{PICTURE}/small.webp": Response(photo((40, 30), "WEBP")),
            "/api/v1/moderation/figures": {"open": 2, "appeals": 1, "overdue": 2},
        },
    }


def a_letter(**changed: Any) -> dict[str, Any]:
    return {
        "id": LETTER,
        "consumer": "campaigns__webhooks",
        "subject": "campaigns.ambassador-shared.v1.01890000.00",
        "event_id": SHOP,
        "error": "not an event: Object missing required field `dataschema`",
        "attempts": 3,
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
        "died_at": "2026-11-26T19:35:30.846Z",
        "state": "open",
    } | changed


def a_failed_delivery() -> dict[str, Any]:
    """A digest that the relay refused."""
    news = [{"kind": kind, "rules": ["default:weekly"], "left_out": None} for kind in ("first", "milestone")]
    return {
        "id": LETTER, "recipient_kind": "merchant", "recipient_id": SHOP, "channel": "mail",
        "window": "digest:2026-11-23", "kinds": ["first", "milestone"], "state": "failed_for_good",
        "reason": "message-refused", "attempts": 3, "created_at": "2026-11-20T10:00:00Z", "due_at": None,
        "finished_at": "2026-11-23T07:00:00Z", "news": news,
    }  # fmt: skip


def of_the_operator() -> dict[str, dict[str, Any]]:
    """What is said to who operates it: one consumer is paused, and one letter is dead."""
    answers: dict[str, dict[str, Any]] = {}
    for name in ("directory", "campaigns", "notifications", "assessment"):
        at, letters = f"/api/v1/operations/{name}", [a_letter()] if name == "campaigns" else []
        lag = {"pending": 7, "under_way": 0, "redelivered": 1}
        paused = "a fifth of a batch failed" if name == "campaigns" else None
        consumers = [{"consumer": f"{name}__erasures", "paused": paused, "idle": False, **lag}]
        answers[name] = {
            f"{at}/status": {
                "outbox": {"unpublished": 4, "oldest_seconds": 2.345},
                "dead_letters": {"open": len(letters)},
                "consumers": consumers,
            },
            f"{at}/dead-letters": {"items": letters, "next": None},
            f"{at}/dead-letters/{LETTER}": a_letter(headers={"traceparent": "00-…"}, body='{"id": "<b>"}'),
        }
    parts = [
        {"owner": "campaigns", "done_at": "2026-11-20T10:00:00Z"},
        {"owner": "notifications", "done_at": None},
    ]
    failed = a_failed_delivery()
    answers["notifications"] |= {
        DELIVERIES: {"items": [failed], "next": "further"},
        f"{DELIVERIES}/{LETTER}": failed,
        f"{DELIVERIES}/replays": {"items": [a_replay(), a_replay(delivery_id=None, since=AT, until=AT)]},
    }
    erasure = {"id": SHOP, "state": "confirmed", "requested_at": "2026-11-20T10:00:00Z", "completed_at": None}
    entry = {"at": "2026-11-20T10:00:00Z", "action": "role_given", "actor_id": None, "actor_name": None}
    answers["directory"] |= {
        ERASURES: {"items": [erasure | {"parts": parts}], "next": None},
        "/api/v1/audit": {"items": [entry | {"details": {"role": "consultant"}}], "next": "further"},
    }
    return answers

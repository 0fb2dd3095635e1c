"""What the services say to an ambassador and to who runs a shop, where every page has something to show."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from tests.integration.portal.living_town import a_city, connections_of
from tests.integration.portal.stand_ins import CITY

SHOP = "01890000-0000-7000-8000-00000000500b"
CAMPAIGN = "01890000-0000-7000-8000-00000000ca3e"
REVIEW = "01890000-0000-7000-8000-00000000e71e"
PHOTO = "01890000-0000-7000-8000-0000000f0701"
REMOVED = "01890000-0000-7000-8000-00000000e72e"
ASSESSMENT = "01890000-0000-7000-8000-00000000a55e"
PUSH_KEY = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
DEVICE = sha256(b"https://push.example/a-browser").hexdigest()
DRAFT = "01890000-0000-7000-8000-00000000d4af"
_AT = "2026-11-20T10:00:00Z"
_ASSESSMENTS = f"/shops/{SHOP}/assessment"
PAGES = {
    "/campaigns/{campaign_id}/join": f"/campaigns/{CAMPAIGN}/join?next=/shops",
    "/merchants/{merchant_id}/review": f"/merchants/{SHOP}/review",
    "/merchants/{merchant_id}/correction": f"/merchants/{SHOP}/correction?field=opening_hours",
    "/merchants/{merchant_id}/photo": f"/merchants/{SHOP}/photo",
    "/contributions": "/contributions",
    "/contributions/{contribution_id}": f"/contributions/{REMOVED}",
    "/reports": "/reports",
    "/reports/{report_id}": f"/reports/{REVIEW}",
    "/messages": "/messages",
    "/messages/preferences": "/messages/preferences",
    "/points": "/points",
    "/follows": "/follows",
    "/links": "/links",
    "/links/{code}": "/links/9tnc7p6t",
    "/claim": "/claim?q=rigaux",
    "/shops": "/shops",
    "/shops/{merchant_id}": f"/shops/{SHOP}",
    "/shops/{merchant_id}/feed": f"/shops/{SHOP}/feed",
    "/shops/{merchant_id}/reviews": f"/shops/{SHOP}/reviews",
    "/shops/{merchant_id}/photos": f"/shops/{SHOP}/photos",
    "/shops/{merchant_id}/photos/{photo_id}": f"/shops/{SHOP}/photos/{PHOTO}",
    "/shops/{merchant_id}/connections": f"/shops/{SHOP}/connections",
    "/shops/{merchant_id}/preferences": f"/shops/{SHOP}/preferences",
    "/shops/{merchant_id}/assessment/{assessment_id}": f"{_ASSESSMENTS}/{ASSESSMENT}",
    "/shops/{merchant_id}/assessment/{assessment_id}/plan": f"{_ASSESSMENTS}/{ASSESSMENT}/plan",
    "/shops/{merchant_id}/assessment/{assessment_id}/tools": (
        f"{_ASSESSMENTS}/{ASSESSMENT}/tools?tool=osm&tool=google"
    ),
    "/shops/{merchant_id}/assessment/trainings": f"{_ASSESSMENTS}/trainings",
}
"""For who is signed in, by the path of the route."""
DRAFT_PAGES = {
    "/shops/{merchant_id}/assessment": _ASSESSMENTS,
    "/shops/{merchant_id}/assessment/questions/{number}": f"{_ASSESSMENTS}/questions/1",
}
"""For who has begun an assessment in this browser."""
NOBODYS_PAGES = {
    "/assess": "/assess",
    "/assess/questions/{number}": "/assess/questions/1",
    "/assess/result": "/assess/result",
    "/assess/shop": "/assess/shop?q=rigaux",
    "/assess/proposal": "/assess/proposal",
}
"""The same, for who has no account."""


def of_people() -> dict[str, dict[str, Any]]:
    """Answers by service."""
    return {
        "directory": _directory(),
        "campaigns": _campaigns() | _points() | connections_of(SHOP),
        "notifications": _notifications(),
        "assessment": _assessment() | _results(),
    }


def a_correction(**changed: Any) -> dict[str, Any]:
    of_shop = {"id": REVIEW, "receipt_id": CITY, "merchant_id": SHOP, "field": "phone"}
    return of_shop | {"suggested_at": _AT, "state": "open", "reason": None} | changed


def _directory() -> dict[str, Any]:
    shop = {
        "id": SHOP,
        "city_id": CITY,
        "name": "Boulangerie Rigaux",
        "kind": "shop=bakery",
        "kind_name": "Bakery",
        "district_ids": [],
        "status": "claimed",
        "address": {"street": "Grand-Rue", "house_number": "12", "postcode": "6720", "place": "Habay"},
    }
    return {
        f"/api/v1/merchants/{SHOP}": shop,
        "/api/v1/cities": {"items": [a_city()], "next": None},
        "/api/v1/kinds": {"items": [{"kind": "shop=bakery", "name": "Bakery"}]},
        "/api/v1/people/me/corrections": {"items": [a_correction()], "next": None},
        "/api/v1/people/me": {
            "grants": [{"role": "merchant", "merchant_id": SHOP}, {"role": "merchant", "merchant_id": CITY}]
        },
        "/api/v1/merchants/search": {"items": [{"merchant": shop}], "tolerant": False},
    }


def contribution(**changed: Any) -> dict[str, Any]:
    """A review that counts."""
    return {
        "id": REVIEW,
        "merchant_id": SHOP,
        "kind": "review",
        "campaign_id": CAMPAIGN,
        "counts_for_campaign": True,
        "reason": None,
        "posted_at": _AT,
        "withdrawn_at": None,
        "standing": "published",
        "reasons": [],
        "statement": None,
        "rating": 4,
        "text": "Le pain est bon, et l'accueil aussi.",
        "language": "fr",
        "version": 2,
        "edited_at": _AT,
        "answer": {"text": "Merci !", "version": 1},
        "disclosures": [],
    } | changed


def a_photo(**changed: Any) -> dict[str, Any]:
    """Two pictures that the shop uses."""
    picture = {"id": PHOTO, "alt": "La vitrine le matin", "width": 400, "height": 300}
    files = {"large": "/api/v1/files/f/large.webp", "small": "/api/v1/files/f/small.webp"}
    terms = {
        "licence": "cc-by-sa-4.0",
        "people": "agreed",
        "counts_for_audience": True,
        "credit": "Léa D.",
        "attribution": "© Léa D., CC BY-SA 4.0: https://creativecommons.org/licenses/by-sa/4.0/",
        "reused_at": _AT,
    }
    photo = contribution(id=PHOTO, kind="photo", answer=None, edited_at=None, **terms)
    return photo | {"pictures": [picture | files, picture | files]} | changed


def a_report(**changed: Any) -> dict[str, Any]:
    """Of a review that stayed: who reported it may appeal."""
    stays = {"key": "no-rule-broken", "text": "No rule is broken."}
    decision = {"id": REVIEW, "outcome": "published", "ground": stays, "statement": "It is about the bread."}
    return {
        "id": REVIEW,
        "contribution_id": REVIEW,
        "merchant_id": SHOP,
        "kind": "review",
        "ground": {"key": "insult", "text": "It insults somebody."},
        "at": _AT,
        "due_at": _AT,
        "decided": True,
        "decision": decision | {"at": _AT, "appeal_until": _AT},
        "appeal": None,
        "appeal_until": "2126-05-20T10:00:00Z",
    } | changed


def _campaigns() -> dict[str, Any]:
    asks = "/api/v1/contributions"
    campaign = {
        "id": CAMPAIGN,
        "city_id": CITY,
        "name": "Le mois des ambassadeurs",
        "description": "Dites du bien de ce que vous aimez.",
        "texts": {},
        "ends_at": "2126-12-26T00:00:00Z",
        "state": "running",
        "district_ids": [],
        "kinds": [],
        "merchant_ids": [],
        "approval": True,
    }
    removed = contribution(
        id=REMOVED,
        standing="removed",
        answer=None,
        edited_at=None,
        reasons=[{"key": "insult", "text": "It insults somebody."}],
        statement="Please write about the shop.",
    )
    link = {
        "code": "9tnc7p6t",
        "address": "http://127.0.0.1/s/9tnc7p6t",
        "qr": "/static/icon.svg",
        "merchant_id": SHOP,
        "campaign_id": None,
        "withdrawn_at": None,
        "visits": 12,
        "days": [{"day": "2026-11-20", "kind": "share", "visits": 12, "visitors": 9}],
    }
    return {
        "/api/v1/campaigns": {"items": [campaign], "next": None},
        f"/api/v1/campaigns/{CAMPAIGN}": campaign,
        "/api/v1/campaign-pledge": {"version": 1, "text": "I say what I think, good or bad."},
        f"{asks}/mine": {"items": [contribution(), removed, a_photo()], "next": "more"},
        asks: _of_the_shop,
        f"{asks}/{PHOTO}": a_photo(),
        f"{asks}/{REVIEW}": contribution(),
        f"{asks}/{REMOVED}": removed,
        f"{asks}/{REMOVED}/decisions": {"items": [], "appeal": None, "appeal_until": "2126-05-20T10:00:00Z"},
        f"{asks}/{REVIEW}/decisions": {"items": [], "appeal": None, "appeal_until": None},
        f"{asks}/reports": {"items": [a_report(), a_report(decided=False, decision=None)], "next": None},
        f"{asks}/reports/grounds": [{"key": "insult", "text": "It insults somebody."}],
        f"{asks}/reports/{REVIEW}": a_report(),
        "/api/v1/share-links": {"items": [link], "next": None},
        "/api/v1/share-links/9tnc7p6t": link,
        "/api/v1/follows": {"items": [{"merchant_id": SHOP, "since": _AT}], "next": None},
        "/api/v1/elsewhere/glance": _elsewhere(),
    }


def _of_the_shop(request: Any) -> dict[str, Any]:
    bare = a_photo(id=REVIEW, licence="this-shop", credit=None, attribution=None, reused_at=None)
    reviews = [contribution(), contribution(id=REMOVED, answer=None)]
    shown = {"review": reviews, "photo": [a_photo(), bare]}
    return {"items": shown.get(request.query_params.get("kind", "review"), []), "next": None}


def _elsewhere() -> dict[str, Any]:
    counted = {"platform": "google", "measure": "mean", "figure": 4.5, "scale": 5, "day": "2026-11-20"}
    said = {"platform": "mangrove", "kind": "review", "source": "open-source", "posts": 4, "new": 2}
    return {
        "since": "2026-11-01",
        "counted": [counted | {"sources": ["merchant"], "moved": 0.2}],
        "said": [said | {"last_day": "2026-11-19"}],
    }


def _points() -> dict[str, Any]:
    path = f"/api/v1/campaigns/{CAMPAIGN}"
    badge = {"key": "first", "title": "First word", "told": "A first contribution."}
    entry = {"action": "review", "contribution_id": REVIEW, "points": 5, "why": "earned", "at": _AT}
    return {
        f"{path}/points/mine": {"points": 5, "badges": [badge]},
        f"{path}/points/mine/entries": {"items": [entry], "next": None},
        f"{path}/game": {
            "points": [{"action": "review", "points": 5, "a_day": 3, "visitors": None}],
            "badges": [badge, badge | {"key": "tenth", "title": "Tenth word"}],
            "badges_on": True,
            "leaderboard_on": False,
        },
    }


def _notifications() -> dict[str, Any]:
    news = {"id": REVIEW, "title": "5 reviews", "text": "It grows.", "created_at": _AT, "read_at": None}
    return {
        "/api/v1/notifications": {"items": [news, news | {"read_at": _AT}], "next": None},
        "/api/v1/notifications/unread": {"merchant_id": SHOP, "unread": 1},
        "/api/v1/people/me/notifications": {
            "items": [
                news | {"kind": "decision", "path": f"/contributions/{REMOVED}", "because": "You wrote it."},
                news | {"read_at": _AT, "path": None},
            ],
            "next": None,
        },
        "/api/v1/people/me/notifications/unread": {"merchant_id": None, "unread": 1},
        "/api/v1/people/me/notification-preferences": _preferences()
        | {"kinds": [{"kind": "review-answered", "binding": False, "timings": {"mail": "daily"}}]},
        "/api/v1/people/me/notification-preferences/preview": _preview(),
        "/api/v1/people/me/notification-devices": {"items": []},
        f"/api/v1/notifications/preferences/{SHOP}": _preferences(),
        f"/api/v1/notifications/preferences/{SHOP}/preview": _preview(),
        "/api/v1/notifications/push-key": {"key": PUSH_KEY},
        f"/api/v1/notifications/devices/{SHOP}": {
            "items": [{"id": DEVICE, "service": "push.example", "language": "fr", "since": _AT}]
        },
        f"/api/v1/audience/{SHOP}": {
            "totals": {"review": 12, "share": 7},
            "days": [
                {"day": day, "kind": kind, "count": count}
                for day, kind, count in (("2026-11-20", "review", 3), ("2026-11-05", "share", 2))
            ],
        },
        f"/api/v1/audience/{SHOP}/growth": {
            "text": "Week from 16 to 22 November.",
            "kinds": [{"count": 3, "own": {"verdict": "rise"}, "text": "3 reviews, more than usual."}],
        },
        f"/api/v1/audience/{SHOP}/contributions": {
            "items": [{"contribution_id": REVIEW, "kind": "review", "day": "2026-11-20"}],
            "next": None,
        },
    }


def _preferences() -> dict[str, Any]:
    quiet = {"quiet_from": 20, "quiet_to": 8, "holidays": False}
    return {
        "mail": True,
        "language": "fr",
        "choices": {
            "timings": {},
            "digest_day": 1,
            "digest_hour": 8,
            "most_a_day": 3,
            "unread_for": 60,
            **quiet,
        },
        "kinds": [
            {"kind": "milestone", "binding": False, "timings": {"mail": "weekly"}},
            {"kind": "account-changed", "binding": True, "timings": {"mail": "at-once"}},
        ],
    }


def _preview() -> dict[str, Any]:
    news = ["12 avis sur votre commerce", "Plus que d'habitude : 9 avis en une semaine"]
    messages = [
        {"at": "2026-11-16T07:00:00Z", "digest": True, "titles": news},
        {"at": "2026-11-23T07:00:00Z", "digest": True, "titles": news[:1]},
    ]
    return {
        "told": 14,
        "sample": {"subject": news[0], "text": f"{news[0]}\n\nVous recevez ce message parce que…"},
        "channels": [
            {"channel": "mail", "reached": True, "messages": messages},
            {"channel": "push", "reached": True, "messages": []},
        ],
    }


def a_proposal(**changed: Any) -> dict[str, Any]:
    """Of a shop that is not listed yet, in a house without a number."""
    shop = {"city_id": CITY, "name": "Chez <b>Léa</b>", "street": "Grand-Rue"}
    said = {"id": REVIEW, "proposed_at": _AT, "shop": shop | {"postcode": "6720", "kind": "shop=bakery"}}
    return said | {"state": "waiting", "merchant_id": None, "reason": None, "decided_at": None} | changed


def _assessment() -> dict[str, Any]:
    options = [{"key": each, "text": f"Option {each}", "exclusive": False} for each in ("a", "b")]
    question = {"key": "maps", "text": "What do people find?", "dimension": "visibility", "kind": "multiple"}
    questionnaire = {
        "name": "digital-maturity",
        "version": 1,
        "title": "My shop and the internet",
        "introduction": "Some ten minutes.",
        "dimensions": [{"key": "visibility", "text": "Being found"}],
        "questions": [question | {"options": options, "range": None, "shown_if": None}],
    }
    training = {"key": "seo", "title": "Being found", "about": "Texts.", "hours": 2.0}
    when = {"starts_at": _AT, "ends_at": _AT}
    group = {"id": REVIEW, "place": "Town hall", "dimension": "visibility"} | when
    wish = {"id": REVIEW, "wish": "visit", "requested_at": _AT, "withdrawn_at": None, "served_at": None}
    return {
        "/api/v1/questionnaires": {"items": [questionnaire | {"questions": 14}], "next": None},
        "/api/v1/questionnaires/digital-maturity": questionnaire,
        f"/api/v1/assessment-drafts/{DRAFT}": {
            "id": DRAFT,
            "questionnaire": "digital-maturity",
            "version": 1,
            "answers": {"maps": ["a"]},
            "expires_at": "2126-12-20T10:00:00Z",
        },
        f"/api/v1/assessment-drafts/{DRAFT}/outcome": {
            "score": 33,
            "band": {"title": "Begun.", "text": "There is something to build on."},
            "dimensions": [{"key": "visibility", "text": "Being found", "score": 31}],
            "recommendations": [
                {"key": "claim", "title": "Take charge of your profile", "why": "It is free."}
            ],
            "unanswered": [{"key": "maps", "text": "What do people find?"}],
        },
        f"/api/v1/assessment-drafts/{DRAFT}/proposal": a_proposal(
            state="refused", reason="not_found", decided_at=_AT
        ),
        "/api/v1/assessments": {
            "items": [{"id": ASSESSMENT, "completed_at": _AT, "score": 33}],
            "next": None,
        },
        "/api/v1/trainings": {"items": [training | {"level": {"key": "1", "text": "To begin with"}}]},
        "/api/v1/training-requests": {"items": [wish]},
        "/api/v1/coaching-groups/open": {"items": [group]},
        "/api/v1/coaching-seats": {
            "items": [{"id": REVIEW, "state": "offered", "expires_at": _AT, "group": group}]
        },
    }


def _results() -> dict[str, Any]:
    path = f"/api/v1/assessments/{ASSESSMENT}"
    because = [{"key": "maps", "text": "What do people find?"}]
    step = {"key": "claim", "title": "Take charge of your profile", "why": "It is free."}
    tool = {
        "key": "osm",
        "name": "OpenStreetMap",
        "address": "https://osm.example/",
        "good_for": "Being on the map.",
        "not_for": "Advertising.",
        "hours": 1.0,
        "cost": {"key": "free", "text": "Free"},
        "skill": {"key": "beginner", "text": "None needed"},
    }
    other = tool | {"key": "google", "name": "Google Business Profile"}
    field = {"title": "Cost", "values": ["Free", "Free"], "differs": True}
    answer = {"text": "What do people find?", "chosen": because, "number": None}
    planned = step | {"hours": 2.0, "euros": 0, "gain": 4, "monday": "Look for your shop.", "tool": None}
    return {
        path: {
            "id": ASSESSMENT,
            "merchant_id": SHOP,
            "score": 33,
            "completed_at": _AT,
            "band": {"title": "Begun.", "text": "There is something to build on."},
            "dimensions": [{"key": "visibility", "text": "Being found", "score": 31}],
            "recommendations": [step] * 4,
            "answers": [answer | {"gained": 2.0, "possible": 4.0}],
            "unanswered": because,
        },
        f"{path}/tools": {
            "first": [{"tool": tool, "because": because}],
            "others": [{"tool": other, "because": []}],
            "order": "Free ones first.",
        },
        "/api/v1/tools/comparison": {"tools": [tool, other], "fields": [field]},
        f"{path}/plan": {
            "assessment_id": ASSESSMENT,
            "score": 33,
            "score_after": 60,
            "hours_per_week": 2,
            "budget": None,
            "hours": 10.0,
            "euros": 0,
            "actions": [planned | {"first_week": 1, "last_week": 2}],
            "later": [step | {"reason": {"key": "time", "text": "Too little time."}}],
            "as_if_done": "As if all were done.",
            "order": "Most for an hour first.",
        },
    }

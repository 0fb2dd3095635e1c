"""What a call of each route needs beyond the ids in its path: a body, a query, a header.

Ids in a path are filled in by name from what lies at a place (`world.py`). Two places that need the same
call are called once. A row may call its route in another way than the plain one: `GET /x (a draft)`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx

from chassis.clock import utc_now
from services.assessment.reports.domain.units import BRUSSELS
from services.directory.consents.domain import Purpose
from services.directory.consents.texts import current
from tests.access.provider import NAME as PROVIDER
from tests.access.world import Place
from tests.integration.assessment.conftest import ANSWERS
from tests.integration.assessment.hall import ANSWERS as FORM
from tests.integration.assessment.hall import draft as session_draft
from tests.support.directory import SECRETS, extract, feature, square
from tests.support.pictures import photo

CONNECTION = "/api/v1/elsewhere/merchants/{merchant_id}/connections/{connector}"
FORMER = "former"
"""A platform that shops were connected with."""


@dataclass(frozen=True)
class Call:
    """One request, but for its method, its path and its caller."""

    body: Any = None
    content: bytes | None = None
    query: Mapping[str, str | list[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)
    """In the path, instead of what lies there by that name."""
    shows: str | None = None
    """Of a list that everybody may ask for: what is in it for those alone who reach it."""


def plan(place: Place) -> dict[str, Any]:
    now = utc_now()
    return {
        "city_id": place["city_id"],
        "name": "Le mois des ambassadeurs",
        "starts_at": (now + timedelta(days=1)).isoformat(),
        "ends_at": (now + timedelta(days=31)).isoformat(),
    }


def district_plan(place: Place) -> dict[str, Any]:
    return plan(place) | {"district_ids": [place["district_id"]]}


def initiative(place: Place) -> dict[str, Any]:
    return {
        "city_id": place["city_id"],
        "title": "Nocturnes d'hiver",
        "organiser": "Association des commerçants",
        "responsible": "Claire Noël",
        "starts_on": "2026-12-04",
    }


def programme(place: Place) -> dict[str, Any]:
    return {
        "name": "Digital pour tous",
        "starts_on": "2026-09-01",
        "ends_on": "2027-06-30",
        "towns": [{"city_id": place["city_id"], "planned": 2}],
    }


def _of_merchant(place: Place, **more: Any) -> Any:
    return {"merchant_id": place["merchant_id"], **more}


def _answered(place: Place, body: Any = None, **more: Any) -> Call:
    return Call(body, ids={"contribution_id": place["answered_id"]}, **more)


def photos_of(merchant_id: str) -> Call:
    said = {"merchant_id": merchant_id, "licence": "cc0-1.0", "people": "none", "alt": "La vitrine"}
    files = {"photos": ("photo.jpg", photo((64, 64)), "image/jpeg")}
    form = httpx.Request("POST", "http://form", data=said, files=files)
    return Call(content=form.read(), headers={"Content-Type": form.headers["Content-Type"]})


def _basic(name: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()}


def _draft(place: Place, body: Any = None, thing: str = "ready", **headers: str) -> Call:
    """With the secret that came with it."""
    secret = {"Draft-Secret": place[f"{thing}_secret"], **headers}
    return Call(body, headers=secret, ids={"draft_id": place[f"{thing}_id"]})


JOINING = {"pledge": 1, "age": "18_or_older", "language": "fr"}
ANY_VERSION = {"If-Match": "*"}
A_BROWSER = {
    "endpoint": "https://push.example/a-browser",
    "keys": {
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    },
    "language": "fr",
}
"""Of RFC 8291, 5."""
STUDY_PLAN = {"outcomes": ["assessment"], "weeks_before": 4, "weeks_after": 4}
SHEET = b"id;name;kind;longitude;latitude\n1;Chez Paul;bakery;5.64;49.72\n"

NO_PASSKEY = {
    "response": {
        "clientDataJSON": base64.urlsafe_b64encode(
            b'{"type": "webauthn.get", "challenge": "AAAA", "origin": "https://town.example"}'
        ).decode()
    }
}
"""It answers a challenge that nobody made."""

CALLS: dict[str, Callable[[Place], Call]] = {
    # assessment
    "GET /api/v1/questionnaires/{name}": lambda _: Call(ids={"name": "digital-maturity"}),
    "POST /api/v1/assessments": lambda place: Call(
        _of_merchant(place, questionnaire="digital-maturity", version=1, answers=ANSWERS)
    ),
    "GET /api/v1/assessments/{assessment_id}/comparison": lambda place: Call(
        query={"since": place["assessment_id"]}
    ),
    "GET /api/v1/assessments/{assessment_id}/progress": lambda place: Call(
        query={"since": place["assessment_id"]}
    ),
    "PUT /api/v1/assessments/{assessment_id}/done/{kind}/{key}": lambda _: Call(
        {"done_on": utc_now().astimezone(BRUSSELS).date().isoformat()},
        ids={"kind": "training", "key": "free-visibility"},
    ),
    "GET /api/v1/progress": lambda place: Call(query={"city": place["city_id"]}),
    "GET /api/v1/reports": lambda place: Call(query={"city": place["city_id"]}),
    "GET /api/v1/reports (of a programme)": lambda place: Call(query={"programme": place["programme_id"]}),
    "GET /api/v1/reports (of a session)": lambda place: Call(query={"session": place["town_session_id"]}),
    "GET /api/v1/reports/sheet.csv": lambda place: Call(query={"city": place["city_id"]}),
    "GET /api/v1/reports/paper.pdf": lambda place: Call(query={"city": place["city_id"]}),
    "GET /api/v1/assessments": lambda place: Call(query={"merchant": place["merchant_id"]}),
    "POST /api/v1/assessments/{assessment_id}/merchant": lambda place: Call(
        _of_merchant(place, secret=place["form_secret"]), ids={"assessment_id": place["form_id"]}
    ),
    "POST /api/v1/town-sessions": lambda place: Call(session_draft(city_id=place["city_id"])),
    "PATCH /api/v1/town-sessions/{town_session_id}": lambda _: Call({"capacity": 40}, headers=ANY_VERSION),
    "POST /api/v1/town-sessions/{town_session_id}/cancel": lambda _: Call(headers=ANY_VERSION),
    "POST /api/v1/town-sessions/{town_session_id}/hold": lambda _: Call(
        {"participants": 3}, headers=ANY_VERSION
    ),
    "PUT /api/v1/town-sessions/{town_session_id}/registrations/{merchant_id}/attendance": lambda _: Call(
        {"attended": True}
    ),
    "POST /api/v1/town-sessions/{town_session_id}/forms": lambda _: Call({"forms": [{"answers": FORM}]}),
    "POST /api/v1/town-sessions/{town_session_id}/forms/sheet": lambda _: Call(
        content="\n".join(";".join(map(str, row)) for row in (FORM, FORM.values())).encode()
    ),
    "POST /api/v1/town-sessions/{town_session_id}/forms/sheet/preview": lambda _: Call(
        content="\n".join(";".join(map(str, row)) for row in (FORM, FORM.values())).encode()
    ),
    "POST /api/v1/programmes": lambda place: Call(programme(place)),
    "PUT /api/v1/programmes/{programme_id}": lambda place: Call(programme(place), headers=ANY_VERSION),
    "GET /api/v1/programmes": lambda place: Call(shows=place["programme_id"]),
    "POST /api/v1/join/{code}/forms": lambda _: Call({"answers": FORM}),
    "POST /api/v1/join/{code}/forms (of a shop)": lambda place: Call(_of_merchant(place, answers=FORM)),
    "GET /api/v1/tools/comparison": lambda _: Call(query={"tool": ["wix", "google-sites"]}),
    "GET /api/v1/tools/{key}": lambda _: Call(ids={"key": "wix"}),
    "GET /api/v1/trainings/{key}": lambda _: Call(ids={"key": "free-visibility"}),
    "POST /api/v1/assessment-drafts": lambda _: Call({"questionnaire": "digital-maturity", "version": 1}),
    "GET /api/v1/assessment-drafts/{draft_id}": _draft,
    "PUT /api/v1/assessment-drafts/{draft_id}": lambda place: _draft(
        place, {"answers": ANSWERS}, **ANY_VERSION
    ),
    "DELETE /api/v1/assessment-drafts/{draft_id}": lambda place: _draft(place, thing="unwanted_draft"),
    "GET /api/v1/assessment-drafts/{draft_id}/outcome": _draft,
    "POST /api/v1/assessment-drafts/{draft_id}/assessment": lambda place: _draft(place, _of_merchant(place)),
    "POST /api/v1/training-requests": lambda place: Call(
        _of_merchant(place, wish="visit", language="fr", may_be_contacted=True)
    ),
    "GET /api/v1/training-requests": lambda place: Call(query={"merchant": place["merchant_id"]}),
    "PUT /api/v1/assessment-drafts/{draft_id}/proposal": lambda place: _draft(
        place,
        {
            "city_id": place["city_id"],
            "name": "Chez Zoé",
            "street": "Grand-Rue",
            "postcode": "6720",
            "kind": "shop=tea",
        },
        thing="proposing",
        **{"X-Forwarded-For": "203.0.113.200"},
    ),
    "GET /api/v1/assessment-drafts/{draft_id}/proposal": lambda place: _draft(place, thing="proposing"),
    "GET /api/v1/coaching-proposals": lambda place: Call(query={"city": place["city_id"]}),
    "GET /api/v1/coaching-groups": lambda place: Call(query={"city": place["city_id"]}),
    "POST /api/v1/coaching-groups": lambda place: Call(
        {
            "city_id": place["city_id"],
            "dimension": "social",
            "language": "nl",
            "starts_at": (utc_now() + timedelta(days=9)).isoformat(),
            "ends_at": (utc_now() + timedelta(days=9, hours=2)).isoformat(),
            "place": "Stadhuis",
        }
    ),
    "PATCH /api/v1/coaching-groups/{group_id}": lambda _: Call({"place": "Halle"}, headers=ANY_VERSION),
    "PUT /api/v1/coaching-groups/{group_id}/line": lambda _: Call({"request_ids": []}, headers=ANY_VERSION),
    "PUT /api/v1/coaching-groups/{group_id}/attendance": lambda _: Call({"came": []}, headers=ANY_VERSION),
    **{
        f"POST /api/v1/coaching-groups/{{group_id}}/{step}": lambda _: Call(headers=ANY_VERSION)
        for step in ("offers", "formation", "cancellation")
    },
    "POST /api/v1/coaching-groups/{group_id}/seats": lambda place: Call({"request_id": place["request_id"]}),
    "GET /api/v1/coaching-groups/open": lambda place: Call(query={"merchant": place["merchant_id"]}),
    "GET /api/v1/coaching-seats": lambda place: Call(query={"merchant": place["merchant_id"]}),
    "PUT /api/v1/training-requests/{request_id}/call": lambda _: Call({"outcome": "reached"}),
    "GET /api/v1/call-list": lambda place: Call(query={"city": place["city_id"]}),
    "GET /api/v1/call-list (where they are weak)": lambda place: Call(
        query={"city": place["city_id"], "dimension": "visibility"}
    ),
    "GET /api/v1/call-list.csv": lambda place: Call(query={"city": place["city_id"]}),
    # campaigns
    "POST /api/v1/campaigns": lambda place: Call(plan(place)),
    "POST /api/v1/campaigns (in a district)": lambda place: Call(district_plan(place)),
    "GET /api/v1/campaigns (a draft)": lambda place: Call(shows=place["draft_id"]),
    "GET /api/v1/campaigns/{campaign_id} (a draft)": lambda place: Call(
        ids={"campaign_id": place["draft_id"]}
    ),
    "PATCH /api/v1/campaigns/{campaign_id}": lambda place: Call(
        {"name": "Un autre nom"}, headers=ANY_VERSION, ids={"campaign_id": place["draft_id"]}
    ),
    "PUT /api/v1/campaigns/{campaign_id}/study/plan": lambda _: Call(STUDY_PLAN, headers=ANY_VERSION),
    "PUT /api/v1/campaigns/{campaign_id}/game": lambda _: Call({"badges_on": True, "leaderboard_on": True}),
    "PUT /api/v1/campaigns/{campaign_id}/leaderboard/me": lambda _: Call(
        {"name": f"Marie {uuid4().hex[:8]}"}
    ),
    "POST /api/v1/campaigns/{campaign_id}/evaluate": lambda _: Call({"conclusion": "On continue."}),
    "POST /api/v1/campaigns/{campaign_id}/ambassadors": lambda _: Call(JOINING),
    "PUT /api/v1/campaigns/{campaign_id}/ambassadors/{enrolment_id}/decision": lambda _: Call(
        {"approved": True}
    ),
    "GET /api/v1/watched-sources": lambda place: Call(query={"city": place["city_id"]}),
    "POST /api/v1/watched-sources": lambda place: Call(
        {
            "city_id": place["city_id"],
            "kind": "fediverse",
            "address": "https://mastodon.social",
            "tag": uuid4().hex,
        }
    ),
    "GET /api/v1/elsewhere/webmentions": lambda place: Call(query={"city": place["city_id"]}),
    "POST /api/v1/elsewhere/webmentions": lambda place: Call(
        content=urlencode(
            {
                "source": f"https://{uuid4().hex}.be/",  # each another: a site sends twenty an hour
                "target": f"http://127.0.0.1:8080/merchants/{place['merchant_id']}",
            }
        ).encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    ),
    f"DELETE {CONNECTION}": lambda _: Call(ids={"connector": FORMER}),
    f"POST {CONNECTION}/arrivals": lambda _: Call({"state": "x", "code": "x"}),
    f"PUT {CONNECTION}/location": lambda _: Call({"location": "accounts/1/locations/2"}),
    "GET /api/v1/initiatives": lambda place: Call(query={"city": place["city_id"]}),
    "POST /api/v1/initiatives": lambda place: Call(initiative(place)),
    "PATCH /api/v1/initiatives/{initiative_id}": lambda _: Call({"title": "Nocturnes"}, headers=ANY_VERSION),
    "POST /api/v1/campaign-templates/{key}/drafts": lambda place: Call(
        {"city_id": place["city_id"], "starts_at": "2027-05-01T07:00:00Z"},
        ids={"key": "month-of-ambassadors"},
    ),
    "PUT /api/v1/campaigns/{campaign_id}/cities/{city_id}": lambda place: Call(
        ids={"campaign_id": place["draft_id"], "city_id": place["other_city_id"]}
    ),
    "DELETE /api/v1/campaigns/{campaign_id}/cities/{city_id}": lambda place: Call(
        ids={"campaign_id": place["draft_id"], "city_id": str(uuid4())}
    ),
    "PUT /api/v1/campaigns/{campaign_id}/cities/{city_id}/answer": lambda place: Call(
        {"accepted": True}, ids={"campaign_id": place["asking_id"]}
    ),
    "GET /api/v1/campaign-opt-outs": lambda place: Call(query={"city": place["city_id"]}),
    "POST /api/v1/webhook-endpoints": lambda place: Call(
        {
            "city_id": place["city_id"],
            "url": "https://example.org/hook",
            "types": ["campaigns.goal_reached.v1"],
        }
    ),
    "GET /api/v1/webhook-endpoints": lambda place: Call(query={"city": place["city_id"]}),
    "PATCH /api/v1/webhook-endpoints/{endpoint_id}": lambda _: Call({"description": "Notre site"}),
    "DELETE /api/v1/webhook-endpoints/{endpoint_id}": lambda place: Call(
        ids={"endpoint_id": place["unwanted_endpoint_id"]}
    ),
    "POST /api/v1/webhook-endpoints/{endpoint_id}/replays": lambda place: Call(
        {"delivery_id": place["delivery_id"]}
    ),
    "PUT /api/v1/contributions/corrections/{receipt_id}": lambda place: Call(
        {"merchant_id": place["merchant_id"]}, ids={"receipt_id": str(uuid4())}
    ),
    "POST /api/v1/contributions/reviews": lambda place: Call(_of_merchant(place, rating=4, text="Bon pain")),
    "PATCH /api/v1/contributions/{contribution_id}": lambda _: Call({"rating": 3}, headers=ANY_VERSION),
    "POST /api/v1/contributions/{contribution_id}/answer": lambda _: Call({"text": "Merci"}),
    "GET /api/v1/contributions/{contribution_id}/answer": _answered,
    "PATCH /api/v1/contributions/{contribution_id}/answer": lambda place: _answered(
        place, {"text": "Merci"}, headers=ANY_VERSION
    ),
    "DELETE /api/v1/contributions/{contribution_id}/answer": _answered,
    "POST /api/v1/contributions/videos": lambda place: Call(
        _of_merchant(place, url="https://youtu.be/dQw4w9WgXcQ")
    ),
    "POST /api/v1/contributions/photos": lambda place: photos_of(place["merchant_id"]),
    "PUT /api/v1/contributions/{contribution_id}/reuse": lambda place: Call(
        ids={"contribution_id": place["photo_id"]}
    ),
    "GET /api/v1/files/{file_id}/{size}.webp": lambda _: Call(ids={"size": "small"}),
    "GET /api/v1/moderation/cases/{case_id}/pictures/{file_id}/{size}.webp": lambda place: Call(
        ids={"size": "small", "case_id": place["case_of_photo"]}
    ),
    "POST /api/v1/contributions/shares": lambda place: Call(_of_merchant(place, channel="whatsapp")),
    "GET /api/v1/contributions": lambda place: Call(query={"merchant": place["merchant_id"]}),
    **{
        f"GET /api/v1/exports/{of}{{dataset}}.{kind}": lambda _: Call(ids={"dataset": "visits"})
        for of, kind in (
            ("cities/{city_id}/", "csv"),
            ("campaigns/{campaign_id}/", "csv"),
            ("", "csv-metadata.json"),
        )
    },
    "GET /api/v1/moderation/cases": lambda place: Call(query={"city": place["city_id"]}),
    "GET /api/v1/moderation/figures": lambda place: Call(query={"city": place["city_id"]}),
    "POST /api/v1/moderation/cases/{case_id}/decision": lambda _: Call({"outcome": "published"}),
    "PUT /api/v1/moderation/deputies/{city_id}": lambda _: Call({"deputy_city_id": str(uuid4())}),
    "POST /api/v1/contributions/{contribution_id}/reports": lambda _: Call({"ground": "insult"}),
    "POST /api/v1/contributions/{contribution_id}/appeal": lambda _: Call({"text": "Non."}),
    "POST /api/v1/contributions/reports/{report_id}/appeal": lambda _: Call({"text": "Non."}),
    "POST /api/v1/share-links": lambda place: Call(_of_merchant(place)),
    **{
        f"{method} /api/v1/share-links/{{code}}": lambda place: Call(ids={"code": place["share_code"]})
        for method in ("GET", "DELETE")
    },
    "GET /api/v1/share-links/{code}/qr.svg": lambda place: Call(ids={"code": place["shop_code"]}),
    "POST /api/v1/visits": lambda place: Call(_of_merchant(place, kind="page")),
    "GET /s/{code}": lambda place: Call(ids={"code": place["shop_code"]}),
    "POST /api/v1/elsewhere/merchants/{merchant_id}/profiles": lambda _: Call(
        {"url": f"https://example.be/{uuid4()}"}
    ),
    "POST /api/v1/elsewhere/merchants/{merchant_id}/counts": lambda _: Call(
        {"platform": "google", "measure": "photos", "day": "2026-11-01", "figure": 3}
    ),
    "GET /api/v1/elsewhere/posts": lambda place: Call(query={"merchant": place["merchant_id"]}),
    "POST /api/v1/elsewhere/posts": lambda place: Call(
        _of_merchant(place, url=f"https://www.facebook.com/{uuid4()}", kind="post")
    ),
    "POST /api/v1/elsewhere/posts/{post_id}/reports": lambda _: Call({"ground": "insult"}),
    "GET /api/v1/elsewhere/reports": lambda place: Call(query={"city": place["city_id"]}),
    "PUT /api/v1/elsewhere/posts/{post_id}/removal": lambda _: Call({"ground": "insult"}),
    "GET /api/v1/elsewhere/glance": lambda place: Call(query={"merchant": place["merchant_id"]}),
    "GET /api/v1/elsewhere/glance (a district)": lambda place: Call(query={"district": place["district_id"]}),
    "GET /api/v1/elsewhere/glance (a city)": lambda place: Call(query={"city": place["city_id"]}),
    "POST /api/v1/elsewhere/suggestions": lambda place: Call({"city_id": place["city_id"]}),
    "PATCH /api/v1/elsewhere/counts/{count_id}": lambda _: Call({"figure": 13}, headers=ANY_VERSION),
    # directory
    "POST /api/v1/cities": lambda _: Call({"nis_code": "82039"}),
    "POST /api/v1/cities/{city_id}/mergers": lambda _: Call(
        {"nis_code": "62063", "merged_on": utc_now().date().isoformat()}
    ),
    "PUT /api/v1/cities/{city_id}/responsible": lambda _: Call(
        {"name": "Luc Simon", "role": "Échevin"}, headers=ANY_VERSION
    ),
    "PUT /api/v1/cities/{city_id}/deputy": lambda _: Call(
        {"name": "Ana Lopes", "role": "Bourgmestre ailleurs"}, headers=ANY_VERSION
    ),
    "DELETE /api/v1/cities/{city_id}/deputy": lambda _: Call(headers=ANY_VERSION),
    "POST /api/v1/cities/{city_id}/districts": lambda _: Call(
        {"name": f"Quartier {uuid4().hex}", "polygon": square(5.6, 49.8)}
    ),
    "PUT /api/v1/districts/{district_id}": lambda place: Call(
        {
            "name": f"Quartier {place['longitude']}",
            "polygon": {"type": "Polygon", "coordinates": json.loads(place["polygon"])},
        },
        headers=ANY_VERSION,
    ),
    "DELETE /api/v1/districts/{district_id}": lambda _: Call(headers=ANY_VERSION),
    "POST /api/v1/cities/{city_id}/imports": lambda _: Call(
        content=json.dumps(extract(feature("node/99"))).encode()
    ),
    "POST /api/v1/invitations": lambda place: Call(
        {
            "role": "city_officer",
            "city_id": place["city_id"],
            "email": "zoe@home.example",
            "language": "fr",
        }
    ),
    "POST /api/v1/invitations (to work at a shop)": lambda place: Call(
        _of_merchant(place, role="merchant_staff", email="zoe@home.example", language="fr")
    ),
    "POST /api/v1/invitations/read": lambda place: Call({"token": place["offer_token"]}),
    "POST /api/v1/invitations/accept": lambda place: Call({"token": place["offer_token"]}),
    "POST /api/v1/invitations/decline": lambda place: Call({"token": place["unwanted_token"]}),
    "POST /api/v1/merchants": lambda place: Call(
        {
            "city_id": place["city_id"],
            "kind": "shop=florist",
            "longitude": float(place["longitude"]),
            "latitude": float(place["latitude"]),
            "name": "L'As de Fleur",
        }
    ),
    "PUT /api/v1/merchant-proposals/{proposal_id}": lambda place: Call(
        {
            "city_id": place["city_id"],
            "name": "Chez Zoé",
            "street": "Grand-Rue",
            "postcode": "6720",
            "kind": "shop=tea",
        }
    ),
    "POST /api/v1/merchant-proposals/{proposal_id}/accept": lambda place: Call(
        {"longitude": float(place["longitude"]), "latitude": float(place["latitude"])}
    ),
    "POST /api/v1/merchant-proposals/{proposal_id}/recognise": lambda place: Call(
        {"merchant_id": place["merchant_id"]}
    ),
    "POST /api/v1/merchant-proposals/{proposal_id}/refuse": lambda _: Call({"reason": "closed"}),
    "POST /api/v1/merchants/{merchant_id}/corrections": lambda _: Call({"field": "closed"}),
    "POST /api/v1/merchant-corrections/{correction_id}/accept": lambda place: Call(
        {}, ids={"correction_id": place["accepted_correction_id"]}
    ),
    "POST /api/v1/merchant-corrections/{correction_id}/refuse": lambda place: Call(
        {"reason": "unfit"}, ids={"correction_id": place["refused_correction_id"]}
    ),
    "POST /api/v1/merchant-corrections/{correction_id}/revert": lambda place: Call(
        ids={"correction_id": place["reverted_correction_id"]}
    ),
    "POST /api/v1/merchants/objections": lambda place: Call({"code": place["objection_code"]}),
    "POST /objection": lambda place: Call(
        # From a network of its own: tries are limited.
        content=f"code={place['objection_code']}".encode(),
        headers={"X-Forwarded-For": "203.0.113.9"},
    ),
    "GET /api/v1/merchants/search": lambda _: Call(query={"q": "boulangerie"}),
    "POST /api/v1/cities/{city_id}/import-jobs": lambda _: Call({"source": "ucm"}),
    "PUT /api/v1/imports/{job_id}/parts/{number}": lambda _: Call(content=SHEET, ids={"number": "0"}),
    "POST /api/v1/imports/{job_id}/start": lambda _: Call({}),
    "POST /api/v1/duplicates/{duplicate_id}/merge": lambda place: Call({"keep": place["merchant_id"]}),
    "POST /api/v1/merchants/{merchant_id}/disputes/{dispute_id}/decision": lambda _: Call(
        {"outcome": "owner_stays", "reason": "Listed in the register"}
    ),
    "POST /api/v1/cities/{city_id}/letters": lambda place: Call(
        {"merchant_ids": [place["merchant_id"]], "language": "fr"}
    ),
    "POST /api/v1/audience/figures": lambda place: Call({"merchant_ids": [place["merchant_id"]]}),
    "PATCH /api/v1/merchants/{merchant_id} (its hours)": lambda _: Call(
        {"opening_hours": "Mo-Fr 09:00-18:00"}, headers=ANY_VERSION
    ),
    "PATCH /api/v1/merchants/{merchant_id} (its name)": lambda _: Call(
        {"name": "Chez Zoé"}, headers=ANY_VERSION
    ),
    "PUT /api/v1/people/me/consents/{purpose}": lambda _: Call(
        {"version": current(Purpose.TAKING_PART), "language": "fr", "age": "13_or_older"},
        ids={"purpose": Purpose.TAKING_PART.value},
    ),
    "DELETE /api/v1/people/me/consents/{purpose}": lambda _: Call(ids={"purpose": Purpose.TAKING_PART.value}),
    "PATCH /api/v1/people/me": lambda _: Call({"language": "fr"}),
    "POST /api/v1/people/contacts": lambda place: Call(
        {"purpose": "merchant_mail", "merchant_ids": [place["merchant_id"]]}
    ),
    "POST /api/v1/people/addresses": lambda place: Call(
        {"purpose": "person_mail", "person_ids": [place["person_id"]]}
    ),
    "POST /api/v1/people/holders": lambda place: Call(
        {"city_ids": [place["city_id"]], "roles": ["city_officer"]}
    ),
    "POST /api/v1/contributors/people": lambda _: Call({"contributor_ids": []}),
    "POST /api/v1/people/contacts (for a call list)": lambda place: Call(
        {
            "purpose": "call_list",
            "merchant_ids": [place["merchant_id"]],
            "shown_to": place["person_id"],
        }
    ),
    "POST /api/v1/merchants/{merchant_id}/claim": lambda place: Call({"person_id": place["person_id"]}),
    "POST /api/v1/people/me/erasure": lambda _: Call({}),
    "POST /api/v1/people/me/erasure/confirmation": lambda place: Call({"erasure_id": place["erasure_id"]}),
    "POST /api/v1/sign-in/demo": lambda _: Call({"person": "sophie"}),
    "POST /api/v1/notifications/test-mails": lambda _: Call({"email": "operator@town.example"}),
    "POST /api/v1/notifications/suppressions/look-up": lambda place: Call({"email": place["gone"]}),
    "POST /api/v1/tokens/demo": lambda _: Call({"person": "sophie"}),
    "POST /api/v1/tokens/service (with a secret)": lambda _: Call(
        headers=_basic("operations", SECRETS["operations"])
    ),
    "POST /api/v1/tokens/key (with its secret)": lambda place: Call(
        headers=_basic(place["key_id"], place["key_secret"])
    ),
    "POST /api/v1/cities/{city_id}/keys": lambda _: Call({"name": "Billetterie", "scopes": ["campaigns"]}),
    "POST /api/v1/identity-providers/{name}/departures": lambda _: Call(ids={"name": PROVIDER}),
    "POST /api/v1/identity-providers/{name}/arrivals": lambda _: Call(
        {"ticket": "used up", "state": "a state", "code": "a code"}, ids={"name": PROVIDER}
    ),
    "POST /api/v1/sign-in/mail": lambda _: Call({"email": f"{uuid4().hex}@home.example"}),
    "POST /api/v1/sign-in/code": lambda _: Call({"browser_secret": "b" * 43, "code": "AB23CD"}),
    "POST /api/v1/people/me/factors/authenticator/confirmation": lambda _: Call({"code": "123456"}),
    "POST /api/v1/people/me/factors/passkeys": lambda _: Call({"name": "Laptop", "credential": NO_PASSKEY}),
    "PATCH /api/v1/people/me/factors/passkeys/{passkey_id}": lambda _: Call({"name": "Laptop"}),
    "POST /api/v1/people/{person_id}/factors/reset": lambda place: Call(
        ids={"person_id": place["colleague_id"]}
    ),
    "POST /api/v1/sessions/current/second-factor/code": lambda _: Call({"code": "123456"}),
    "POST /api/v1/sessions/current/second-factor/passkey": lambda _: Call({"credential": NO_PASSKEY}),
    "POST /api/v1/sign-in/passkey": lambda _: Call({"credential": NO_PASSKEY}),
    "POST /api/v1/sessions/current/second-factor/recovery-code": lambda _: Call({"code": "AB23-CD45"}),
    "POST /api/v1/sessions/refresh": lambda place: Call({"refresh_token": place["refresh_token"]}),
    # notifications
    "GET /api/v1/notifications": lambda place: Call(query={"merchant": place["merchant_id"]}),
    "GET /api/v1/notifications/stream": lambda place: Call(query={"merchant": place["merchant_id"]}),
    "GET /api/v1/notifications/unread": lambda place: Call(query={"merchant": place["merchant_id"]}),
    "PUT /api/v1/notifications/preferences/{merchant_id}": lambda _: Call(
        {"mail": True, "language": "nl"}, headers=ANY_VERSION
    ),
    "POST /api/v1/notifications/deliveries/replay": lambda _: Call(
        {"since": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z"}
    ),
    "POST /api/v1/notifications/preferences/{merchant_id}/preview": lambda _: Call(
        {"mail": True, "language": "nl"}
    ),
    "POST /api/v1/people/me/notification-preferences/preview": lambda _: Call(
        {"mail": True, "language": "nl"}
    ),
    "PUT /api/v1/notifications/devices/{merchant_id}": lambda _: Call(A_BROWSER),
    "PUT /api/v1/people/me/notification-devices": lambda _: Call(A_BROWSER),
    "PUT /api/v1/people/me/notification-preferences": lambda _: Call(
        {"mail": True, "language": "nl"}, headers=ANY_VERSION
    ),
}
LAST = {
    "PUT /api/v1/elsewhere/posts/{post_id}/removal",
    "DELETE /api/v1/elsewhere/posts/mine/{post_id}",
    "DELETE /api/v1/elsewhere/counts/{count_id}",
    "DELETE /api/v1/elsewhere/profiles/{profile_id}",
    "POST /api/v1/cities/{city_id}/letters/{run_id}/merchants/{merchant_id}/revocation",
    "POST /api/v1/cities/{city_id}/letters/{run_id}/revocation",
    "DELETE /api/v1/cities/{city_id}/keys/{key_id}",
    "DELETE /api/v1/sessions/{session_id}",
    "DELETE /api/v1/contributions/{contribution_id}",
    "DELETE /api/v1/contributions/{contribution_id}/answer",
    "DELETE /api/v1/share-links/{code}",
    "DELETE /api/v1/campaigns/{campaign_id}/leaderboard/me",
    "DELETE /api/v1/campaigns/{campaign_id}/leaderboard/{listing_id}",
    "DELETE /api/v1/districts/{district_id}",
    "POST /api/v1/closures/{closure_id}/confirm",
    "DELETE /api/v1/town-sessions/{town_session_id}/registrations/{merchant_id}",
    "POST /api/v1/town-sessions/{town_session_id}/cancel",
    "POST /api/v1/town-sessions/{town_session_id}/hold",
    "POST /api/v1/merchants/objections",
    "POST /objection",
    "POST /api/v1/merchants/{merchant_id}/close",
    "POST /api/v1/merchants/{merchant_id}/delist",
    "POST /api/v1/merchants/{merchant_id}/relist",
}
"""Routes after which a thing is of no use to others: called when these are done."""

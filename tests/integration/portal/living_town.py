"""A town in which every page has something to show: what the services say of it, as they would."""

from __future__ import annotations

from typing import Any

from tests.integration.portal.stand_ins import CITY

NIS = "85046"
SHOP = "01890000-0000-7000-8000-000000005409"
CAMPAIGN = "01890000-0000-7000-8000-00000000ca39"
DISTRICT = "01890000-0000-7000-8000-00000000d157"
OF_SHOP = f"/api/v1/merchants/{SHOP}"
A_LONG_NAME = "Boulangerie-pâtisserie Vandenbroucke-Desmedt & filles"


def a_city() -> dict[str, Any]:
    return {
        "id": CITY,
        "version": 1,
        "nis_code": NIS,
        "name": {"fr": "Habay", "nl": "Habay"},
        "responsible": {"name": "Claire Lambert", "role": "Échevine du commerce"},
        "deputy": None,
    }


def a_shop(**changed: Any) -> dict[str, Any]:
    return {
        "id": SHOP,
        "city_id": CITY,
        "version": 1,
        "name": A_LONG_NAME,
        "names": {},
        "kind": "shop=bakery",
        "kind_name": "Bakery",
        "longitude": 5.6489,
        "latitude": 49.7274,
        "address": {
            "street": "Rue du Châtelet",
            "house_number": "12",
            "postcode": "6720",
            "place": "Habay-la-Neuve",
        },
        "phone": "+32 63 42 20 00",
        "email": None,
        "website": "https://boulangerie.example/",
        "profiles": {},
        "opening_hours": {
            "given": "Mo-Sa 07:00-18:30",
            "normal": "Mo-Sa 07:00-18:30; PH off",
            "open_now": True,
            "next_change": "2026-11-26T17:30:00Z",
        },
        "languages": ["fr"],
        "enterprise_number": None,
        "establishment_number": None,
        "district_ids": [DISTRICT],
        "status": "claimed",
        "claimed": True,
        "source": {"name": "osm", "id": "node/1", "attribution": "© OpenStreetMap contributors, ODbL 1.0"},
        "checked_on": "2026-10-01",
    } | changed


def a_contribution(kind: str, number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"01890000-0000-7000-8000-0000000c{number:04d}",
        "merchant_id": SHOP,
        "kind": kind,
        "campaign_id": None,
        "counts_for_campaign": False,
        "reason": None,
        "counts_for_audience": True,
        "posted_at": "2026-11-20T10:00:00Z",
        "standing": "published",
        "reasons": [],
        "disclosures": [],
    } | more


def reviews() -> list[dict[str, Any]]:
    answer = {"id": CITY, "text": "Merci !", "version": 1, "answered_at": "2026-11-21T09:00:00Z"}
    return [
        a_contribution(
            "review",
            1,
            rating=5,
            text="Le meilleur pain d'épeautre de la vallée.\nEt quel accueil !",
            language="fr",
            tie="none",
            verification="account",
            answer=answer | {"edited_at": None},
        ),
        a_contribution(
            "review",
            2,
            rating=4,
            text="Ik bak hier zelf.",
            language="nl",
            tie="staff",
            edited_at="2026-11-22T10:00:00Z",
            verification="account",
            disclosures=["Written during “Le mois des ambassadeurs”: points for any review, good or bad."],
        ),
    ]


def photos() -> list[dict[str, Any]]:
    picture = {"id": CITY, "alt": "La vitrine le matin", "width": 400, "height": 300}
    files = {"large": "/api/v1/files/f/large.webp", "small": "/api/v1/files/f/small.webp"}
    terms = {"licence": "cc-by-4.0", "people": "none", "credit": "Léa, CC BY 4.0"}
    return [a_contribution("photo", 3, **terms, pictures=[picture | files])]


def a_profile() -> dict[str, Any]:
    button = {"address": "https://maps.google.example/r", "label": "Write a review on Google", "asks": True}
    return {
        "id": None,
        "platform": "google",
        "name": "Google",
        "url": "https://maps.google.example/",
        "button": button,
        "stated_by": "merchant",
        "checked_at": None,
        "checked_by": None,
    }


def a_post() -> dict[str, Any]:
    return {
        "id": CITY,
        "merchant_id": SHOP,
        "platform": "fediverse",
        "name": "Mastodon",
        "url": "https://mastodon.example/@lea/1",
        "kind": "post",
        "day": "2026-11-18",
        "source": "open-source",
        "via": "rss",
        "excerpt": "Passez chez eux le samedi matin…",
        "seen_at": "2026-11-18T10:00:00Z",
    }


def a_district() -> dict[str, Any]:
    ring = [[5.634, 49.722], [5.645, 49.719], [5.657, 49.724], [5.655, 49.734], [5.634, 49.722]]
    polygon = {"type": "Polygon", "coordinates": [ring]}
    return {"id": DISTRICT, "city_id": CITY, "version": 1, "name": "Habay-la-Neuve", "polygon": polygon}


def a_campaign(**changed: Any) -> dict[str, Any]:
    return {
        "id": CAMPAIGN,
        "city_id": CITY,
        "name": "Le mois des ambassadeurs",
        "description": "Pendant un mois, dites du bien de ce que vous aimez.",
        "languages": ["fr"],
        "texts": {},
        "legal_ground": None,
        "started_at": None,
        "ended_at": None,
        "starts_at": "2026-11-06T23:00:00Z",
        "ends_at": "2026-12-05T22:59:00Z",
        "state": "running",
        "goals": [{"figure": "reviews", "target": 100}],
        "policy": [],
        "approval": False,
        "question": None,
        "go_if": [],
        "district_ids": [],
        "kinds": [],
        "merchant_ids": [],
        "version": 1,
        "evaluation": None,
    } | changed


def an_entry(kind: str, **changed: Any) -> dict[str, Any]:
    return {
        "id": CITY,
        "city_id": CITY,
        "kind": kind,
        "title": None,
        "organiser": "Ville de Habay",
        "responsible": "Claire Lambert",
        "starts_on": "2026-11-07",
        "ends_on": "2026-12-05",
        "link": None,
    } | changed


def of_the_town() -> dict[str, dict[str, Any]]:
    """What is said of the town, by service and path."""

    def merchants(request: Any) -> dict[str, Any]:
        first = int(request.query_params.get("cursor") or 0)
        number, limit = 60, int(request.query_params["limit"])
        shown = [
            a_shop(id=f"01890000-0000-7000-8000-{place:012d}", name=f"Au bon coin n° {place}")
            if place
            else a_shop()
            for place in range(first, min(first + limit, number))
        ]
        return {"items": shown, "next": str(first + limit) if first + limit < number else None}

    coming = a_campaign(id=CITY, state="scheduled", name="Saint-Nicolas")
    register = [an_entry("campaign", title="Le mois des ambassadeurs"), an_entry("awareness-session")]
    return {
        "directory": {
            "/api/v1/cities": {"items": [a_city()], "next": None},
            f"/api/v1/cities/{CITY}": a_city(),
            f"/api/v1/cities/{CITY}/districts": {"items": [a_district()], "next": None},
            "/api/v1/merchants": merchants,
            "/api/v1/merchants/search": {
                "items": [{"merchant": a_shop(), "likeness": 1.0, "metres": None, "is_open": True}],
                "tolerant": False,
            },
        },
        "campaigns": {
            "/api/v1/campaigns": {"items": [a_campaign(), coming], "next": None},
            **of_the_campaign(),
            "/api/v1/initiatives": {"items": register, "next": None},
        },
        "assessment": {"/api/v1/town-sessions": {"items": [a_coming_session()], "next": None}},
    }


def a_coming_session() -> dict[str, Any]:
    return {
        "id": "01890000-0000-7000-8000-0000000005e5",
        "city_id": CITY,
        "title": "Vitrines en ligne",
        "place": "Salle des fêtes",
        "kind": "training",
        "training": "seo",
        "starts_at": "2026-12-14T18:00:00Z",
        "ends_at": "2026-12-14T20:00:00Z",
        "capacity": 20,
        "language": "fr",
        "state": "announced",
        "version": 3,
    }


def of_the_campaign() -> dict[str, Any]:
    """What the campaigns say of it, by path."""
    of_campaign = f"/api/v1/campaigns/{CAMPAIGN}"
    rule = {"key": "points", "text": "Points are given for any review, whatever it says.", "sources": []}
    asked = {"action": "review", "least_stars": None, "only_satisfied": False}
    here = asked | {"platform": "here", "reward": "points", "verdict": "allowed-with-disclosure"}
    google = asked | {"platform": "google", "reward": "none", "verdict": "allowed", "rules": []}
    goal = {"figure": "reviews", "target": 100, "counted": 37, "reached_at": None}
    return {
        of_campaign: a_campaign(policy=[here | {"rules": [rule]}, google]),
        f"{of_campaign}/progress": {"figures": {"reviews": 37, "shares": 12}, "goals": [goal]},
        f"{of_campaign}/game": {
            "points": [{"action": "review", "points": 5, "a_day": 3, "visitors": None}],
            "badges": [{"key": "first", "title": "First word", "told": "For a first review."}],
            "badges_on": True,
            "leaderboard_on": True,
        },
        f"{of_campaign}/leaderboard": {"places": [{"rank": 1, "id": CITY, "name": "Léa", "points": 85}]},
    }


def connections_of(shop: str) -> dict[str, Any]:
    """The accounts of a shop elsewhere, by path: one of which it is not said yet which place is the shop."""
    path = f"/api/v1/elsewhere/merchants/{shop}/connections"
    google = {
        "connector": "google-business-profile",
        "name": "Google Business Profile",
        "reads": ["reviews", "mean"],
        "keeps": ["the number of reviews", "their mean"],
        "terms": "https://developers.google.example/terms",
        "state": "choosing",
        "title": None,
        "link": None,
        "connected_at": "2026-11-20T10:00:00Z",
        "looked_at": None,
        "trouble": None,
        "reason": None,
    }
    place = {"location": "accounts/1/locations/2", "title": "Boulangerie Rigaux", "link": ""}
    return {path: [google], f"{path}/google-business-profile/locations": [place]}


def of_the_shop() -> dict[str, dict[str, Any]]:
    """What is said of the shop, by service and path."""

    def contributions(request: Any) -> dict[str, Any]:
        shown = {"review": reviews, "photo": photos}[request.query_params["kind"]]()
        return {"items": shown, "next": "further" if request.query_params["kind"] == "review" else None}

    link = {
        "code": "shopshop",
        "address": "https://cococity.example/s/shopshop",
        "qr": "/qr.svg",
        "kind": "shop",
        "merchant_id": SHOP,
        "campaign_id": None,
        "made_at": "2026-11-01T10:00:00Z",
        "withdrawn_at": None,
    }
    return {
        "directory": {OF_SHOP: a_shop(), f"/api/v1/cities/{CITY}": a_city()},
        "campaigns": {
            "/api/v1/contributions": contributions,
            f"/api/v1/elsewhere/merchants/{SHOP}/profiles": {"merchant_id": SHOP, "items": [a_profile()]},
            "/api/v1/elsewhere/posts": {"items": [a_post()], "next": None},
            f"/api/v1/follows/{SHOP}": {"merchant_id": SHOP, "followers": 41},
            f"/api/v1/share-links/merchants/{SHOP}": link,
        },
    }

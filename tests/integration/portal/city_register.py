"""What the services say of a city's shops, districts and letters."""

from __future__ import annotations

from typing import Any

from fastapi import Response

from tests.integration.portal.living_town import DISTRICT, SHOP, a_shop
from tests.integration.portal.stand_ins import CITY

CORRECTION = "01890000-0000-7000-8000-0000000c0221"
PROPOSALS = f"/api/v1/cities/{CITY}/merchant-proposals"
CORRECTIONS = f"/api/v1/cities/{CITY}/merchant-corrections"
RUN = "01890000-0000-7000-8000-0000000004a1"
OF_RUNS = f"/api/v1/cities/{CITY}/letters"
OF_DISTRICT = f"/api/v1/districts/{DISTRICT}"
POLYGON = {"type": "Polygon", "coordinates": [[[5.6, 49.7], [5.7, 49.7], [5.7, 49.8], [5.6, 49.7]]]}


def a_run(**changed: Any) -> dict[str, Any]:
    return {
        "id": RUN,
        "city_id": CITY,
        "district_id": DISTRICT,
        "language": "fr",
        "form": "letter",
        "state": "done",
        "total": 120,
        "done": 120,
        "parts": 2,
        "trouble": None,
        "asked_by": None,
        "asked_at": "2026-11-26T10:00:00Z",
        "finished_at": "2026-11-26T10:01:00Z",
        "sent_by": None,
        "sent_at": None,
    } | changed


def a_district(**changed: Any) -> dict[str, Any]:
    held = {"id": DISTRICT, "city_id": CITY, "version": 2, "name": "Habay-la-Neuve", "polygon": POLYGON}
    return held | changed


def of_the_doubts() -> dict[str, Any]:
    """What waits for a decision, in the directory."""
    at = "2026-11-20T10:00:00Z"
    correction = {
        "id": CORRECTION,
        "merchant_id": SHOP,
        "field": "phone",
        "suggested": {"phone": "+32 63 42 20 01"},
        "now": {"phone": "+32 63 42 20 00"},
        "changed_meanwhile": True,
        "note": "Vu sur la <b>porte</b>.",
        "suggested_at": at,
    }
    closure = {"id": CORRECTION, "merchant_id": SHOP, "state": "proposed", "found_at": at}
    pair = {"id": CORRECTION, "first_id": SHOP, "second_id": DISTRICT, "likeness": 0.9, "metres": 12.4}
    proposal = {
        "id": CORRECTION,
        "name": "Chez <i>Nadia</i>",
        "street": "Rue du Moulin",
        "house_number": "4",
        "postcode": "6720",
        "kind": "shop=bakery",
        "proposed_at": at,
    }
    return {
        PROPOSALS: {"items": [proposal], "next": None},
        CORRECTIONS: {"items": [correction], "next": None},
        f"/api/v1/cities/{CITY}/closures": {"items": [closure], "next": None},
        f"/api/v1/cities/{CITY}/duplicates": {"items": [pair], "next": None},
    }


def of_the_register() -> dict[str, dict[str, Any]]:
    """Answers by service."""
    shop = a_shop(version=7)
    return {
        "directory": {
            **of_the_doubts(),
            "/api/v1/merchants": {"items": [shop], "next": None},
            f"/api/v1/merchants/{SHOP}": shop,
            "/api/v1/kinds": {"items": [{"kind": "shop=bakery", "name": "Bakery"}]},
            f"/api/v1/cities/{CITY}/districts": {"items": [a_district()], "next": None},
            OF_DISTRICT: a_district(),
            OF_RUNS: {"items": [a_run(), a_run(sent_at="2026-11-26T10:05:00Z")], "next": None},
            f"{OF_RUNS}/{RUN}": a_run(),
            f"{OF_RUNS}/{RUN}/pdf": Response(b"%PDF letters"),
        },
        "campaigns": {f"/api/v1/printed/districts/{DISTRICT}/cards.pdf": Response(b"%PDF cards")},
    }

"""The demo town: Habay as a city might set it up, with invented merchants (town.geojson) and persons."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NIS_CODE = "85046"
OFFICER = "claire"
OPERATOR = "otto"
RESPONSIBLE = {"name": "Claire Lambert", "role": "Échevine du commerce"}
CAMPAIGN = "Le mois des ambassadeurs"
CAMPAIGN_DAYS = 30
ASKS = (("here", "review"), ("here", "share"), ("google", "review"))
"""What citizens are asked for, for nothing in return."""
DESCRIPTION = (
    "Pendant un mois, dites du bien de ce que vous aimez : un avis, un partage, et nos commerçants voient "
    "que leur clientèle est là."
)

_EXTRACT = Path(__file__).parent / "town.geojson"


def extract() -> bytes:
    """The town's merchants, as a map extract to be imported."""
    return _EXTRACT.read_bytes()


def source_ids() -> dict[str, str]:
    """The map's id of every feature with a name."""
    features = json.loads(extract())["features"]
    return {feature["properties"].get("name"): feature["id"] for feature in features}


def _rectangle(west: float, south: float, east: float, north: float) -> list[list[list[float]]]:
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


DISTRICTS: dict[str, list[list[list[float]]]] = {
    "Habay-la-Neuve": [
        [
            [5.634, 49.722],
            [5.645, 49.719],
            [5.657, 49.724],
            [5.655, 49.734],
            [5.642, 49.735],
            [5.634, 49.722],
        ]
    ],
    "Habay-la-Vieille": [
        [[5.61, 49.718], [5.624, 49.717], [5.6335, 49.722], [5.63, 49.73], [5.614, 49.729], [5.61, 49.718]]
    ],
    "Anlier": _rectangle(5.605, 49.77, 5.635, 49.79),
}


@dataclass(frozen=True)
class Owner:
    """Who runs which merchant, and in which language their mails are."""

    person: str
    merchant: str
    language: str


OWNERS = (
    Owner("marc", "Au Pain Doré", "fr"),
    Owner("nele", "De Groene Hoek", "nl"),
    Owner("dieter", "Radhaus Semois", "de"),
)
AMBASSADORS = ("sophie", "tom", "lea")


@dataclass(frozen=True)
class Contribution:
    """One thing an ambassador of the demo has done."""

    person: str
    merchant: str
    kind: str
    """`review` or `share`; the plural is the path it is posted to."""
    body: dict[str, Any]


def _review(person: str, merchant: str, rating: int, language: str, text: str) -> Contribution:
    return Contribution(person, merchant, "review", {"rating": rating, "language": language, "text": text})


def _share(person: str, merchant: str, channel: str) -> Contribution:
    return Contribution(person, merchant, "share", {"channel": channel})


JOINING = {"pledge": 1, "age": "18_or_older", "language": "fr"}
"""What ambassadors say when they join: `pledge.yaml` of campaigns has the pledge."""
CONTRIBUTIONS = (
    _review(
        "sophie", "Au Pain Doré", 5, "fr", "Le meilleur pain au levain de la région, et toujours le sourire."
    ),
    _review("tom", "Au Pain Doré", 4, "nl", "Heerlijke koffiekoeken. Op zondag is het even aanschuiven."),
    _review(
        "lea", "Au Pain Doré", 5, "fr", "On y va à vélo chaque samedi, les enfants choisissent les cougnous."
    ),
    _review("sophie", "De Groene Hoek", 5, "fr", "Des bouquets de saison composés sous vos yeux."),
    _review(
        "tom",
        "De Groene Hoek",
        5,
        "nl",
        "Mooie planten en eerlijk advies voor wie geen groene vingers heeft.",
    ),
    _review(
        "lea",
        "Radhaus Semois",
        4,
        "fr",
        "Réparation rapide et expliquée. Prévoir un rendez-vous au printemps.",
    ),
    _review(
        "sophie", "La Page Cornée", 5, "fr", "Une libraire qui lit vraiment, et un coin pour les petits."
    ),
    _review("tom", "Café de la Fontaine", 3, "nl", "Leuk terras, maar de koffie was lauw."),
    _share("sophie", "Au Pain Doré", "whatsapp"),
    _share("sophie", "Au Pain Doré", "facebook"),
    _share("tom", "Au Pain Doré", "whatsapp"),
    _share("lea", "Au Pain Doré", "instagram"),
    _share("lea", "Au Pain Doré", "link"),
    _share("tom", "De Groene Hoek", "mail"),
    _share("lea", "Radhaus Semois", "whatsapp"),
    _share("sophie", "Cacao des Forges", "instagram"),
)

ASSESSED = "marc"
QUESTIONNAIRE = ("digital-maturity", 1)
ANSWERS: dict[str, list[str]] = {
    "maps-profile": ["not-mine"],
    "free-listings": ["city-site"],
    "search-rank": ["further-down"],
    "review-watch": ["by-chance"],
    "review-asking": ["not-yet"],
    "customer-list": ["paper"],
    "mailing": ["never"],
    "website": ["social-page"],
    "distance-orders": ["by-telephone"],
    "social-networks": ["facebook"],
    "payments": ["card"],
    "protection": ["updates"],
    "help": ["relatives"],
}

"""How the open data are described: their columns, and DCAT for catalogues such as data.gov.be.

Source: W3C, Data Catalog Vocabulary 3 (https://www.w3.org/TR/vocab-dcat-3/), in the terms of DCAT-AP.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from chassis.catalogues import translatable
from services.campaigns.exports.columns import Columns, in_all

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
_MONTHLY = "http://publications.europa.eu/resource/authority/frequency/MONTHLY"
_PUBLIC = "http://publications.europa.eu/resource/authority/access-right/PUBLIC"
_ECONOMY = "http://publications.europa.eu/resource/authority/data-theme/ECON"
_CSV = "https://www.iana.org/assignments/media-types/text/csv"
_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
TITLE = translatable("What citizens did for shops, by month")
DESCRIPTION = translatable(
    "Contributions of citizens that were public when the month was closed, by kind of contribution, "
    "district and kind of shop. Small groups are withheld."
)
COLUMNS: Columns = {
    "month": ("gYearMonth", translatable("Month of the contributions, in Brussels")),
    "kind": ("string", translatable("What was contributed; empty for the sum of all")),
    "district": (
        "string",
        translatable(
            "District by its number in the directory; empty for the sum of all, "
            "none for shops outside of districts"
        ),
    ),
    "merchant_kind": (
        "string",
        translatable("Kind of shop, as OpenStreetMap names it; empty for the sum of all"),
    ),
    "contributions": ("integer", translatable("Number of contributions; empty where it is withheld")),
}


@dataclass(frozen=True)
class Edition:
    """What there is of a city."""

    city_id: UUID
    nis_code: str
    months: tuple[date, date] | None
    """The first and the last."""
    closed_at: datetime | None
    """When the last one was."""


def catalogued(edition: Edition, address: str, public_url: str) -> dict[str, Any]:
    """The dataset at that address."""
    found: dict[str, Any] = {
        "@context": _CONTEXT,
        "@id": address,
        "@type": "dcat:Dataset",
        "dct:identifier": address,
        "dct:title": _texts(TITLE),
        "dct:description": _texts(DESCRIPTION),
        "dct:publisher": {
            "@id": f"{public_url}/api/v1/cities/{edition.city_id}",
            "@type": "foaf:Agent",
            "dct:identifier": edition.nis_code,
        },
        "dct:spatial": {"@type": "dct:Location", "dct:identifier": edition.nis_code},
        "dct:license": {"@id": LICENCE},
        "dct:accessRights": {"@id": _PUBLIC},
        "dct:accrualPeriodicity": {"@id": _MONTHLY},
        "dcat:theme": {"@id": _ECONOMY},
        "dcat:distribution": {
            "@id": f"{address}/contributions.csv",
            "@type": "dcat:Distribution",
            "dcat:accessURL": {"@id": f"{address}/contributions.csv"},
            "dcat:downloadURL": {"@id": f"{address}/contributions.csv"},
            "dcat:mediaType": {"@id": _CSV},
            "dct:license": {"@id": LICENCE},
            "dct:conformsTo": {"@id": "http://www.w3.org/ns/csvw"},
        },
    }
    if edition.months is not None and edition.closed_at is not None:
        first, last = (f"{month:%Y-%m}" for month in edition.months)
        found["dct:modified"] = {"@value": edition.closed_at.isoformat(), "@type": "xsd:dateTime"}
        found["dct:temporal"] = {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": {"@value": first, "@type": "xsd:gYearMonth"},
            "dcat:endDate": {"@value": last, "@type": "xsd:gYearMonth"},
        }
    return found


def _texts(message: str) -> list[dict[str, str]]:
    return [{"@value": text, "@language": language} for language, text in in_all(message).items()]

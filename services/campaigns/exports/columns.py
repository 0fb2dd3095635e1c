"""What is in the columns of a file, in four languages, as CSV on the Web describes it.

Source: W3C, Metadata Vocabulary for Tabular Data (https://www.w3.org/TR/tabular-metadata/).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chassis.catalogues import compiled, translatable
from chassis.languages import LANGUAGES
from services.campaigns.exports.datasets import Dataset

FOLDER = Path(__file__).parents[1] / "locales"
DOMAIN = "exports"
MEDIA_TYPE = "application/csvm+json"
_ID, _MOMENT, _DAY, _WHOLE, _TEXT, _YES = "string", "dateTime", "date", "integer", "string", "boolean"
Columns = dict[str, tuple[str, str]]

TITLES = {
    Dataset.CONTRIBUTIONS: translatable("Contributions"),
    Dataset.VISITS: translatable("Visits of links and of shops' pages"),
    Dataset.MERCHANTS: translatable("Shops that were reached and not reached"),
    Dataset.DECISIONS: translatable("Decisions about contributions"),
}
_CITY = _ID, translatable("City, by its number in the directory")
_SHOP = _ID, translatable("Shop, by its number in the directory")
_SHOP_KIND = _TEXT, translatable("Kind of shop, as OpenStreetMap names it")
_DISTRICTS = _TEXT, translatable("Districts the shop lies in, with spaces between")
_CAMPAIGN = _ID, translatable("Campaign it counts for; empty for none")
_KIND = _TEXT, translatable("What was contributed: review, photo, video or share")
COLUMNS: dict[Dataset, Columns] = {
    Dataset.CONTRIBUTIONS: {
        "id": (_ID, translatable("Number of the contribution")),
        "posted_at": (_MOMENT, translatable("When it was posted")),
        "city_id": _CITY,
        "merchant_id": _SHOP,
        "merchant_kind": _SHOP_KIND,
        "districts": _DISTRICTS,
        "campaign_id": _CAMPAIGN,
        "counts_for_none": (_TEXT, translatable("Why it counts for no campaign")),
        "kind": _KIND,
        "standing": (_TEXT, translatable("Published, held or removed")),
        "withdrawn": (_YES, translatable("Whether its author took it back")),
        "rating": (_WHOLE, translatable("Stars of a review, 1 to 5")),
        "language": (_TEXT, translatable("Language of a review")),
        "text": (_TEXT, translatable("Text of a review, while everybody can read it")),
        "channel": (_TEXT, translatable("Over what the shop was shared")),
    },
    Dataset.VISITS: {
        "day": (_DAY, translatable("Day in Brussels")),
        "city_id": _CITY,
        "merchant_id": _SHOP,
        "campaign_id": _CAMPAIGN,
        "way": (_TEXT, translatable("By what way visitors came: page, shop, share or join")),
        "visits": (_WHOLE, translatable("Number of visits")),
        "visitors": (_WHOLE, translatable("Different visitors of a link or page and day, estimated")),
    },
    Dataset.MERCHANTS: {
        "merchant_id": _SHOP,
        "city_id": _CITY,
        "merchant_kind": _SHOP_KIND,
        "districts": _DISTRICTS,
        "reached": (_YES, translatable("Whether anything was contributed that stands")),
        "reviews": (_WHOLE, translatable("Number of reviews")),
        "photos": (_WHOLE, translatable("Number of sets of photos")),
        "videos": (_WHOLE, translatable("Number of videos")),
        "shares": (_WHOLE, translatable("Number of shares")),
    },
    Dataset.DECISIONS: {
        "id": (_ID, translatable("Number of the decision")),
        "opened_at": (_MOMENT, translatable("Since when a decision was waited for")),
        "due_at": (_MOMENT, translatable("Until when it was due")),
        "decided_at": (_MOMENT, translatable("When it was decided")),
        "city_id": _CITY,
        "merchant_id": _SHOP,
        "campaign_id": _CAMPAIGN,
        "contribution_id": (_ID, translatable("Number of the contribution")),
        "kind": _KIND,
        "reasons": (_TEXT, translatable("Why a decision was needed: rules, with spaces between")),
        "appealed_by": (_TEXT, translatable("Who appealed: author or reporter; empty for a first decision")),
        "outcome": (_TEXT, translatable("Published or removed")),
        "ground": (_TEXT, translatable("The rule it rests on")),
    },
}


def said(message: str, language: str) -> str:
    """The text in one of LANGUAGES."""
    return message if language == "en" else str(compiled(FOLDER, language, DOMAIN).gettext(message))


def in_all(message: str) -> dict[str, str]:
    """The text by language."""
    return {language: said(message, language) for language in LANGUAGES}


def described(title: str, columns: Columns, address: str) -> dict[str, Any]:
    """The description of a file that lies at that address."""
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": address,
        "dc:title": [{"@value": text, "@language": language} for language, text in in_all(title).items()],
        "dialect": {"header": True, "encoding": "utf-8", "lineTerminators": ["\r\n"]},
        "tableSchema": {
            "columns": [
                {"name": name, "titles": name, "datatype": kind, "dc:description": _descriptions(meaning)}
                for name, (kind, meaning) in columns.items()
            ]
        },
    }


def _descriptions(meaning: str) -> list[dict[str, str]]:
    return [{"@value": text, "@language": language} for language, text in in_all(meaning).items()]

"""Opening hours as people read them, of what the map's notation says (OpenStreetMap, key `opening_hours`)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from babel import Locale

_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_WORDS = re.compile(r"\b(Mo|Tu|We|Th|Fr|Sa|Su|PH|SH|off|closed)\b")
_SCHEMA_ORG = re.compile(r"(?:(?:Mo|Tu|We|Th|Fr|Sa|Su)[-,]?)+ \d\d:\d\d-\d\d:\d\d")


def opening_words(notation: str, locale: str, words: Mapping[str, str]) -> list[str]:
    """One line for each rule, days by their short names; `words` are those of PH, SH, off and closed."""
    short = Locale.parse(locale).days["stand-alone"]["abbreviated"]
    known = {**words, **{day: short[number] for number, day in enumerate(_DAYS)}}
    parts = re.split(r";\s*", notation.strip())
    return [_WORDS.sub(lambda found: known.get(found[1], found[1]), part) for part in parts if part]


def schema_org_hours(notation: str) -> list[str]:
    """Those of its rules that schema.org's `openingHours` can say, too."""
    return [part for part in re.split(r";\s*", notation.strip()) if _SCHEMA_ORG.fullmatch(part)]

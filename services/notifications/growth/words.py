"""A count with the name of its kind, by the plural rules of each language."""

from __future__ import annotations

from collections.abc import Callable

from babel.support import Translations

from services.notifications.contributions.domain import FOLLOW, PHOTO, REVIEW, SHARE, VIDEO, VISIT
from services.notifications.languages import number, translations


def counted(kind: str, count: int, language: str) -> str:
    """`3 reviews`, in one of LANGUAGES."""
    said = _COUNTED.get(kind, _contributions)(translations(language), count)
    return said.format(count=number(count, language))


def _contributions(catalogue: Translations, count: int) -> str:
    return str(catalogue.ungettext("{count} contribution", "{count} contributions", count))


# Each in full, so that the catalogues have it.
_COUNTED: dict[str, Callable[[Translations, int], str]] = {
    REVIEW: lambda said, n: str(said.ungettext("{count} review", "{count} reviews", n)),
    PHOTO: lambda said, n: str(said.ungettext("{count} photo", "{count} photos", n)),
    VIDEO: lambda said, n: str(said.ungettext("{count} video", "{count} videos", n)),
    SHARE: lambda said, n: str(said.ungettext("{count} recommendation", "{count} recommendations", n)),
    FOLLOW: lambda said, n: str(said.ungettext("{count} new follower", "{count} new followers", n)),
    VISIT: lambda said, n: str(
        said.ungettext("{count} visit by a shared link", "{count} visits by shared links", n)
    ),
}

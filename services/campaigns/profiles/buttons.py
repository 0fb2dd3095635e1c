"""What a profile is shown with: a button's address and its words.

A button asks for a review where the platform lets shops ask and has a page for it that the profile names. All
others lead to the profile and ask for nothing; Yelp's always does (`policy/rules.yaml`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlsplit

from chassis.catalogues import compiled, translatable
from services.campaigns.languages import FOLDER
from services.campaigns.platforms.catalogue import WEBSITE, Button, Platform, platforms

DOMAIN = "elsewhere"
_WRITE = translatable("Write a review on {platform}")
_SEE = translatable("See on {platform}")
_SITE = translatable("Website")


@dataclass(frozen=True)
class ShownButton:
    """Where it leads, and what it says."""

    address: str
    label: str
    asks: bool
    """Whether it asks for a review."""


def button_of(platform: str, url: str, language: str) -> ShownButton:
    """Of a profile at its canonical address, in one of `chassis.languages.LANGUAGES`."""
    of = platforms()[platform]
    say = compiled(FOLDER, language, DOMAIN).ugettext
    page = _page_to_write(of, url) if of.button is Button.REVIEW else None
    if page is not None:
        return ShownButton(page, say(_WRITE).format(platform=of.name), asks=True)
    label = say(_SITE) if platform == WEBSITE else say(_SEE).format(platform=of.name)
    return ShownButton(url, label, asks=False)


def _page_to_write(of: Platform, url: str) -> str | None:
    if of.write is None:
        return None
    if any(re.fullmatch(page, url) for page in of.write.pages):
        return url
    named = parse_qs(urlsplit(url).query).get(of.write.argument)
    return of.write.to.format(id=quote(named[0], safe="")) if named else None

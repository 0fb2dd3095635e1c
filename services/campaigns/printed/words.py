"""What stands on cards and posters, in the reader's language.

Everybody is asked, and for any opinion: a card that asks the content alone would be against the law and the
platforms' rules (`policy/rules.yaml`, not-only-the-satisfied).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from babel.dates import format_date

from services.campaigns.contributions.domain import brussels_day
from services.campaigns.languages import translations

_MOMENT = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Card:
    """A shop's, for its counter."""

    name: str
    address: str
    """What the QR code says: the shop's permanent link."""


@dataclass(frozen=True)
class Poster:
    """A campaign's, by which it is joined."""

    title: str
    city: str
    responsible: str | None
    starts_at: datetime
    ends_at: datetime
    address: str
    """What the QR code says: the campaign's own link."""


@dataclass(frozen=True)
class CardWords:
    heading: str
    scan: str
    everybody: str


@dataclass(frozen=True)
class PosterWords:
    call: str
    dates: str
    scan: str
    responsible: str


def card_words(language: str) -> CardWords:
    """The same for every shop."""
    say = translations(language).ugettext
    return CardWords(
        heading=say("You know this shop? Tell others what you think of it."),
        scan=say(
            "Scan the code: the page of the shop opens. There you can read and write reviews, and share the"
            " page."
        ),
        everybody=say("Good or bad: every opinion is welcome, and none is paid for."),
    )


def poster_words(poster: Poster, language: str) -> PosterWords:
    """The words of one campaign."""
    say = translations(language).ugettext
    return PosterWords(
        call=say("{city}: become an ambassador of your shops.").format(city=poster.city),
        dates=_dates(poster, language),
        scan=say("Scan the code to join, or type the address:"),
        responsible=say("Responsible: {contact}").format(contact=poster.responsible or poster.city),
    )


def _dates(poster: Poster, language: str) -> str:
    """By days of Brussels; one that ends at midnight ends on the day before."""
    say = translations(language).ugettext
    first, last = brussels_day(poster.starts_at), brussels_day(poster.ends_at - _MOMENT)
    if first == last:
        return say("On {day}").format(day=_day(first, language))
    return say("From {start} to {end}").format(start=_day(first, language), end=_day(last, language))


def _day(at: date, language: str) -> str:
    return format_date(at, "long", locale=f"{language}_BE")

"""What a letter or a card says, in the shop's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

from services.directory.claims.audience import Figures
from services.directory.languages import translations
from services.directory.merchants.shown import REGISTER, attribution

OBJECTION_PATH = "/objection"
"""Short, because people type it."""
_LOCAL = ZoneInfo("Europe/Brussels")


@dataclass(frozen=True)
class Paper:
    """One shop's letter or card, before it has words."""

    name: str
    address: Sequence[str]
    """Its lines below the name, as far as they are known."""
    figures: Figures
    code: str
    objection_code: str | None
    """None in letters that were prepared before there were such codes."""
    page: str
    """The whole address that the QR code holds."""
    expires_at: datetime
    source: str
    """Of its data, as the directory calls it: `osm`, `kbo:…`, `csv:…`, or `city` (its officers)."""


@dataclass(frozen=True)
class Issuer:
    """Who writes: a city, by whoever answers for it."""

    city: str
    responsible: str | None
    address: str
    """Where people reach the pages."""


@dataclass(frozen=True)
class LetterWords:
    """A letter in the order it is read."""

    heading: str
    opening: str
    rows: Sequence[tuple[str, int]]
    look: str
    claim: str
    validity: str
    source: str
    objection: str


def words_of(paper: Paper, issuer: Issuer, language: str) -> LetterWords:
    """The words of one paper."""
    say = translations(language).ugettext
    until = day(paper.expires_at.astimezone(_LOCAL).date(), language)
    return LetterWords(
        heading=say("Your town recommends its shops"),
        opening=_opening(paper.figures, issuer.city, language),
        rows=_rows(paper.figures, language),
        look=say("Look first, decide later: this page shows it. It needs no account."),
        claim=say("Is this your shop? Sign in at {address} and enter this code:").format(
            address=issuer.address
        ),
        validity=say("Code and page are valid until {day}. If you do nothing, nothing happens.").format(
            day=until
        ),
        source=say("Name, address and kind of your shop come from: {source}.").format(
            source=_source(paper.source, language)
        ),
        objection=_objection(paper, issuer, language),
    )


def _source(source: str, language: str) -> str:
    """Who is written to is told where their data come from (GDPR art. 14 (2) f)."""
    say = translations(language).ugettext
    if source.startswith(REGISTER):
        return say("the Crossroads Bank for Enterprises")
    return attribution(source) or say("a list of your city")


def _objection(paper: Paper, issuer: Issuer, language: str) -> str:
    say = translations(language).ugettext
    contact = issuer.responsible or say("your city")
    if paper.objection_code is None:
        return say(
            "You do not want to be listed? Tell {contact}: your shop is removed and not written to again."
        ).format(contact=contact)
    return say(
        "You do not want to be listed? Enter the code below at {address}, or tell {contact}: your shop is"
        " removed and not written to again."
    ).format(address=f"{issuer.address}{OBJECTION_PATH}", contact=contact)


def day(at: date, language: str) -> str:
    """A date as people write it there."""
    return format_date(at, "long", locale=f"{language}_BE")


def _opening(figures: Figures, city: str, language: str) -> str:
    say = translations(language).ugettext
    if figures.since is None:
        return say(
            "In {city}, people recommend the shops they like. Nobody has spoken for yours yet; the page below"
            " shows it as soon as somebody does."
        ).format(city=city)
    return say(
        "In {city}, people recommend the shops they like. Since {day} they have spoken for yours, and nobody"
        " was paid for it:"
    ).format(city=city, day=day(figures.since, language))


def _rows(figures: Figures, language: str) -> list[tuple[str, int]]:
    say = translations(language).ugettext
    names = {"review": say("Reviews"), "share": say("Shares"), "photo": say("Photos"), "video": say("Videos")}
    rows = [(names.get(kind, kind), count) for kind, count in sorted(figures.totals.items())]
    return [*rows, (say("Together"), figures.total)] if len(rows) > 1 else rows

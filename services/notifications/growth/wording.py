"""A week's comparison in words."""

from __future__ import annotations

from datetime import timedelta

from babel.support import Translations

from services.notifications.growth.domain import FEWEST_WEEKS, Judged, Verdict
from services.notifications.growth.figures import Growth
from services.notifications.growth.words import counted
from services.notifications.languages import long_day, number, translations


def said_of_week(growth: Growth, language: str) -> str:
    """Which week it is, and whether a campaign was around."""
    translate = translations(language).ugettext
    days = [long_day(day, language) for day in (growth.week, growth.week + timedelta(days=6))]
    said = str(translate("Week from {first} to {last}.")).format(first=days[0], last=days[1])
    if growth.around.running:
        said += " " + translate("A campaign is running around you.")
    elif growth.around.over:
        said += " " + translate("A campaign around you has ended: quieter weeks after it are to be expected.")
    return said


def said_of(judged: Judged, growth: Growth, language: str) -> str:
    """How one kind did, beside its own weeks, last year and its peers."""
    catalogue = translations(language)
    sentences = [
        f"{counted(judged.kind, judged.amount, language)}.",
        catalogue.ugettext(_OWN[judged.own.verdict]).format(
            median=number(judged.own.median, language), weeks=FEWEST_WEEKS
        ),
    ]
    if judged.last_year is not None:
        then = catalogue.ugettext("At the same time last year it was {median} a week.")
        sentences.append(then.format(median=number(judged.last_year.median, language)))
        sentences += _than_then(judged.last_year.verdict, catalogue)
    peers = growth.peers.get(judged.kind)
    if peers is not None:
        around = catalogue.ungettext(
            "Of {shops} shop of your kind around you, half had {median} or fewer.",
            "Of {shops} shops of your kind around you, half had {median} or fewer.",
            growth.shops,
        )
        sentences.append(
            around.format(shops=number(growth.shops, language), median=number(peers.median, language))
        )
        if peers.verdict is Verdict.RISE:
            sentences.append(catalogue.ugettext("Together they had more than usual too."))
    return " ".join(sentences)


def _than_then(verdict: Verdict, catalogue: Translations) -> list[str]:
    if verdict is Verdict.RISE:
        return [catalogue.ugettext("It has grown since, beyond what chance gives.")]
    if verdict is Verdict.FALL:
        return [catalogue.ugettext("It has become less since, beyond what chance takes.")]
    return []


_OWN: dict[Verdict, str] = {
    Verdict.RISE: "Usually it is {median} a week: this is more than chance gives.",
    Verdict.USUAL: "Usually it is {median} a week: a difference such as this may be chance.",
    Verdict.FALL: "Usually it is {median} a week: this is less than chance takes away.",
    Verdict.AFTER_CAMPAIGN: (
        "While a campaign was on it was {median} a week: quieter weeks after it are no fall."
    ),
    Verdict.UNKNOWN: "What is usual for you is known once there are {weeks} weeks to compare with.",
}

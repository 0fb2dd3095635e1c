"""A notification in words: what happened, in the reader's language, with its plural rules.

Small counts are shown as counts, never as percentages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple, cast
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal
from babel.support import Translations

from services.notifications.advice.steps import step_name
from services.notifications.contributions.domain import REVIEW, SHARE
from services.notifications.languages import translations

Kind = Literal["milestone", "campaign-begins", "welcome"]
"""What merchants are told of; each has its words below."""

_LOCAL = ZoneInfo("Europe/Brussels")


class Words(NamedTuple):
    """A notification as people read it."""

    title: str
    text: str
    step: str | None
    """The sentence that names the first recommended step, where there is one."""

    def in_full(self) -> str:
        return f"{self.text} {self.step}" if self.step else self.text


def words_for(kind: str, data: Mapping[str, Any], language: str) -> Words:
    """Title and text of a notification of that kind, in one of LANGUAGES."""
    catalogue = translations(language)
    write = _WRITERS.get(cast("Kind", kind), _something)
    title, text = write(data, language, catalogue)
    return Words(title, text, _first_step(data, language, catalogue))


def _milestone(data: Mapping[str, Any], language: str, catalogue: Translations) -> tuple[str, str]:
    threshold = int(data["threshold"])
    shown = format_decimal(threshold, locale=language)
    translate, count = catalogue.ungettext, {"count": shown}
    if data["kind"] == REVIEW:
        title = translate("{count} review of your shop", "{count} reviews of your shop", threshold)
        text = translate(
            "A citizen has reviewed your shop: your audience has begun to grow.",
            "Citizens have now reviewed your shop {count} times.",
            threshold,
        )
    elif data["kind"] == SHARE:
        title = translate(
            "Your shop was shared {count} time", "Your shop was shared {count} times", threshold
        )
        text = translate(
            "A citizen has recommended your shop to others: your audience has begun to grow.",
            "Citizens have now recommended your shop to others {count} times.",
            threshold,
        )
    else:
        title = translate(
            "{count} contribution for your shop", "{count} contributions for your shop", threshold
        )
        text = translate(
            "A citizen has done something for your shop: your audience has begun to grow.",
            "Citizens have now done something for your shop {count} times.",
            threshold,
        )
    return title.format(**count), text.format(**count)


def _campaign_begins(data: Mapping[str, Any], language: str, catalogue: Translations) -> tuple[str, str]:
    last_day = datetime.fromisoformat(data["ends_at"]).astimezone(_LOCAL).date()
    text = catalogue.ugettext(
        "Until {day}, the ambassadors of your town discover and recommend the shops around you, yours too."
    )
    return (
        catalogue.ugettext("A campaign begins around your shop"),
        text.format(day=format_date(last_day, "long", locale=language)),
    )


def _welcome(data: Mapping[str, Any], language: str, catalogue: Translations) -> tuple[str, str]:
    counted = sum(data["totals"].values())
    text = catalogue.ungettext(
        "Before you came, citizens had done something for your shop {count} time already.",
        "Before you came, citizens had done something for your shop {count} times already.",
        counted,
    )
    return (
        catalogue.ugettext("Welcome: you have an audience already"),
        text.format(count=format_decimal(counted, locale=language)),
    )


def _something(_data: Mapping[str, Any], _language: str, catalogue: Translations) -> tuple[str, str]:
    """A kind that this version does not know, of a newer one that was rolled back."""
    return catalogue.ugettext("News for your shop"), catalogue.ugettext("There is news for your shop.")


def _first_step(data: Mapping[str, Any], language: str, catalogue: Translations) -> str | None:
    key = data.get("first_step")
    if not key:
        return None
    name = step_name(key, language)
    if name is None:
        return str(catalogue.ugettext("Your assessment recommends a first step: have a look at it."))
    return str(catalogue.ugettext("Your first recommended step: {step}.")).format(step=name)


_Writer = Callable[[Mapping[str, Any], str, Translations], tuple[str, str]]
_WRITERS: Mapping[Kind, _Writer] = {
    "milestone": _milestone,
    "campaign-begins": _campaign_begins,
    "welcome": _welcome,
}

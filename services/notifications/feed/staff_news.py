"""News for officers and consultants in words: each function gives title and text of one kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from babel.numbers import format_decimal
from babel.support import Translations

from services.notifications.growth.words import counted

Said = tuple[str, str]


def goal_reached(data: Mapping[str, Any], language: str, catalogue: Translations) -> Said:
    target, figure = int(data["target"]), str(data["figure"])
    if figure in _FIGURES:
        amount = _FIGURES[figure](catalogue, target).format(count=format_decimal(target, locale=language))
    else:
        amount = counted(figure.removesuffix("s"), target, language)
    text = catalogue.ugettext("It has brought what was hoped for: {amount}. Tell those who took part.")
    return catalogue.ugettext("A campaign has reached a goal"), text.format(amount=amount)


def request_waiting(data: Mapping[str, Any], language: str, catalogue: Translations) -> Said:
    count = int(data["count"])
    title = catalogue.ungettext("{count} shop asks for help", "{count} shops ask for help", count)
    text = catalogue.ungettext(
        "It asks for a training or a visit, and agreed to be contacted: the call list says how.",
        "They ask for trainings or visits, and agreed to be contacted: the call list says how.",
        count,
    )
    return title.format(count=format_decimal(count, locale=language)), text


_FIGURES: Mapping[str, Callable[[Translations, int], str]] = {
    "ambassadors": lambda said, n: str(said.ungettext("{count} ambassador", "{count} ambassadors", n)),
    "merchants-reached": lambda said, n: str(
        said.ungettext(
            "{count} shop for which something was done", "{count} shops for which something was done", n
        )
    ),
}

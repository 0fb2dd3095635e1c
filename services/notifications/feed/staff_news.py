"""News for officers and consultants in words: each function gives title and text of one kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from babel.support import Translations

from services.notifications.growth.words import counted
from services.notifications.languages import long_day, number

Said = tuple[str, str]


def goal_reached(data: Mapping[str, Any], language: str, catalogue: Translations) -> Said:
    target, figure = int(data["target"]), str(data["figure"])
    if figure in _FIGURES:
        amount = _amount(_FIGURES[figure], target, language, catalogue)
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
    return title.format(count=number(count, language)), text


def queue_waiting(data: Mapping[str, Any], language: str, catalogue: Translations) -> Said:
    """With what waits, by sort; what there is none of is not named. To a deputy city the appeals alone."""
    if data.get("deputy_city_id"):
        return _appeals_waiting(data, language, catalogue)
    sorts = {name: int(data[name]) for name in _SORTS if data[name]}
    count, overdue = sum(sorts.values()), int(data["overdue"])
    title = catalogue.ungettext(
        "{count} contribution waits for a decision", "{count} contributions wait for a decision", count
    )
    said = [
        _since(data, language, catalogue),
        catalogue.ugettext("What waits: {sorts}.").format(
            sorts=", ".join(_amount(_SORTS[name], n, language, catalogue) for name, n in sorts.items())
        ),
    ]
    if overdue:
        said.append(
            catalogue.ugettext("Past the time in which your town decides: {count}.").format(
                count=number(overdue, language)
            )
        )
    return title.format(count=number(count, language)), " ".join(said)


def _appeals_waiting(data: Mapping[str, Any], language: str, catalogue: Translations) -> Said:
    count = _amount(_SORTS["appeals"], int(data["appeals"]), language, catalogue)
    waits = catalogue.ugettext("What waits: {sorts}.").format(sorts=count)
    title = catalogue.ugettext("Appeals of another town wait for you, as its named deputy")
    return title, f"{_since(data, language, catalogue)} {waits}"


def _since(data: Mapping[str, Any], language: str, catalogue: Translations) -> str:
    day = long_day(datetime.fromisoformat(data["oldest_since"]), language)
    return str(catalogue.ugettext("The oldest has waited since {day}.").format(day=day))


_Amount = Callable[[Translations, int], str]


def _amount(of: _Amount, count: int, language: str, catalogue: Translations) -> str:
    return of(catalogue, count).format(count=number(count, language))


_SORTS: Mapping[str, _Amount] = {
    "held": lambda said, n: str(said.ungettext("{count} held", "{count} held", n)),
    "reported": lambda said, n: str(said.ungettext("{count} reported", "{count} reported", n)),
    "appeals": lambda said, n: str(said.ungettext("{count} appeal", "{count} appeals", n)),
}
_FIGURES: Mapping[str, _Amount] = {
    "ambassadors": lambda said, n: str(said.ungettext("{count} ambassador", "{count} ambassadors", n)),
    "merchants-reached": lambda said, n: str(
        said.ungettext(
            "{count} shop for which something was done", "{count} shops for which something was done", n
        )
    ),
}

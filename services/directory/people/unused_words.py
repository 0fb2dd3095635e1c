"""What somebody is written before their account goes because nobody uses it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from babel.dates import format_date
from babel.support import Translations

from services.directory.mails import Link, Words, Writer

UNUSED = "account-unused"


def _unused(data: Mapping[str, Any], catalogue: Translations) -> Words:
    say = catalogue.ugettext
    language = str(catalogue.info().get("language", "fr"))[:2]
    day = format_date(date.fromisoformat(data["day"]), "long", locale=f"{language}_BE")
    return Words(
        subject=say("Your CoCoCity account: sign in if you want to keep it"),
        text=(
            say("Hello,"),
            say("Nobody has used your account for almost three years."),
            *(_stays(day, catalogue) if data["stays"] else _goes(day, catalogue)),
        ),
        link=Link(say("Sign in to CoCoCity"), "/"),
    )


def _goes(day: str, catalogue: Translations) -> tuple[str, ...]:
    say = catalogue.ugettext
    goes = say("On {day} it will be deleted, with what is kept about you here. This cannot be undone.")
    return (
        goes.format(day=day),
        say("To keep it, sign in once before that day. If you do not need it any more, do nothing."),
    )


def _stays(day: str, catalogue: Translations) -> tuple[str, ...]:
    say = catalogue.ugettext
    stays = say(
        "You have a role here, at a shop or for a city, or a city names you: as long as that is so, your"
        " account stays. If that ends, it will be deleted, from {day} on. This cannot be undone."
    )
    return (
        stays.format(day=day),
        say(
            "To keep it in any case, sign in once. If you do not need it any more, tell those for whom you"
            " have the role, so that somebody else gets it."
        ),
    )


WORDS: Mapping[str, Writer] = {UNUSED: _unused}

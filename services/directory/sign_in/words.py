"""What the mail with link and code says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from babel.support import Translations

from services.directory.mails import Link, Words, Writer

KIND = "sign-in"


def _sign_in(data: Mapping[str, Any], catalogue: Translations) -> Words:
    say = catalogue.ugettext
    return Words(
        subject=say("Your code for CoCoCity"),
        text=(
            say("Hello,"),
            say(
                "Type this code in the window in which you asked for it. Or open the page below and"
                " press its button."
            ),
        ),
        code=data["code"],
        link=Link(say("Sign in to CoCoCity"), data["path"]),
        after=(
            say("Code and page are good for ten minutes, and for one time."),
            say(
                "Give the code to nobody; we never ask for it by phone. If you asked for nothing, do nothing:"
                " without this mail nobody gets in."
            ),
        ),
    )


WORDS: Mapping[str, Writer] = {KIND: _sign_in}

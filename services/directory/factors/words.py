"""What people are told when something by which they prove who they are was changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from babel.support import Translations

from services.directory.audit.domain import Action
from services.directory.factors.domain import Factor
from services.directory.mails import Words, Writer


def _added(data: Mapping[str, Any], catalogue: Translations) -> Words:
    say = catalogue.ugettext
    happened = {
        Factor.AUTHENTICATOR: say("An app for codes was set up for your account."),
        Factor.PASSKEY: say("A passkey was added to your account."),
    }
    return _warning(catalogue, say("A new way to prove that it is you"), happened[Factor(data["factor"])])


def _removed(data: Mapping[str, Any], catalogue: Translations) -> Words:
    say = catalogue.ugettext
    happened = {
        Factor.AUTHENTICATOR: say("The app for codes was removed from your account."),
        Factor.PASSKEY: say("A passkey was removed from your account."),
    }
    return _warning(
        catalogue, say("One way to prove that it is you was removed"), happened[Factor(data["factor"])]
    )


def _codes_made(_data: Mapping[str, Any], catalogue: Translations) -> Words:
    say = catalogue.ugettext
    happened = say(
        "New recovery codes were made for your account. The former ones are worth nothing any more."
    )
    return _warning(catalogue, say("New recovery codes"), happened)


def _code_used(data: Mapping[str, Any], catalogue: Translations) -> Words:
    say = catalogue.ugettext
    left = int(data["left"])
    happened = catalogue.ungettext(
        "A recovery code of your account was used. {left} is left.",
        "A recovery code of your account was used. {left} are left.",
        left,
    ).format(left=left)
    return _warning(catalogue, say("A recovery code was used"), happened)


def _reset(_data: Mapping[str, Any], catalogue: Translations) -> Words:
    say = catalogue.ugettext
    happened = say(
        "Your second factors were removed, because somebody said that you had lost them. You are signed out"
        " everywhere. Sign in by mail and set up a new one."
    )
    return _warning(catalogue, say("Your second factors were reset"), happened)


def _warning(catalogue: Translations, subject: str, happened: str) -> Words:
    say = catalogue.ugettext
    was_not_you = say(
        "If that was not you, somebody else was in your account: end your sessions, and tell your city or"
        " whoever operates this at once."
    )
    return Words(subject=subject, text=(say("Hello,"), happened, was_not_you))


WORDS: Mapping[str, Writer] = {
    Action.FACTOR_ADDED: _added,
    Action.FACTOR_REMOVED: _removed,
    Action.RECOVERY_CODES_MADE: _codes_made,
    Action.RECOVERY_CODE_USED: _code_used,
    Action.FACTORS_RESET: _reset,
}

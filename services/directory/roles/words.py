"""What people are written about roles: an invitation, its acceptance, a role that begins or ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from babel.support import Translations

from chassis.identity import Role
from chassis.mail import one_line
from services.directory.mails import Link, Words, Writer

INVITED, ACCEPTED, STARTED, ENDED = "invitation", "invitation-accepted", "role-started", "role-ended"
Say = Callable[[str], str]


def _role(role: str, say: Say) -> str:
    named = {
        Role.operator: say("operator of the platform"),
        Role.city_officer: say("city officer"),
        Role.association_officer: say("officer of a merchants' association"),
        Role.consultant: say("consultant"),
        Role.merchant: say("owner of the shop's account"),
        Role.merchant_staff: say("member of the shop's staff"),
    }
    return named[Role(role)]


def _place(data: Mapping[str, Any], catalogue: Translations) -> str:
    """`Boulangerie Dubois, Habay`; the city's Dutch name in Dutch mails, its French one elsewhere."""
    say = catalogue.ugettext
    language = str(catalogue.info().get("language", ""))
    city = data["city_nl"] if language.startswith("nl") else data["city_fr"]
    if city is None:
        return say("all cities")
    return ", ".join(one_line(name) for name in (data["part"], city) if name)


def _filled(text: str, data: Mapping[str, Any], catalogue: Translations) -> str:
    say = catalogue.ugettext
    return text.format(
        name=one_line(data["by"] or say("somebody who has left")),
        role=_role(data["role"], say),
        place=_place(data, catalogue),
    )


def _invited(data: Mapping[str, Any], catalogue: Translations) -> Words:
    say = catalogue.ugettext
    return Words(
        subject=_filled(say("CoCoCity: an invitation from {name}"), data, catalogue),
        text=(
            say("Hello,"),
            _filled(say("{name} invites you to this role at CoCoCity: {role} ({place})."), data, catalogue),
            say("On the page below you can accept or decline. To accept, you sign in."),
        ),
        link=Link(say("Answer the invitation"), data["path"]),
        after=(
            say("The page is good for seven days, and for one answer. Do not pass this mail on."),
            say("If you do not know what this is about, do nothing: without your answer nothing happens."),
        ),
    )


def _accepted(data: Mapping[str, Any], catalogue: Translations) -> Words:
    say = catalogue.ugettext
    return Words(
        subject=_filled(say("CoCoCity: {name} has accepted your invitation"), data, catalogue),
        text=(
            say("Hello,"),
            _filled(say("{name} now has this role: {role} ({place})."), data, catalogue),
            say("Is this not the person you meant? Then withdraw the role at once."),
        ),
        link=Link(say("Open CoCoCity"), "/"),
    )


def _started(data: Mapping[str, Any], catalogue: Translations) -> Words:
    say = catalogue.ugettext
    return Words(
        subject=say("CoCoCity: you have a new role"),
        text=(
            say("Hello,"),
            _filled(say("{name} has handed this role over to you: {role} ({place})."), data, catalogue),
        ),
        link=Link(say("Open CoCoCity"), "/"),
    )


def _ended(data: Mapping[str, Any], catalogue: Translations) -> Words:
    say = catalogue.ugettext
    return Words(
        subject=say("CoCoCity: a role of yours has ended"),
        text=(
            say("Hello,"),
            _filled(say("You no longer have this role: {role} ({place})."), data, catalogue),
            _filled(say("{name} has taken it over, or has withdrawn it."), data, catalogue),
        ),
        link=Link(say("Open CoCoCity"), "/"),
    )


WORDS: Mapping[str, Writer] = {INVITED: _invited, ACCEPTED: _accepted, STARTED: _started, ENDED: _ended}

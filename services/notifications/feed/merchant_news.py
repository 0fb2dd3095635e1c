"""News for merchants in words, beside milestones: each function gives title and text of one kind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from babel.support import Translations

from services.notifications.contributions.domain import REVIEW
from services.notifications.growth.words import counted
from services.notifications.languages import clock, is_midnight, last_day, long_day, number
from services.notifications.people.domain import WITHDRAWN
from services.notifications.people.grounds import TAKEN_BACK, ground_in_words

Said = tuple[str, str]


def campaign_begins(data: Mapping[str, Any], language: str, catalogue: Translations) -> Said:
    text = catalogue.ugettext(
        "Until {day}, the ambassadors of your town discover and recommend the shops around you, yours too."
    )
    return (
        catalogue.ugettext("A campaign begins around your shop"),
        text.format(day=last_day(datetime.fromisoformat(data["ends_at"]), language)),
    )


def campaign_ends(data: Mapping[str, Any], language: str, catalogue: Translations) -> Said:
    """With its results: the shop's own, and those around it."""
    own, around = int(data["own"]), int(data["around"])
    said = [catalogue.ugettext("While it ran, nobody did something for your shop yet.")]
    if own:
        said = [
            catalogue.ungettext(
                "While it ran, citizens did something for your shop {count} time.",
                "While it ran, citizens did something for your shop {count} times.",
                own,
            ).format(count=number(own, language))
        ]
    said.append(
        catalogue.ungettext(
            "Around you it was {count} time in all, for {shops} of the shops.",
            "Around you it was {count} times in all, for {shops} of the shops.",
            around,
        ).format(count=number(around, language), shops=number(int(data["shops"]), language))
    )
    said.append(catalogue.ugettext("Quieter weeks are to be expected now; they are no fall."))
    return catalogue.ugettext("The campaign around your shop has ended"), " ".join(said)


def unusual_rise(data: Mapping[str, Any], language: str, catalogue: Translations) -> Said:
    rises = [
        catalogue.ugettext("{what}; usually it is {median} a week.").format(
            what=counted(each["kind"], int(each["count"]), language),
            median=number(each["median"], language),
        )
        for each in data["rises"]
    ]
    week = catalogue.ugettext("In the week from {day}:").format(day=_day(data["week"], language))
    return catalogue.ugettext("An unusually good week for your shop"), " ".join([week, *rises])


def next_step(_data: Mapping[str, Any], _language: str, catalogue: Translations) -> Said:
    return (
        catalogue.ugettext("What to do next"),
        catalogue.ugettext("Your self-assessment recommends one step to begin with."),
    )


def reassessment_due(data: Mapping[str, Any], language: str, catalogue: Translations) -> Said:
    text = catalogue.ugettext("You assessed your shop on {day}. Do it again, and see what has moved.")
    return catalogue.ugettext("Time for another look"), text.format(day=_day(data["assessed_at"], language))


def seat_given(data: Mapping[str, Any], language: str, catalogue: Translations) -> Said:
    begins = datetime.fromisoformat(data["starts_at"])
    text = catalogue.ugettext("A seat has become free for you: the session begins on {day} at {time}.")
    return catalogue.ugettext("You have a seat"), text.format(
        day=long_day(begins, language), time=clock(begins, language)
    )


def coaching_offered(data: Mapping[str, Any], language: str, catalogue: Translations) -> Said:
    """Until the end of a day, or until the group begins."""
    expires = datetime.fromisoformat(data["expires_at"])
    text = catalogue.ugettext("Take it by {day}, {time}; after that it is offered to the next in line.")
    if is_midnight(expires):
        text = catalogue.ugettext("Take it by {day}; after that it is offered to the next in line.")
    return (
        catalogue.ugettext("A seat in a coaching group is offered to you"),
        text.format(day=last_day(expires, language), time=clock(expires, language)),
    )


def account_changed(data: Mapping[str, Any], language: str, catalogue: Translations) -> Said:
    text = catalogue.ugettext(
        "Since {day} another person runs it. If nobody of your shop agreed to that, tell your town at once."
    )
    return (
        catalogue.ugettext("The account of your shop has changed hands"),
        text.format(day=_day(data["claimed_at"], language)),
    )


def claim_disputed(_data: Mapping[str, Any], _language: str, catalogue: Translations) -> Said:
    return (
        catalogue.ugettext("Somebody else claims your shop"),
        catalogue.ugettext(
            "Your account stays as it is until your town has decided. Tell your town why the shop is yours."
        ),
    )


def answer_needed(data: Mapping[str, Any], language: str, catalogue: Translations) -> Said:
    count = int(data["count"])
    title = catalogue.ungettext(
        "{count} review waits for your answer", "{count} reviews wait for your answer", count
    )
    text = catalogue.ugettext("Two sentences are enough: everybody who reads them sees that you listen.")
    return title.format(count=number(count, language)), text


def photo_taken_back(data: Mapping[str, Any], language: str, catalogue: Translations) -> Said:
    day = long_day(date.fromisoformat(data["posted_on"]), language)
    text = catalogue.ugettext(
        "Whoever showed your shop with it on {day} has deleted it here, and their name. If its licence was "
        "for your shop alone, stop using it; under a free licence you may go on, without the name."
    )
    return catalogue.ugettext("A photo that you use was taken back"), text.format(day=day)


def contribution_reported(data: Mapping[str, Any], language: str, catalogue: Translations) -> Said:
    """That somebody did, or what was decided then: never by whom, and nothing to ask its author for."""
    said = catalogue.ugettext
    if data["outcome"] is None:
        title = said("Something that was posted about your shop was reported")
        if data["kind"] == REVIEW:
            title = said("A review of your shop was reported")
        return title, said(
            "It stays public until your town has decided, usually within 48 hours. The rules alone decide; "
            "there is nothing that you need to do, or to ask its author for. You are told what is decided."
        )
    if data["outcome"] == WITHDRAWN:
        title = said("Reported and taken back: something that was posted about your shop")
        if data["kind"] == REVIEW:
            title = said("Reported and taken back: a review of your shop")
        return title, said(TAKEN_BACK)
    title = said("Reported and decided: something that was posted about your shop")
    if data["kind"] == REVIEW:
        title = said("Reported and decided: a review of your shop")
    match data["outcome"] == "removed", data["on_appeal"]:
        case True, False:
            text = said("Your town has decided: it was removed.")
        case True, True:
            text = said("Somebody else has looked at it after an appeal: it is public no more.")
        case False, False:
            text = said("Your town has decided: it stays.")
        case _:
            text = said("Somebody else has looked at it after an appeal: it is public.")
    ground = ground_in_words(data["ground"], language)
    return title, f"{text} {said('The reason: {ground}').format(ground=ground)}" if ground else text


def welcome(data: Mapping[str, Any], language: str, catalogue: Translations) -> Said:
    before = sum(data["totals"].values())
    text = catalogue.ungettext(
        "Before you came, citizens had done something for your shop {count} time already.",
        "Before you came, citizens had done something for your shop {count} times already.",
        before,
    )
    return (
        catalogue.ugettext("Welcome: you have an audience already"),
        text.format(count=number(before, language)),
    )


def _day(written: str, language: str) -> str:
    return long_day(datetime.fromisoformat(written), language)

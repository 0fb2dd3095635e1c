"""Both sides of a dispute are told that it began, and how it was decided."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from babel.support import Translations

from chassis.database import Transaction
from chassis.mail import one_line
from services.directory import mails
from services.directory.claims.domain import Decision, Outcome
from services.directory.mails import Words, Writer
from services.directory.merchants.domain import Merchant
from services.directory.people import storage as people

OPENED, DECIDED = "dispute-opened", "dispute-decided"


async def tell(
    tx: Transaction,
    persons: Collection[UUID],
    merchant: Merchant,
    at: datetime,
    decision: Decision | None = None,
) -> None:
    """Queue a mail to each of them: a dispute over the shop began, or was decided so."""
    called = merchant.details.name or merchant.details.kind.partition("=")[2]
    data: dict[str, Any] = {"shop": called}
    if decision is not None:
        data |= {"outcome": decision.outcome.value, "reason": decision.reason}
    kind = OPENED if decision is None else DECIDED
    for person_id in sorted(persons):
        person = await people.person_by_id(tx, person_id)
        if person is not None and person["email"]:
            to, language = person["email"], person["language"]
            await mails.queue(tx, to=to, language=language, kind=kind, data=data, now=at)


def _opened(data: Mapping[str, Any], catalogue: Translations) -> Words:
    say = catalogue.ugettext
    shop = one_line(data["shop"])
    return Words(
        subject=say("Two people say that {shop} is theirs").format(shop=shop),
        text=(
            say("Hello,"),
            say("{shop} has an owner here, and somebody else has claimed it.").format(shop=shop),
            say("The city decides. Until then the shop stays with its first owner, and you will be told."),
        ),
    )


def _decided(data: Mapping[str, Any], catalogue: Translations) -> Words:
    say = catalogue.ugettext
    shop = one_line(data["shop"])
    outcomes = {
        Outcome.OWNER_STAYS: say("The shop stays with its first owner."),
        Outcome.SHOP_CHANGES_HANDS: say("The shop goes to the person who claimed it."),
    }
    return Words(
        subject=say("Decided: who runs {shop}").format(shop=shop),
        text=(
            say("Hello,"),
            outcomes[Outcome(data["outcome"])],
            say("The city's reason: {reason}").format(reason=one_line(data["reason"])),
        ),
    )


WORDS: Mapping[str, Writer] = {OPENED: _opened, DECIDED: _decided}

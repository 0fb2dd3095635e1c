"""The choice of mails and language over HTTP: a merchant's by its owner, a person's by themselves."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from chassis.access import MAY_PERSON, Access, may
from chassis.database import Transaction
from chassis.http import Body, Db, Now, ShortText, Shown
from chassis.identity import Principal, Role
from chassis.openapi import problems
from chassis.preconditions import IfMatch, etag
from chassis.problems import conflict, invalid, not_found
from services.notifications.delivery.choices import CHANNELS, Choices, Timing
from services.notifications.delivery.preferences import Preference, cancel_waiting, choose, preference_of
from services.notifications.feed.kinds import KINDS, Standing
from services.notifications.merchants.claimed import city_of
from services.notifications.recipients import RecipientKind, to_merchant, to_person

Hour = Annotated[int, Field(ge=0, le=23)]

router = APIRouter(prefix="/api/v1", tags=["preferences"])


class Choosing(Body):
    """When and where what is told. Hours are those of Belgian clocks; what is put off waits, and goes out."""

    timings: dict[ShortText, dict[Literal["mail", "push"], Timing]] = Field(default_factory=dict)
    """By kind and channel; the kind's default holds for the others."""
    digest_day: Annotated[int, Field(ge=1, le=7)] = 1
    """Of weekly digests, Monday is 1."""
    digest_hour: Hour = 8
    quiet_from: Hour | None = 20
    quiet_to: Hour | None = 8
    holidays: bool = False
    """Whether mails go out on public holidays."""
    most_a_day: Annotated[int, Field(ge=1, le=50)] = 3
    unread_for: Annotated[int, Field(ge=0, le=10_080)] = 60
    """Minutes in the feed before a mail goes out at once: who reads it there gets none."""

    def checked(self, whose: RecipientKind) -> Choices:
        """Raises 422 where the fields do not go together, or are no choice of such a recipient."""
        for kind in self.timings:
            if kind not in KINDS or KINDS[kind].recipient is not whose:
                raise invalid("choices.timings", "there is no such kind of news")
            if KINDS[kind].standing is Standing.binding:
                raise invalid("choices.timings", "security and legal news cannot be put off")
        if (self.quiet_from is None) != (self.quiet_to is None) or (
            self.quiet_from is not None and self.quiet_from == self.quiet_to
        ):
            raise invalid("choices.quiet_to", "quiet hours have a beginning and another end, or neither")
        choices = Choices(**self.model_dump())
        if choices.is_quiet(self.digest_hour):
            raise invalid("choices.digest_hour", "this is one of the quiet hours")
        return choices


class Choice(Body):
    """`mail: true` is the agreement to be written to."""

    mail: bool
    language: Literal["fr", "nl", "de", "en"]
    choices: Choosing | None = None
    """Without: these stay as they are."""


class ShownChoices(Shown):
    """As in `Choosing`, with what holds where nothing was chosen."""

    timings: dict[str, dict[str, Timing]]
    """What was chosen alone; `kinds` has what holds."""
    digest_day: int
    digest_hour: int
    quiet_from: int | None
    quiet_to: int | None
    holidays: bool
    most_a_day: int
    unread_for: int


class ShownKind(Shown):
    """What holds for one kind of news, by channel. What is binding goes out at once whatever is chosen."""

    kind: str
    binding: bool
    timings: dict[str, Timing]


class ShownPreference(Shown):
    """`language` is null until somebody chose one here; `merchant_id` where they are a person's."""

    merchant_id: UUID | None
    mail: bool
    agreed_at: datetime | None
    language: str | None
    choices: ShownChoices
    kinds: list[ShownKind]


Owner = Annotated[Access, may(Role.merchant)]


async def _owned(merchant_id: UUID, who: Owner) -> UUID:
    who.within(city_id=None, merchant_id=merchant_id)
    return merchant_id


Owned = Annotated[UUID, Depends(_owned)]
Person = Annotated[Principal, MAY_PERSON]


@router.get("/notifications/preferences/{merchant_id}")
async def preference(merchant: Owned, who: Owner, database: Db, response: Response) -> ShownPreference:
    """What the merchant chose; no mail before somebody did. The ETag is what a change asks for."""
    async with database.scoped(who.cities) as connection:
        return _shown(await preference_of(connection, to_merchant(merchant)), response)


@router.put("/notifications/preferences/{merchant_id}", responses=problems(409))
async def set_preference(
    *, merchant: Owned, choice: Choice, expected: IfMatch, database: Db, now: Now, response: Response
) -> ShownPreference:
    """Agree to mails, or stop them: what waits to be sent is cancelled at once."""
    async with database.transaction() as tx:
        city = await city_of(tx, merchant)
        if city is None:
            raise not_found("merchant")
        before = await preference_of(tx, to_merchant(merchant), lock=True)
        expected.check(before.version)
        after = await _change(tx, before, city, choice, now())
    return _shown(after, response)


@router.get("/people/me/notification-preferences")
async def my_preference(principal: Person, database: Db, response: Response) -> ShownPreference:
    """What the person chose for what they are told themselves; no mail before they did."""
    async with database.connection() as connection:
        return _shown(await preference_of(connection, to_person(principal.person_id)), response)


@router.put("/people/me/notification-preferences", responses=problems(409))
async def set_my_preference(
    *, principal: Person, choice: Choice, expected: IfMatch, database: Db, now: Now, response: Response
) -> ShownPreference:
    """Agree to mails, or stop them, as for a shop."""
    async with database.transaction() as tx:
        before = await preference_of(tx, to_person(principal.person_id), lock=True)
        expected.check(before.version)
        after = await _change(tx, before, None, choice, now())
    return _shown(after, response)


async def _change(
    tx: Transaction, before: Preference, city: UUID | None, choice: Choice, now: datetime
) -> Preference:
    choices = choice.choices.checked(before.recipient.kind) if choice.choices else None
    after = await choose(
        tx, before, city, mail=choice.mail, language=choice.language, now=now, choices=choices
    )
    if after is None:
        raise conflict("try-again", "Somebody chose for the first time at the same moment. Try again.")
    if not after.mail:
        await cancel_waiting(tx, after.recipient)
    return after


def _shown(preference: Preference, response: Response) -> ShownPreference:
    response.headers["ETag"] = etag(preference.version)
    whose = preference.recipient.kind
    return ShownPreference(
        merchant_id=preference.recipient.merchant_id,
        mail=preference.mail,
        agreed_at=preference.agreed_at,
        language=preference.language,
        choices=ShownChoices(**asdict(preference.choices)),
        kinds=[_shown_kind(name, preference.choices) for name in KINDS if KINDS[name].recipient is whose],
    )


def _shown_kind(name: str, choices: Choices) -> ShownKind:
    kind = KINDS[name]
    chosen = choices.timings.get(name, {})
    timings = {each: chosen.get(each) or kind.defaults.get(each, Timing.never) for each in CHANNELS}
    return ShownKind(kind=name, binding=kind.standing is Standing.binding, timings=timings)

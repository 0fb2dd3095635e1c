"""The choice of mails and language over HTTP: a merchant's by its owner, a person's by themselves."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from chassis.access import MAY_PERSON, Access, may
from chassis.database import Transaction
from chassis.http import Body, Db, Now, Shown
from chassis.identity import Principal, Role
from chassis.openapi import problems
from chassis.preconditions import IfMatch, etag
from chassis.problems import conflict, not_found
from services.notifications.delivery.preferences import Preference, cancel_waiting, choose, preference_of
from services.notifications.merchants.claimed import city_of
from services.notifications.recipients import to_merchant, to_person

router = APIRouter(prefix="/api/v1", tags=["preferences"])


class Choice(Body):
    """`mail: true` is the agreement to be written to."""

    mail: bool
    language: Literal["fr", "nl", "de", "en"]


class ShownPreference(Shown):
    """`language` is null until somebody chose one here; `merchant_id` where they are a person's."""

    merchant_id: UUID | None
    mail: bool
    agreed_at: datetime | None
    language: str | None


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
    after = await choose(tx, before, city, mail=choice.mail, language=choice.language, now=now)
    if after is None:
        raise conflict("try-again", "Somebody chose for the first time at the same moment. Try again.")
    if not after.mail:
        await cancel_waiting(tx, after.recipient)
    return after


def _shown(preference: Preference, response: Response) -> ShownPreference:
    response.headers["ETag"] = etag(preference.version)
    return ShownPreference(
        merchant_id=preference.recipient.merchant_id,
        mail=preference.mail,
        agreed_at=preference.agreed_at,
        language=preference.language,
    )

"""A merchant's choice of mails and language, over HTTP."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from chassis.access import Access, may
from chassis.http import Body, Db, Now, Shown
from chassis.identity import Role
from chassis.openapi import problems
from chassis.preconditions import IfMatch, etag
from chassis.problems import conflict, not_found
from services.notifications.delivery.preferences import Preference, cancel_waiting, choose, preference_of
from services.notifications.merchants.claimed import city_of

router = APIRouter(prefix="/api/v1/notifications/preferences", tags=["preferences"])


class Choice(Body):
    """`mail: true` is the merchant's agreement to be written to."""

    mail: bool
    language: Literal["fr", "nl", "de", "en"]


class ShownPreference(Shown):
    """`language` is null until somebody chose one here."""

    merchant_id: UUID
    mail: bool
    agreed_at: datetime | None
    language: str | None


Owner = Annotated[Access, may(Role.merchant)]


async def _owned(merchant_id: UUID, who: Owner) -> UUID:
    who.within(city_id=None, merchant_id=merchant_id)
    return merchant_id


Owned = Annotated[UUID, Depends(_owned)]


@router.get("/{merchant_id}")
async def preference(merchant: Owned, who: Owner, database: Db, response: Response) -> ShownPreference:
    """What the merchant chose; no mail before somebody did. The ETag is what a change asks for."""
    async with database.scoped(who.cities) as connection:
        return _shown(await preference_of(connection, merchant), response)


@router.put("/{merchant_id}", responses=problems(409))
async def set_preference(
    *, merchant: Owned, choice: Choice, expected: IfMatch, database: Db, now: Now, response: Response
) -> ShownPreference:
    """Agree to mails, or stop them: what waits to be sent is cancelled at once."""
    async with database.transaction() as tx:
        city = await city_of(tx, merchant)
        if city is None:
            raise not_found("merchant")
        before = await preference_of(tx, merchant, lock=True)
        expected.check(before.version)
        after = await choose(tx, before, city, mail=choice.mail, language=choice.language, now=now())
        if after is None:
            raise conflict("try-again", "Somebody chose for the first time at the same moment. Try again.")
        if not after.mail:
            await cancel_waiting(tx, merchant)
    return _shown(after, response)


def _shown(preference: Preference, response: Response) -> ShownPreference:
    response.headers["ETag"] = etag(preference.version)
    return ShownPreference(
        merchant_id=preference.merchant_id,
        mail=preference.mail,
        agreed_at=preference.agreed_at,
        language=preference.language,
    )

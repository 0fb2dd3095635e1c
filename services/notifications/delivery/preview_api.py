"""What the last month would have been under choices that somebody thinks about; nothing is kept."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.http import Db, Now, Shown
from services.notifications.delivery.choices import CHANNELS, MAIL
from services.notifications.delivery.preferences import preference_of
from services.notifications.delivery.preferences_api import Choice, Owned, Person
from services.notifications.delivery.preview import LOOKS_BACK, Message, messages_of, told_since
from services.notifications.devices.storage import with_devices
from services.notifications.feed.wording import words_for
from services.notifications.mails.digest import merged
from services.notifications.recipients import Recipient, to_merchant, to_person

router = APIRouter(prefix="/api/v1", tags=["preferences"])


class ShownMessage(Shown):
    """A message that would have gone out; `titles` is what would have been in it, merged as digests merge."""

    at: datetime
    digest: bool
    titles: list[str]


class ShownChannel(Shown):
    """`reached` is false where nothing goes there: no agreement to mails, no browser that asked."""

    channel: str
    reached: bool
    messages: list[ShownMessage]


class ShownPreview(Shown):
    """`told` is how many pieces of news there were; the feed had all of them at once."""

    merchant_id: UUID | None
    since: datetime
    until: datetime
    told: int
    channels: list[ShownChannel]


@router.post("/notifications/preferences/{merchant_id}/preview")
async def preview(*, merchant: Owned, choice: Choice, database: Db, now: Now) -> ShownPreview:
    """The shop's last 30 days by the same rules as delivery. Without `choices`, those that hold."""
    async with database.connection() as connection:
        return await _previewed(connection, to_merchant(merchant), choice, now())


@router.post("/people/me/notification-preferences/preview")
async def my_preview(*, principal: Person, choice: Choice, database: Db, now: Now) -> ShownPreview:
    """The same for what the person is told themselves."""
    async with database.connection() as connection:
        return await _previewed(connection, to_person(principal.person_id), choice, now())


async def _previewed(
    connection: AsyncConnection, recipient: Recipient, choice: Choice, until: datetime
) -> ShownPreview:
    choices = choice.choices.checked(recipient.kind) if choice.choices else None
    choices = choices or (await preference_of(connection, recipient)).choices
    since = until - LOOKS_BACK
    news = await told_since(connection, recipient, since)
    has_browser = recipient in await with_devices(connection, [recipient])
    channels = []
    for channel in CHANNELS:
        agreed = choice.mail if channel == MAIL else has_browser
        # What is binding is mailed to whoever has an account; to no browser where there is none.
        possible = news if channel == MAIL or has_browser else []
        found = messages_of(possible, channel, choices, agreed=agreed, until=until)
        shown = [_shown(each, choice.language) for each in found]
        channels.append(ShownChannel(channel=channel, reached=agreed, messages=shown))
    return ShownPreview(
        merchant_id=recipient.merchant_id, since=since, until=until, told=len(news), channels=channels
    )


def _shown(message: Message, language: str) -> ShownMessage:
    titles = [words_for(each.kind, each.data, language).title for each in merged(message.items())]
    return ShownMessage(at=message.due_at, digest=message.is_digest, titles=titles)

"""What the last month would have been under choices that somebody thinks about; nothing is kept."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter

from chassis.database import Database
from chassis.http import Db, Now, Shown
from services.notifications.delivery.choices import MAIL, PUSH
from services.notifications.delivery.preferences import preference_of
from services.notifications.delivery.preferences_api import Choice, Owned, Person
from services.notifications.delivery.preview import LOOKS_BACK, Message, messages_of, told_since
from services.notifications.devices.storage import with_devices
from services.notifications.feed.wording import words_for
from services.notifications.mails.digest import merged, written
from services.notifications.mails.weeks import weeks_of
from services.notifications.mails.writer import MailWriter
from services.notifications.recipients import Recipient, to_merchant, to_person


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


class ShownSample(Shown):
    """The last of the mails, as those read it who see plain text; it has no way out, nobody's secret."""

    subject: str
    text: str


class ShownPreview(Shown):
    """`told` is how many pieces of news there were; the feed had all of them at once."""

    merchant_id: UUID | None
    since: datetime
    until: datetime
    told: int
    channels: list[ShownChannel]
    sample: ShownSample | None


def router(writer: MailWriter) -> APIRouter:
    """The routes, with what mails are written by."""
    routes = APIRouter(prefix="/api/v1", tags=["preferences"])

    @routes.post("/notifications/preferences/{merchant_id}/preview")
    async def preview(*, merchant: Owned, choice: Choice, database: Db, now: Now) -> ShownPreview:
        """The shop's last 30 days by the same rules as delivery. Without `choices`, those that hold."""
        return await _previewed(database, writer, to_merchant(merchant), choice, now())

    @routes.post("/people/me/notification-preferences/preview")
    async def my_preview(*, principal: Person, choice: Choice, database: Db, now: Now) -> ShownPreview:
        """The same for what the person is told themselves."""
        return await _previewed(database, writer, to_person(principal.person_id), choice, now())

    return routes


async def _previewed(
    database: Database, writer: MailWriter, recipient: Recipient, choice: Choice, until: datetime
) -> ShownPreview:
    choices = choice.choices.checked(recipient.kind) if choice.choices else None
    since = until - LOOKS_BACK
    async with database.connection() as connection:
        choices = choices or (await preference_of(connection, recipient)).choices
        news = await told_since(connection, recipient, since)
        has_browser = recipient in await with_devices(connection, [recipient])
    # What is binding is mailed to whoever has an account; to no browser where there is none.
    mails = messages_of(news, MAIL, choices, agreed=choice.mail, until=until)
    pushed = messages_of(news, PUSH, choices, agreed=True, until=until) if has_browser else []
    by_channel = ((MAIL, choice.mail, mails), (PUSH, has_browser, pushed))
    return ShownPreview(
        merchant_id=recipient.merchant_id,
        since=since,
        until=until,
        told=len(news),
        channels=[
            ShownChannel(
                channel=channel, reached=reached, messages=[_shown(each, choice.language) for each in found]
            )
            for channel, reached, found in by_channel
        ],
        sample=await _sample(database, writer, recipient, mails[-1], choice.language) if mails else None,
    )


async def _sample(
    database: Database, writer: MailWriter, recipient: Recipient, last: Message, language: str
) -> ShownSample:
    shops = {recipient.merchant_id} if recipient.merchant_id and last.is_digest else set()
    weeks = (await weeks_of(database, shops, last.due_at)).get(recipient.id)
    content = written(
        last.news[0].id,
        last.items(),
        recipient.kind,
        language,
        name="",
        token=None,
        now=last.due_at,
        weeks=weeks,
    )
    return ShownSample(subject=content.title, text=writer.text(content))


def _shown(message: Message, language: str) -> ShownMessage:
    titles = [words_for(each.kind, each.data, language).title for each in merged(message.items())]
    return ShownMessage(at=message.due_at, digest=message.is_digest, titles=titles)

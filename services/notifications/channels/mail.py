"""Mail: to the address that the directory knows, through the relay; to nobody whose mailbox is gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.headerregistry import Address
from typing import NamedTuple
from uuid import UUID

from chassis.database import Database
from chassis.smtp import RefusedForGood, SmtpRelay
from services.notifications.channels.channel import Suppressed
from services.notifications.delivery.choices import MAIL
from services.notifications.delivery.contacts import Contact, Contacts
from services.notifications.delivery.domain import ADDRESS_SUPPRESSED
from services.notifications.delivery.queue import Due
from services.notifications.languages import language_or_default
from services.notifications.mails.digest import content_of
from services.notifications.mails.weeks import Weeks, weeks_of
from services.notifications.mails.writer import MailWriter
from services.notifications.suppression.intake import return_path
from services.notifications.suppression.storage import Suppression

MAILBOX_GONE = "mailbox-unavailable"


class Addressed(NamedTuple):
    """To whom a mail goes, and what its digest shows beside the news."""

    contact: Contact
    is_gone: bool
    """No mail goes there any more."""
    weeks: Weeks | None


class MailChannel:
    """Its provider is the relay; with several connections, one mail that hangs holds up no other."""

    name = MAIL
    at_once = 4

    def __init__(
        self,
        database: Database,
        contacts: Contacts,
        writer: MailWriter,
        relay: SmtpRelay,
        suppression: Suppression,
        *,
        bounces: Address | None,
    ) -> None:
        self._database = database
        self._contacts = contacts
        self._writer = writer
        self._relay = relay
        self._suppression = suppression
        self._bounces = bounces

    async def targets(self, due: Sequence[Due], now: datetime) -> Mapping[UUID, Addressed]:
        known = await self._contacts.of([each.recipient for each in due])
        contacts = {each.id: known[each.recipient] for each in due if each.recipient in known}
        addresses = {delivery: contact.email for delivery, contact in contacts.items()}
        gone = await self._suppression.before_sending(addresses, now)
        digests = {each.id: each.recipient.merchant_id for each in due if len(each.items) > 1}
        weeks = await weeks_of(self._database, {shop for shop in digests.values() if shop}, now)
        return {
            delivery: Addressed(contact, delivery in gone, weeks.get(digests.get(delivery) or delivery))
            for delivery, contact in contacts.items()
        }

    async def send(self, due: Due, target: Addressed, now: datetime) -> None:
        contact = target.contact
        if target.is_gone:
            raise Suppressed(ADDRESS_SUPPRESSED)
        language = language_or_default(due.language or contact.language)
        shop = contact.name if due.recipient.merchant_id else ""
        content = content_of(due, language, name=shop, now=now, weeks=target.weeks)
        path = return_path(self._bounces, due.id) if self._bounces else None
        try:
            await self._relay.send(self._writer.compose(content, contact.email), path)
        except RefusedForGood as refused:
            if refused.reason == MAILBOX_GONE:
                await self._suppression.refused(due.id, contact.email, now)
            raise

    async def rest(self) -> None:
        await self._relay.close()

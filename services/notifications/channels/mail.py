"""Mail: to the address that the directory knows, through the relay; to nobody whose mailbox is gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.headerregistry import Address
from uuid import UUID

from chassis.smtp import RefusedForGood, SmtpRelay
from services.notifications.delivery.choices import MAIL
from services.notifications.delivery.contacts import Contact, Contacts
from services.notifications.delivery.queue import Due
from services.notifications.languages import language_or_default
from services.notifications.mails.digest import content_of
from services.notifications.mails.writer import MailWriter
from services.notifications.suppression.intake import return_path
from services.notifications.suppression.storage import Suppression

MAILBOX_GONE = "mailbox-unavailable"
SUPPRESSED = "suppressed"


class MailChannel:
    """Its provider is the relay; with several connections, one mail that hangs holds up no other."""

    name = MAIL
    at_once = 4

    def __init__(
        self,
        contacts: Contacts,
        writer: MailWriter,
        relay: SmtpRelay,
        suppression: Suppression,
        bounces: Address | None,
    ) -> None:
        self._contacts = contacts
        self._writer = writer
        self._relay = relay
        self._suppression = suppression
        self._bounces = bounces
        self._suppressed: set[UUID] = set()

    async def targets(self, due: Sequence[Due], now: datetime) -> Mapping[UUID, Contact]:
        known = await self._contacts.of([each.recipient for each in due])
        found = {each.id: known[each.recipient] for each in due if each.recipient in known}
        addresses = {delivery: contact.email for delivery, contact in found.items()}
        self._suppressed = await self._suppression.before_sending(addresses, now)
        return found

    async def send(self, due: Due, target: Contact, now: datetime) -> None:
        if due.id in self._suppressed:
            raise RefusedForGood(SUPPRESSED)
        language = language_or_default(due.language or target.language)
        content = content_of(due, language, name=target.name, now=now)
        path = return_path(self._bounces, due.id) if self._bounces else None
        try:
            await self._relay.send(self._writer.compose(content, target.email), path)
        except RefusedForGood as refused:
            if refused.reason == MAILBOX_GONE:
                await self._suppression.refused(due.id, target.email, now)
            raise

    async def rest(self) -> None:
        await self._relay.close()

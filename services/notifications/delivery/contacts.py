"""Addresses are the directory's: asked for when a mail is sent, and forgotten afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from chassis import as_service
from chassis.as_service import AsService, object_of
from chassis.smtp import Unreachable
from services.notifications.recipients import Recipient, RecipientKind
from services.notifications.settings import NotificationsSettings

_LOOK_UPS = {
    RecipientKind.merchant: ("/api/v1/people/contacts", "merchant_mail"),
    RecipientKind.person: ("/api/v1/people/addresses", "person_mail"),
}
"""Where the directory gives this service addresses, and for what: it logs that with each look-up."""


class Contact(NamedTuple):
    """Whom to write to: at a shop, or a person."""

    name: str
    """The shop's, or what the person wants to be called; empty where they did not say."""
    email: str
    language: str | None


class Contacts:
    """The directory's contact look-up, as this service."""

    def __init__(self, settings: NotificationsSettings) -> None:
        self._directory = AsService(settings)

    async def of(self, recipients: Sequence[Recipient]) -> Mapping[Recipient, Contact]:
        """The contacts of those recipients who have one. Raises Unreachable."""
        found: dict[Recipient, Contact] = {}
        try:
            for kind, (path, purpose) in _LOOK_UPS.items():
                ids = sorted({str(each.id) for each in recipients if each.kind is kind})
                body = {"purpose": purpose, f"{kind}_ids": ids}
                for item in object_of(await self._directory.post(path, body))["items"] if ids else ():
                    name = item[f"{kind}_name"] or ""
                    contact = Contact(str(name), str(item["email"]), item.get("language"))
                    # A merchant with several owners is written to at its first one's.
                    found.setdefault(Recipient(kind, UUID(item[f"{kind}_id"])), contact)
        except as_service.Unreachable as error:
            raise Unreachable(str(error)) from error
        except (KeyError, TypeError, ValueError) as error:
            raise Unreachable("the directory's contacts cannot be read") from error
        return found

    async def close(self) -> None:
        await self._directory.close()

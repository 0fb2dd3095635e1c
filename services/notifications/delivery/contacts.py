"""Addresses are the directory's: asked for when a mail is sent, and forgotten afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from chassis import as_service
from chassis.as_service import AsService, object_of
from chassis.smtp import Unreachable
from services.notifications.settings import NotificationsSettings

PURPOSE = "merchant_mail"
"""What the directory gives this service addresses for, and logs with each look-up."""


class Contact(NamedTuple):
    """Whom to write to about a merchant."""

    merchant_name: str
    email: str
    language: str | None


class Contacts:
    """The directory's contact look-up, as this service."""

    def __init__(self, settings: NotificationsSettings) -> None:
        self._directory = AsService(settings)

    async def of(self, merchants: Sequence[UUID]) -> Mapping[UUID, Contact]:
        """The contacts of those merchants who have one. Raises Unreachable."""
        body = {"purpose": PURPOSE, "merchant_ids": sorted({str(merchant) for merchant in merchants})}
        try:
            items = object_of(await self._directory.post("/api/v1/people/contacts", body))["items"]
            found: dict[UUID, Contact] = {}
            for item in items:
                contact = Contact(str(item["merchant_name"]), str(item["email"]), item.get("language"))
                # A merchant with several owners is written to at its first one's.
                found.setdefault(UUID(item["merchant_id"]), contact)
            return found
        except as_service.Unreachable as error:
            raise Unreachable(str(error)) from error
        except (KeyError, TypeError, ValueError) as error:
            raise Unreachable("the directory's contacts cannot be read") from error

    async def close(self) -> None:
        await self._directory.close()

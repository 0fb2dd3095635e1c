"""What notifications is told by its environment, beyond what every service knows."""

from email.headerregistry import Address
from typing import Annotated

from pydantic import Field, field_validator

from chassis.as_service import AskingSettings
from chassis.mail import MailSettings, sender_of


class NotificationsSettings(MailSettings, AskingSettings):
    """Settings of this service."""

    service_name: str = "notifications"

    bounce_address: str = ""
    """Whose mail the relay hands to `bounce_host`, `bounce_port`, with every `+extension`. Empty: bounces go
    to the sender's mailbox, and nobody reads them here."""
    bounce_host: str = "127.0.0.1"
    bounce_port: Annotated[int, Field(ge=1, le=65535)] = 8127

    @field_validator("bounce_address")
    @classmethod
    def _is_an_address_or_none(cls, value: str) -> str:
        if value:
            sender_of(value)
        return value

    @property
    def bounces(self) -> Address | None:
        return sender_of(self.bounce_address) if self.bounce_address else None

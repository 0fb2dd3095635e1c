"""What notifications is told by its environment, beyond what every service knows."""

from email.headerregistry import Address
from typing import Annotated

from pydantic import Field, SecretStr, field_validator

from chassis.as_service import AskingSettings
from chassis.mail import MailSettings, sender_of
from services.notifications.devices.webpush import PushKey


class NotificationsSettings(MailSettings, AskingSettings):
    """Settings of this service."""

    service_name: str = "notifications"
    campaigns_url: str = "http://127.0.0.1:8102"
    """Where it is asked who is behind a pseudonym."""

    bounce_address: str = ""
    """Whose mail the relay hands to `bounce_host`, `bounce_port`, with every `+extension`. Empty: bounces go
    to the sender's mailbox, and nobody reads them here."""
    bounce_host: str = "127.0.0.1"
    bounce_port: Annotated[int, Field(ge=1, le=65535)] = 8127

    push_key: SecretStr = SecretStr("")
    """A private key on P-256, PEM, by which push services know this installation. Empty: no push messages."""

    @field_validator("push_key")
    @classmethod
    def _is_a_key_or_none(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value():
            PushKey(value.get_secret_value(), "")
        return value

    @property
    def own_push_key(self) -> PushKey | None:
        pem = self.push_key.get_secret_value()
        return PushKey(pem, self.public_url) if pem else None

    @field_validator("bounce_address")
    @classmethod
    def _is_an_address_or_none(cls, value: str) -> str:
        if value:
            sender_of(value)
        return value

    @property
    def bounces(self) -> Address | None:
        return sender_of(self.bounce_address) if self.bounce_address else None

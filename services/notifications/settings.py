"""What notifications is told by its environment, beyond what every service knows."""

from email.headerregistry import Address

from pydantic import SecretStr, field_validator

from chassis.settings import ServiceSettings


class NotificationsSettings(ServiceSettings):
    """Settings of this service."""

    service_name: str = "notifications"

    smtp_host: str = "127.0.0.1"
    smtp_port: int = 8125
    smtp_from: str = "CoCoCity <notifications@cococity.example>"
    """Sender of all mails: an address, or a name with an address in angle brackets."""

    directory_url: str = "http://127.0.0.1:8101"
    service_secret: SecretStr = SecretStr("")
    """What this service proves to the directory that it is this service with."""

    public_url: str = "http://127.0.0.1:8080"
    """Where people reach the gateway: links in mails begin with it."""

    @field_validator("smtp_from")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        sender_of(value)
        return value

    @field_validator("public_url", "directory_url")
    @classmethod
    def _has_no_slash_at_its_end(cls, value: str) -> str:
        return value.rstrip("/")

    @property
    def sender(self) -> Address:
        return sender_of(self.smtp_from)


def sender_of(value: str) -> Address:
    """The address in `Name <user@host>` or `user@host`. Raises ValueError."""
    name, _, rest = value.rpartition("<")
    try:
        address = Address(display_name=name.strip().strip('"'), addr_spec=rest.rstrip("> "))
    except Exception as error:  # the library raises several kinds, IndexError among them
        raise ValueError(f"not a sender: {value!r}") from error
    if not address.domain:
        raise ValueError(f"not a sender: {value!r}")
    return address

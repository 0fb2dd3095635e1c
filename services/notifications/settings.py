"""What notifications is told by its environment, beyond what every service knows."""

from pydantic import SecretStr, field_validator

from chassis.mail import MailSettings


class NotificationsSettings(MailSettings):
    """Settings of this service."""

    service_name: str = "notifications"

    directory_url: str = "http://127.0.0.1:8101"
    service_secret: SecretStr = SecretStr("")
    """What this service proves to the directory that it is this service with."""

    @field_validator("directory_url")
    @classmethod
    def _has_no_slash_at_its_end(cls, value: str) -> str:
        return value.rstrip("/")

"""What notifications is told by its environment, beyond what every service knows."""

from chassis.as_service import AskingSettings
from chassis.mail import MailSettings


class NotificationsSettings(MailSettings, AskingSettings):
    """Settings of this service."""

    service_name: str = "notifications"

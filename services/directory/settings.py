"""What the directory is told by its environment, beyond what every service knows."""

from pathlib import Path

from chassis.mail import MailSettings


class DirectorySettings(MailSettings):
    """Settings of this service."""

    service_name: str = "directory"
    notifications_url: str = "http://127.0.0.1:8103"
    """Where shops' audiences are asked for, to be printed."""
    signing_key_file: Path | None = None
    """The ES256 private key (PEM) that tokens are signed with."""
    service_secrets_file: Path | None = None
    """JSON object: name of a service → the secret it signs in with. None: no service can."""
    identity_providers_file: Path | None = None
    """Where cities' staff signs in, as `identity_providers/configured.py` describes. None: nowhere."""

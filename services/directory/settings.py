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
    factor_keys_file: Path | None = None
    """Keys that second factors' secrets are sealed with, one a line. None: `factor_keys` beside that one."""
    service_secrets_file: Path | None = None
    """JSON object: name of a service → the secret it signs in with. None: no service can."""
    identity_providers_file: Path | None = None
    """Where cities' staff signs in, as `identity_providers/configured.py` describes. None: nowhere."""

    @property
    def factor_keys(self) -> Path | None:
        """Where these keys are; None where nothing says so."""
        beside = self.signing_key_file.with_name("factor_keys") if self.signing_key_file else None
        return self.factor_keys_file or beside

"""What opens the platforms that merchants may connect."""

from __future__ import annotations

from pydantic import SecretStr, model_validator

from chassis.clock import utc_now
from chassis.database import Database
from chassis.fetching import Outside
from chassis.sealing import Seal
from chassis.settings import ServiceSettings
from services.campaigns.connections import google
from services.campaigns.connections.google import Google
from services.campaigns.connections.pace import counted


class ConnectionSettings(ServiceSettings):
    """Without a client of the platform it is not offered."""

    sealing_keys: SecretStr = SecretStr("")
    """What tokens are sealed with, one key a line (`Fernet.generate_key`); the first seals, all open."""
    google_client_id: str = ""
    google_client_secret: SecretStr = SecretStr("")

    @model_validator(mode="after")
    def _can_seal(self) -> ConnectionSettings:
        if self.google_client_id and not self.google_client_secret.get_secret_value():
            raise ValueError("COCOCITY_GOOGLE_CLIENT_ID needs COCOCITY_GOOGLE_CLIENT_SECRET, too")
        if self.google_client_id and self.seal() is None:
            raise ValueError("COCOCITY_GOOGLE_CLIENT_ID needs COCOCITY_SEALING_KEYS, too")
        return self

    def seal(self) -> Seal | None:
        """None where there are no keys. Raises ValueError for what is none."""
        keys = self.sealing_keys.get_secret_value()
        return Seal.of(keys) if keys.strip() else None

    def connectors(self, outside: Outside, database: Database) -> dict[str, Google]:
        """Those that are offered, by key."""
        if not self.google_client_id:
            return {}
        offered = Google(
            outside,
            client_id=self.google_client_id,
            client_secret=self.google_client_secret.get_secret_value(),
            redirect_uri=f"{self.public_url}/connect/{google.DECLARED.key}",
            count=counted(database, google.DECLARED, utc_now),
        )
        return {offered.declared.key: offered}

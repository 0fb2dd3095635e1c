"""The keys that secrets of webhooks are sealed with."""

from pydantic import SecretStr, model_validator

from chassis.sealing import Seal
from chassis.settings import ServiceSettings


class WebhookSettings(ServiceSettings):
    """Where there are none, cities register no webhooks and none are sent."""

    webhook_keys: SecretStr = SecretStr("")
    """One a line: the first seals, all of them open. Made by `Fernet.generate_key()`."""

    @model_validator(mode="after")
    def _are_keys(self) -> "WebhookSettings":
        if self.webhook_keys.get_secret_value().strip():
            try:
                self.webhook_seal()
            except ValueError as error:
                raise ValueError(
                    "COCOCITY_WEBHOOK_KEYS holds something else than keys, one a line"
                ) from error
        return self

    def webhook_seal(self) -> Seal | None:
        """With these keys; None where there are none."""
        keys = self.webhook_keys.get_secret_value()
        return Seal.of(keys) if keys.strip() else None

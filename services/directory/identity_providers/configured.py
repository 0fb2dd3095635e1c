"""Which identity providers there are: a file of the operator's, because their addresses are called from here.

[{"name": "habay", "city_id": "0198…", "label": "Commune de Habay", "issuer": "https://login.habay.example",
  "client_id": "cococity", "client_secret_file": "/run/secrets/oidc-habay",
  "email_domains": ["habay.example"]}]
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, model_validator

from chassis.http import ShortText

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class IdentityProvider(BaseModel):
    """Where the staff of one city signs in (OpenID Connect Core 1.0)."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,49}$")]
    """Part of addresses, so of the redirect address that is registered at the provider."""
    city_id: UUID
    label: ShortText
    """What people read on the button."""
    issuer: str
    """Exactly as the provider writes it in its tokens."""
    client_id: ShortText
    client_secret_file: Path | None = None
    client_secret_env: str | None = None
    """The secret is in this file, or in this variable. Neither: a public client, by PKCE alone."""
    email_domains: tuple[str, ...] = ()
    """Whose addresses it gives out (`habay.example`): people with one get an account when they first come."""
    name_claim: str = "name"
    email_claim: str = "email"
    """Which claims say what a person is called, and where they are reached."""
    scope: str = "openid profile email"
    token_endpoint_auth_method: Literal["client_secret_basic", "client_secret_post"] = "client_secret_basic"  # noqa: S105

    @model_validator(mode="after")
    def _is_usable(self) -> "IdentityProvider":
        address = urlsplit(self.issuer)
        safe = address.scheme == "https" or (address.scheme == "http" and address.hostname in _LOOPBACK)
        if not safe or not address.hostname or address.query or address.fragment:
            raise ValueError(f"{self.name}: the issuer is not an https address")
        if self.client_secret_file is not None and self.client_secret_env is not None:
            raise ValueError(f"{self.name}: the secret is either in a file or in a variable")
        if "openid" not in self.scope.split():
            raise ValueError(f"{self.name}: without the scope openid nobody is identified")
        return self

    def gives_out(self, email: str) -> bool:
        """Whether the address is one of this provider's own."""
        return email.rpartition("@")[2].lower() in self.email_domains

    def secret(self) -> str | None:
        """Read when it is needed, so that a rotation needs no restart. Raises OSError and KeyError."""
        if self.client_secret_file is not None:
            return self.client_secret_file.read_text(encoding="utf-8").strip()
        return None if self.client_secret_env is None else os.environ[self.client_secret_env]


_PROVIDERS = TypeAdapter(list[IdentityProvider])


def read_providers(path: Path | None) -> Mapping[str, IdentityProvider]:
    """By name, those in the file; none without one.

    Raises ValueError for a file that is not usable: a secret that is missing is seen at the start, too.
    """
    if path is None:
        return {}
    found = _PROVIDERS.validate_json(path.read_bytes())
    by_name = {each.name: each for each in found}
    if len(by_name) != len(found):
        raise ValueError(f"{path}: two providers have the same name")
    for each in found:
        try:
            each.secret()
        except (OSError, KeyError) as missing:
            raise ValueError(f"{path}: the secret of {each.name} cannot be read: {missing}") from missing
    return by_name

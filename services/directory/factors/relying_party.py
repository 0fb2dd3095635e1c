"""As whom passkeys know us, and from which pages they are used (WebAuthn, section 5.1.3)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Self
from urllib.parse import urlsplit


@dataclass(frozen=True)
class RelyingParty:
    """Passkeys belong to its id: they are of no use once the host of the public address is another one."""

    id: str
    origins: tuple[str, ...]

    @classmethod
    def at(cls, public_url: str) -> Self:
        """Of the address at which people reach the gateway.

        An IP address is no id. On this machine pages are also reached as `localhost`, which is one.
        """
        address = urlsplit(public_url)
        host, origin = address.hostname or "", f"{address.scheme}://{address.netloc}"
        try:
            is_loopback = ip_address(host).is_loopback
        except ValueError:
            return cls(host, (origin,))
        if not is_loopback:
            return cls(host, (origin,))
        port = f":{address.port}" if address.port else ""
        return cls("localhost", (origin, f"{address.scheme}://localhost{port}"))

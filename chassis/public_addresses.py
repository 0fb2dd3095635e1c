"""Which addresses of the world outside may be spoken to, where somebody else chose the address.

Whoever can make a service fetch an address of their choice reaches what the service reaches: databases, the
bus, a cloud's metadata (server-side request forgery, CWE-918). So only what is routed in the public
internet is spoken to, judged by the numeric address and never by the name. Registries: IANA, IPv4 and IPv6
Special-Purpose Address Registries (RFC 6890 and its updates).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Judge = Callable[[Address], bool]
"""Whether an address may be spoken to."""

_GLOBAL_UNICAST = IPv6Network("2000::/3")
"""All that IANA has given out to networks; a list of what is inward would miss what is reserved next year."""
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: how hosts without IPv4 reach one
_NEVER: tuple[Network, ...] = (
    # Some versions of Python's `is_global` let these through.
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv6Network("2001::/23"),  # Teredo among it: a tunnel to an IPv4 address, inward ones too
    IPv6Network("2002::/16"),  # 6to4, likewise
    IPv6Network("2001:db8::/32"),
    IPv6Network("3fff::/20"),
)
_ISATAP = re.compile(r"^0[02]005efe")  # RFC 5214: an interface identifier that holds an IPv4 address
_NO_SETTING_OPENS: tuple[Network, ...] = (
    IPv4Network("127.0.0.0/8"),
    IPv6Network("::1/128"),
    IPv4Network("169.254.0.0/16"),  # where clouds hand out a machine's credentials
    IPv6Network("fe80::/10"),
    IPv4Network("0.0.0.0/32"),
    IPv6Network("::/128"),
)
_LABEL = re.compile(r"^(?!-)[a-z0-9_-]{1,63}(?<!-)$")
_NUMERIC = re.compile(r"^([0-9]+|0x[0-9a-f]*)$")


def is_public(address: Address) -> bool:
    """Whether the address, and one that it stands for, is routed in the public internet."""
    if isinstance(address, IPv6Address):
        if (within := _stands_for(address)) is not None:
            return is_public(within)
        if address not in _GLOBAL_UNICAST or _ISATAP.match(f"{int(address) & (2**64 - 1):016x}"):
            return False
    if address.is_multicast or address.is_reserved or address.is_unspecified:
        return False
    return address.is_global and not _in_any(address, _NEVER)


def public_and(networks: Iterable[Network]) -> Judge:
    """Public addresses, and those of the operator's own networks: where its own Mastodon is, say.

    Raises ValueError for a network that this machine itself, or a cloud's metadata, is part of.
    """
    own = tuple(networks)
    for network in own:
        if any(network.version == each.version and network.overlaps(each) for each in _NO_SETTING_OPENS):
            raise ValueError(f"{network} holds addresses of this machine itself; it is never opened")

    def judge(address: Address) -> bool:
        plain = _stands_for(address) if isinstance(address, IPv6Address) else None
        return is_public(address) or _in_any(plain or address, own)

    return judge


def network(text: str) -> Network:
    """`10.20.0.0/16`. Raises ValueError."""
    return ip_network(text.strip())


def host_address(host: str) -> Address | None:
    """The address that a URL's host is, and None for a name. Raises ValueError for anything in between.

    Octal, hexadecimal, decimal and short forms of IPv4 (0177.1, 0x7f000001, 2130706433) are no names,
    and no address on which all software agrees (WHATWG URL standard, "ends in a number checker").
    """
    try:
        address = ip_address(host)
    except ValueError:
        labels = host.removesuffix(".").split(".")
        if _NUMERIC.match(labels[-1]) or not all(map(_LABEL.match, labels)) or len(host) > 253:
            raise ValueError("its host is neither a name nor an address in its usual form") from None
        return None
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        raise ValueError("its host is an address of one network interface")
    return address


def _stands_for(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that the packets go to."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return IPv4Address(int(address) & (2**32 - 1)) if address in _NAT64 else None


def _in_any(address: Address, networks: Iterable[Network]) -> bool:
    return any(address.version == each.version and address in each for each in networks)

"""From which network a request comes."""

from ipaddress import ip_address, ip_network
from typing import Annotated

from fastapi import Depends, Request

_OF_ONE_CUSTOMER = 64
"""Bits of an IPv6 address that a provider gives to one customer: whoever has one address has all of them."""


def network_seen(request: Request) -> str:
    """What `Network` is, for a handler that has no time for another dependency."""
    forwarded = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    return network_of(forwarded or (request.client.host if request.client else ""))


async def _network(request: Request) -> str:
    return network_seen(request)


Network = Annotated[str, Depends(_network)]
"""The network of whoever asks, to be counted by: of the address that the gateway saw.

It replaces the header, so nobody can bring one of their own. The connection's own address would not do:
behind the gateway everybody would be one, and one guesser would lock out a town.
"""


def network_of(seen: str) -> str:
    """An IPv4 address as it is, the network of one customer for IPv6, and `unknown` for anything else."""
    try:
        address = ip_address(seen)
    except ValueError:
        return "unknown"
    return seen if address.version == 4 else str(ip_network((address, _OF_ONE_CUSTOMER), strict=False))

"""How services of ours speak HTTP with each other."""

import ssl
from functools import cache
from typing import Any

import httpx


def neighbour_client(**options: Any) -> httpx.AsyncClient:
    """A client for another service; `options` are httpx's. Whoever asks for it closes it.

    Neighbours are reached directly, whatever proxy this machine has for the world outside.
    """
    return httpx.AsyncClient(verify=_trusted(), trust_env=False, **options)


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities, read once: each reading stops the process for some 30 ms."""
    return httpx.create_ssl_context(trust_env=False)

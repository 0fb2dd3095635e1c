"""What a site lets programs read (RFC 9309), by Protego."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from protego import Protego

from chassis.fetching import Limits, NotFetched, Outside

_LIMITS = Limits(seconds=5.0, size=500 * 1024)  # RFC 9309, section 2.5: at least 500 kibibytes
NAME = "CoCoCity"
"""What rules for us are written under."""


async def may_read(outside: Outside, url: str) -> bool:
    """Whether the site's `robots.txt` lets us read this address.

    No such file (4xx) allows everything, a server in trouble (5xx, or none) nothing (RFC 9309, 2.3.1).
    """
    parts = urlsplit(url)
    try:
        found = await outside.get(f"{parts.scheme}://{parts.netloc}/robots.txt", limits=_LIMITS)
    except NotFetched:
        return False
    if 400 <= found.status < 500:
        return True
    if found.status != 200:
        return False
    return await asyncio.to_thread(_allows, found.body, url)  # a full file of rules takes half a second


def _allows(rules: bytes, url: str) -> bool:
    return bool(Protego.parse(rules.decode("utf-8", "replace")).can_fetch(url, NAME))

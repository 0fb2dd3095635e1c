"""From where a contribution comes, so that one device or network of many people is noticed; for nothing else.

Neither is stored: a hash is, made with a salt that changes every 30 days, and deleted after 30. An address
that is none of the internet (this machine, an inner network) says nothing of who came, and is passed over.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from ipaddress import ip_network
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Database
from chassis.http import Now
from chassis.network import network_seen
from services.campaigns.screening.tables import sighting_salt

KEPT = timedelta(days=30)
_SALT_BYTES = 32
_salts: dict[date, bytes] = {}
"""Of the current days: a salt never changes, so it is read once in each process."""


@dataclass(frozen=True)
class Origin:
    """Hashes of what the request came from; none where it cannot be told."""

    device: bytes | None = None
    """The network with what the browser says of itself: as near as one gets without marking a device."""
    network: bytes | None = None


NOWHERE = Origin()


async def _origin(request: Request, now: Now) -> Origin:
    network = network_seen(request)
    if not _is_of_the_internet(network):
        return NOWHERE
    salt = await _salt_of(request.app.state.service.database, now())
    agent, languages = (request.headers.get(name, "") for name in ("user-agent", "accept-language"))
    device = _hash(salt, "device", network, agent, languages) if agent else None
    return Origin(device, _hash(salt, "network", network))


SeenFrom = Annotated[Origin, Depends(_origin)]


def salted_since(now: datetime) -> date:
    """On which day the salt of `now` began."""
    return date.fromordinal(now.date().toordinal() // KEPT.days * KEPT.days)


def _is_of_the_internet(network: str) -> bool:
    try:
        return ip_network(network).is_global
    except ValueError:
        return False


def _hash(salt: bytes, *parts: str) -> bytes:
    return hmac.digest(salt, "\x00".join(parts).encode("utf-8", "replace"), "sha256")[:16]


async def _salt_of(database: Database, now: datetime) -> bytes:
    """In a transaction of its own: what is remembered here must not be rolled back with a refused review."""
    began_on = salted_since(now)
    if began_on not in _salts:
        mine = {"began_on": began_on, "salt": secrets.token_bytes(_SALT_BYTES)}
        async with database.transaction() as tx:
            await tx.execute(insert(sighting_salt).values(mine).on_conflict_do_nothing())
            made = select(sighting_salt.c.salt).where(sighting_salt.c.began_on == began_on)
            found = await tx.scalar(made)
        assert found is not None
        _salts.clear()
        _salts[began_on] = found
    return _salts[began_on]

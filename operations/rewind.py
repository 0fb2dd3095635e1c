"""Makes a service read its streams again from a time on, after its database was restored from a backup.

What the restored database has already applied, its inbox knows; the rest is applied now.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from contracts.streams import DURABLES
from operations.streams import recreate_durable

if TYPE_CHECKING:
    from nats.js import JetStreamContext

MARGIN = timedelta(minutes=10)
"""Read from a little before the backup: clocks differ, and what is known already does no harm."""


async def rewind(jetstream: JetStreamContext, service: str, since: datetime) -> list[str]:
    """Every durable of `service` delivers again what came after `since` (less MARGIN); returns their names.

    Raises KeyError where the service has no durable. Stop its workers first, start them after.
    """
    durables = [durable for durable in DURABLES.values() if durable.service == service]
    if not durables:
        raise KeyError(f"{service} consumes nothing")
    for durable in durables:
        await recreate_durable(jetstream, durable, since - MARGIN)
    return [durable.name for durable in durables]

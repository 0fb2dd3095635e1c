"""The floor: fetch 500, one COPY of the raw events, acknowledge. No inbox, no figures, no dead letters."""

from __future__ import annotations

import asyncpg
import nats
import uvloop

from bench.contestants import signals
from chassis.settings import ServiceSettings, load
from contracts.streams import inbox_prefix


async def main() -> None:
    """Consume until killed."""
    settings = load(ServiceSettings)
    database = await asyncpg.connect(settings.database_url)
    client = await nats.connect(
        settings.nats_url,
        user=settings.nats_user,
        password=settings.nats_password.get_secret_value(),
        inbox_prefix=inbox_prefix(settings.nats_user).encode(),
    )
    subscription = await client.jetstream().pull_subscribe_bind(
        durable="notifications__audience_blue", stream="CAMPAIGNS"
    )
    await signals.ready()
    while True:
        batch = await subscription.fetch(500, timeout=60)
        records = [(message.data,) for message in batch]
        await database.copy_records_to_table("raw_event", records=records, columns=["body"])
        for message in batch:
            await message.ack()


if __name__ == "__main__":
    uvloop.run(main())

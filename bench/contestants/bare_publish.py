"""The floor of the relay: the same messages in windows of 500 through nats-py, from memory, unmarked."""

from __future__ import annotations

import asyncio
import time

import nats
import uvloop

from bench.contestants import signals
from bench.ground import messages
from chassis.settings import ServiceSettings, load
from contracts.streams import inbox_prefix


async def main() -> None:
    """Publish everything; say how many seconds it took."""
    settings = load(ServiceSettings)
    client = await nats.connect(
        settings.nats_url,
        user=settings.nats_user,
        password=settings.nats_password.get_secret_value(),
        inbox_prefix=inbox_prefix(settings.nats_user).encode(),
    )
    jetstream = client.jetstream(publish_async_max_pending=1000)
    wanted = messages()
    await signals.ready()
    began = time.perf_counter()
    for start in range(0, len(wanted), 500):
        futures = [
            await jetstream.publish_async(each.subject, each.body, headers=each.headers)
            for each in wanted[start : start + 500]
        ]
        await asyncio.gather(*futures)
    signals.done(time.perf_counter() - began)
    await client.close()


if __name__ == "__main__":
    uvloop.run(main())

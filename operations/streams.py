"""Creates and checks what `contracts.streams` declares. Run by the deploy step, with its own NATS user."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nats.js import api
from nats.js.errors import NotFoundError

from contracts.streams import DURABLES, STREAMS, Durable, Stream

if TYPE_CHECKING:
    from nats.js import JetStreamContext


class StreamDiffers(Exception):
    """A stream exists with another configuration than the contracts declare; nothing was altered."""


async def create_streams(jetstream: JetStreamContext, replicas: int = 1) -> list[str]:
    """Create the streams and durables that are missing; returns the names of what was created.

    Raises StreamDiffers where one exists but differs: altering a stream is a decision, not a deploy.
    """
    created = []
    for stream in STREAMS.values():
        wanted = configuration_of(stream, replicas)
        try:
            existing = (await jetstream.stream_info(stream.name)).config
        except NotFoundError:
            await jetstream.add_stream(wanted)
            created.append(stream.name)
        else:
            _check(existing, wanted)
    created += [d.name for d in DURABLES.values() if await create_durable(jetstream, d)]
    return created


async def create_durable(jetstream: JetStreamContext, durable: Durable) -> bool:
    """Create a durable that reads from the stream's start; False where it exists."""
    try:
        await jetstream.consumer_info(durable.stream, durable.name)
    except NotFoundError:
        await jetstream.add_consumer(durable.stream, durable_configuration_of(durable))
        return True
    return False


async def recreate_durable(
    jetstream: JetStreamContext, durable: Durable, since: datetime | None = None
) -> None:
    """Make a durable read its stream again: all of it (a rebuild), or what was stored after `since`."""
    with suppress(NotFoundError):
        await jetstream.delete_consumer(durable.stream, durable.name)
    configuration = durable_configuration_of(durable)
    if since is not None:
        configuration.deliver_policy = api.DeliverPolicy.BY_START_TIME
        configuration.opt_start_time = since.astimezone(UTC)
    await jetstream.add_consumer(durable.stream, configuration)


def configuration_of(stream: Stream, replicas: int = 1) -> api.StreamConfig:
    """JetStream's configuration of a declared stream: keeps everything, refuses new messages when full."""
    return api.StreamConfig(
        name=stream.name,
        subjects=list(stream.subjects),
        retention=api.RetentionPolicy.LIMITS,
        discard=api.DiscardPolicy.NEW,
        storage=api.StorageType.FILE,
        compression=api.StoreCompression.S2,
        max_bytes=stream.max_bytes,
        max_age=stream.max_age.total_seconds() if stream.max_age else 0,
        duplicate_window=stream.dedupe_window.total_seconds(),
        num_replicas=replicas,
        allow_rollup_hdrs=False,
    )


def durable_configuration_of(durable: Durable) -> api.ConsumerConfig:
    """A pull consumer over everything the stream holds; redelivery has no limit (rule 6)."""
    return api.ConsumerConfig(
        durable_name=durable.name,
        deliver_policy=api.DeliverPolicy.ALL,
        ack_policy=api.AckPolicy.EXPLICIT,
        ack_wait=durable.ack_wait.total_seconds(),
        max_deliver=-1,
        max_ack_pending=durable.max_ack_pending,
        filter_subjects=list(durable.filters),
    )


def _check(existing: api.StreamConfig, wanted: api.StreamConfig) -> None:
    for name in (
        "subjects",
        "retention",
        "discard",
        "max_bytes",
        "max_age",
        "duplicate_window",
        "compression",
    ):
        here, declared = getattr(existing, name), getattr(wanted, name)
        if here != declared:
            raise StreamDiffers(f"{wanted.name}.{name} is {here!r}, the contracts declare {declared!r}")

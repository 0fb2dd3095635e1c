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
    """Create the streams and durables that are missing, bring durables up to date; returns what was done.

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
    for durable in DURABLES.values():
        if done := await create_durable(jetstream, durable):
            created.append(done)  # noqa: PERF401 - one after the other, so that the first error is the one told
    return created


async def create_durable(jetstream: JetStreamContext, durable: Durable) -> str | None:
    """Create a durable that reads from the stream's start, or bring one up to its declaration.

    Returns what was done, None for nothing. One that exists goes on from where it stands: what a new filter
    lets through counts from now on, and `cococity rewind` lets it read what is past.
    """
    wanted = durable_configuration_of(durable)
    try:
        existing = (await jetstream.consumer_info(durable.stream, durable.name)).config
    except NotFoundError:
        await jetstream.add_consumer(durable.stream, wanted)
        return durable.name
    if existing.filter_subject:  # the server's way to say a single one
        existing.filter_subjects, existing.filter_subject = [existing.filter_subject], None
    changed = [
        name
        for name in ("filter_subjects", "ack_wait", "max_deliver", "max_ack_pending")
        if _comparable(getattr(existing, name)) != _comparable(getattr(wanted, name))
    ]
    if not changed:
        return None
    for name in changed:
        setattr(existing, name, getattr(wanted, name))
    await jetstream.add_consumer(durable.stream, existing)
    return f"{durable.name} ({', '.join(changed)} changed)"


def _comparable(value: object) -> object:
    return sorted(value) if isinstance(value, list) else value


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

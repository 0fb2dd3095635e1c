"""Streams, subjects, durables, and who may touch them. A deploy step creates what is declared here.

Subjects are `<owner>.<event>.v<n>.<city id>.<bucket>`; the bucket (00–63) keeps their number small: a
million subjects in a stream cost the server 400 MB, two thousand 60 MB.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID
from zlib import crc32

from contracts.envelope import Event, Fact

BUCKETS = 64
OWNERS = ("directory", "assessment", "campaigns", "notifications")
TELL_FIGURES = ("assessment", "notifications")
"""Owners whose events say how a shop does: personal data of a sole trader. They take them out again."""
DEPLOYER = "deploy"
"""The NATS user of the deploy step and of rebuilds; no service has its password."""
REPLAYED_HEADER = "Cococity-Replayed"
"""Set on messages that `replay` and `republish` send: consumers expect old ids there."""


@dataclass(frozen=True)
class Stream:
    """One owner's events: limits retention, compressed, refusing new messages when full."""

    owner: str
    max_bytes: int
    max_age: timedelta | None = None
    dedupe_window: timedelta = timedelta(minutes=2)

    @property
    def name(self) -> str:
        return self.owner.upper()

    @property
    def subjects(self) -> tuple[str, ...]:
        return (f"{self.owner}.>",)


@dataclass(frozen=True)
class Durable:
    """A service's place in a stream. Its name says whose it is and what for."""

    name: str
    stream: str
    filters: tuple[str, ...]
    ack_wait: timedelta = timedelta(seconds=30)
    max_ack_pending: int = 2_000

    @property
    def service(self) -> str:
        return self.name.split("__", 1)[0]


@dataclass(frozen=True)
class NatsUser:
    """What one NATS user may publish and subscribe to; everything else is refused."""

    name: str
    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


GIGABYTE = 1 << 30
STREAMS: dict[str, Stream] = {
    stream.name: stream
    for stream in (
        Stream("directory", max_bytes=2 * GIGABYTE),
        Stream("assessment", max_bytes=2 * GIGABYTE, max_age=timedelta(days=400)),
        Stream("campaigns", max_bytes=8 * GIGABYTE),
        Stream("notifications", max_bytes=8 * GIGABYTE),
    )
}


def durable_for(name: str, types: Sequence[type[Fact]]) -> Durable:
    """The durable of a consumer that reads these facts, in every version. Raises ValueError.

    They are of one owner, because a durable reads one stream.
    """
    filters = tuple(sorted({f"{fact.TYPE.rsplit('.', 1)[0]}.>" for fact in types}))
    owners = {each.split(".", 1)[0] for each in filters}
    if len(owners) != 1:
        raise ValueError(f"{name} would read events of {', '.join(sorted(owners)) or 'nobody'}")
    return Durable(name, owners.pop().upper(), filters)


def _declared() -> Iterator[Durable]:
    """What services read, as they say themselves: written by `make contracts`, compared by a test."""
    filters: dict[str, list[str]] = json.loads(Path(__file__).with_name("durables.json").read_text())
    for name, patterns in filters.items():
        yield Durable(name, patterns[0].split(".", 1)[0].upper(), tuple(patterns))


DURABLES: dict[str, Durable] = {durable.name: durable for durable in _declared()}


def bucket_of(key: UUID) -> str:
    """Two digits, 00–63, the same for a merchant for ever."""
    return f"{crc32(key.bytes) % BUCKETS:02d}"


def subject_of(event: Event[Fact]) -> str:
    """The NATS subject an event is published under."""
    fact = event.fact
    return f"{fact.TYPE}.{fact.city_id}.{bucket_of(fact.key())}"


def inbox_prefix(user: str) -> str:
    """Where replies to a user go; no user may listen to another's."""
    return f"_INBOX_{user}"


def nats_users() -> tuple[NatsUser, ...]:
    """The least each service needs: its own subjects, its own durables, acknowledgements, its replies."""
    return (*(_service_user(owner) for owner in OWNERS), NatsUser(DEPLOYER, (">",), (">",)))


def _service_user(service: str) -> NatsUser:
    own_stream = service.upper()
    publish = [f"{service}.>", "$JS.API.INFO", f"$JS.API.STREAM.INFO.{own_stream}"]
    if service in TELL_FIGURES:
        publish += [f"$JS.API.STREAM.MSG.{act}.{own_stream}" for act in ("GET", "DELETE")]
    for durable in DURABLES.values():
        if durable.service == service:
            place = f"{durable.stream}.{durable.name}"
            publish += [
                f"$JS.API.CONSUMER.INFO.{place}",
                f"$JS.API.CONSUMER.MSG.NEXT.{place}",
                f"$JS.ACK.{place}.>",
            ]
    return NatsUser(service, tuple(publish), (f"{inbox_prefix(service)}.>",))

"""A message as a consumer sees it: decoded by itself, so that one bad body cannot fail its batch."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar
from uuid import UUID

from chassis.dead_letters import DeadLetter
from chassis.telemetry import trace_id_of
from contracts.envelope import Decoder, Fact, NotAnEvent
from contracts.streams import REPLAYED_HEADER

if TYPE_CHECKING:
    from contracts.envelope import Event

F_co = TypeVar("F_co", bound=Fact, covariant=True)


class Message(Protocol):
    """What a consumer needs of a JetStream message (nats.aio.msg.Msg has it)."""

    data: bytes
    subject: str

    @property
    def headers(self) -> dict[str, str] | None: ...
    @property
    def metadata(self) -> Any: ...
    async def ack(self) -> None: ...
    async def nak(self, delay: float | None = None) -> None: ...
    async def term(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Received(Generic[F_co]):
    """One event to be applied."""

    id: UUID
    time: datetime
    """When it happened, at its owner."""
    fact: F_co
    replayed: bool
    """Sent by `replay` or `republish`: old, and possibly applied long ago."""
    traceparent: str | None
    message: Message = field(repr=False, compare=False)

    def order(self) -> tuple[bytes, datetime, bytes]:
        """Key order, the order in which rows are locked; by time within a key."""
        return (self.fact.key().bytes, self.time, self.id.bytes)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message that is no event, and why."""

    message: Message
    error: str


def read(message: Message, decoder: Decoder) -> Received[Fact] | Unreadable | None:
    """The event in `message`, what is wrong with it, or None where its type is of no interest here."""
    try:
        event: Event[Fact] | None = decoder.decode(message.data)
    except NotAnEvent as error:
        return Unreadable(message, f"not an event: {error}")
    if event is None:
        return None
    headers = message.headers or {}
    return Received(
        id=event.id,
        time=event.time,
        fact=event.fact,
        replayed=REPLAYED_HEADER in headers,
        traceparent=headers.get("traceparent"),
        message=message,
    )


def dead_letter_of(consumer: str, message: Message, event_id: UUID | None, error: str) -> DeadLetter:
    """What is kept of a message that is given up."""
    headers = dict(message.headers or {})
    return DeadLetter(
        consumer=consumer,
        subject=message.subject,
        stream_sequence=message.metadata.sequence.stream,
        stored_at=message.metadata.timestamp,
        event_id=event_id,
        headers=headers,
        body=message.data,
        error=error,
        attempts=message.metadata.num_delivered,
        trace_id=trace_id_of(headers.get("traceparent")),
    )

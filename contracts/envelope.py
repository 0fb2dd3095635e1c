"""The envelope every event travels in: CloudEvents 1.0, JSON, structured mode.

Source of the format: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Any, ClassVar, Generic, TypeVar
from uuid import UUID

import msgspec

SPEC_VERSION = "1.0"
CONTENT_TYPE = "application/cloudevents+json"

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A time on the wire: always with its zone."""


EVERYWHERE = UUID(int=0)
"""The city of a fact that belongs to none: a person's account serves in all of them."""


class Fact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """What happened: the `data` of an event, frozen once published.

    A subclass gives the wire type as a literal (owner, event, version) and the field that names its
    aggregate. Fields may be added later, always with a default; none changes its meaning.
    """

    TYPE: ClassVar[str]
    AGGREGATE: ClassVar[str]
    """Name of the field with the id of the aggregate the fact is about (becomes CloudEvents `subject`)."""
    KEY: ClassVar[str]
    """Name of the field that orders and spreads the facts: the merchant where there is one."""

    city_id: UUID

    def aggregate_id(self) -> UUID:
        return getattr(self, self.AGGREGATE)  # type: ignore[no-any-return]

    def key(self) -> UUID:
        return getattr(self, self.KEY)  # type: ignore[no-any-return]


F = TypeVar("F", bound=Fact)
F_co = TypeVar("F_co", bound=Fact, covariant=True)


class NotAnEvent(ValueError):
    """The bytes are not a valid event of a known type. The message says what is wrong with them."""


class Event(msgspec.Struct, Generic[F_co], frozen=True, kw_only=True):
    """A fact with its identity and its time."""

    id: UUID
    time: datetime
    """When it happened, UTC, in whole milliseconds."""
    fact: F_co

    @staticmethod
    def of(fact: F, at: datetime) -> Event[F]:
        """The event of a fact, with an id that is a function of the fact and its time.

        The owner's tables can therefore emit the same event again, years later, under the same id
        (rule 7 of the design). A type that happens to one aggregate more than once has a `version`.
        Raises ValueError where `at` has no zone.
        """
        if at.tzinfo is None:
            raise ValueError("an event's time carries its zone")
        whole = at.replace(microsecond=at.microsecond // 1000 * 1000).astimezone(UTC)
        version = getattr(fact, "version", 1)
        return Event(id=_event_id(whole, fact.TYPE, fact.aggregate_id(), version), time=whole, fact=fact)


def _event_id(at: datetime, wire_type: str, aggregate: UUID, version: int) -> UUID:
    """UUIDv7 (RFC 9562): 48 bits of milliseconds, the rest from a hash instead of chance."""
    digest = int.from_bytes(sha256(f"{wire_type} {aggregate} {version}".encode()).digest()[:10], "big")
    milliseconds = round(at.timestamp() * 1000)
    value = (milliseconds & ((1 << 48) - 1)) << 80 | digest & ((1 << 76) - 1)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


class _Wire(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """The JSON object on the bus. Field names are the CloudEvents attributes."""

    specversion: str
    id: UUID
    source: str
    type: str
    subject: str
    time: Moment
    datacontenttype: str = "application/json"
    dataschema: str
    data: msgspec.Raw


_encoder = msgspec.json.Encoder()
_wire_decoder = msgspec.json.Decoder(_Wire)


def schema_name(wire_type: str) -> str:
    """`dataschema` of a wire type; the file of that name lies in contracts/schemas/."""
    return f"urn:cococity:schema:{wire_type}"


def encode(event: Event[Fact]) -> bytes:
    """The event as it is stored in the outbox and sent over the bus."""
    wire_type = event.fact.TYPE
    return _encoder.encode(
        _Wire(
            specversion=SPEC_VERSION,
            id=event.id,
            source=f"/cococity/{wire_type.split('.', 1)[0]}",
            type=wire_type,
            subject=str(event.fact.aggregate_id()),
            time=event.time,
            dataschema=schema_name(wire_type),
            data=msgspec.Raw(_encoder.encode(event.fact)),
        )
    )


class Decoder:
    """Reads events of the given types from bytes (about 4 µs each: decoders are built once)."""

    def __init__(self, types: Mapping[str, type[Fact]]) -> None:
        self._decoders: dict[str, msgspec.json.Decoder[Any]] = {
            wire_type: msgspec.json.Decoder(model) for wire_type, model in types.items()
        }

    def decode(self, body: bytes) -> Event[Fact] | None:
        """The event in `body`, or None where its type is none of those this decoder was built for.

        Raises NotAnEvent where the bytes are no CloudEvent, or the data does not fit its type.
        """
        try:
            wire = _wire_decoder.decode(body)
            decoder = self._decoders.get(wire.type)
            if decoder is None:
                return None
            fact: Fact = decoder.decode(wire.data)
            time = wire.time.astimezone(UTC)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OverflowError) as error:
            raise NotAnEvent(str(error)) from error
        if wire.specversion != SPEC_VERSION:
            raise NotAnEvent(f"specversion is {wire.specversion!r}, not {SPEC_VERSION!r}")
        if wire.id.version != 7:
            raise NotAnEvent("id is not a UUIDv7")
        return Event(id=wire.id, time=time, fact=fact)

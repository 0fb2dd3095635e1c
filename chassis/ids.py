"""Ids are UUIDv7 (RFC 9562, section 5.7): 48 bits of milliseconds, then chance, or a hash instead of it.

New rows therefore land at the end of their index, and tables can be partitioned by the id itself.
"""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from uuid_utils.compat import uuid7

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_VERSION_MASK, _VERSION = 0xF << 76, 0x7 << 76
_VARIANT_MASK, _VARIANT = 0x3 << 62, 0x2 << 62
_TIME_BITS = 48


def new_id() -> UUID:
    """An id of now; ids of one process rise."""
    return uuid7()


def deterministic_id(at: datetime, *parts: str | UUID | int) -> UUID:
    """The same id for the same time (in milliseconds) and parts, for ever and on every machine.

    The 74 bits that are chance elsewhere are SHA-256 of the parts. Each part is written with its length,
    so that ("ab", "c") and ("a", "bc") differ. Raises ValueError where `at` has no zone or is before 1970.
    """
    digest = sha256()
    for part in parts:
        text = str(part).encode()
        digest.update(len(text).to_bytes(8, "big") + text)
    return _compose(_milliseconds(at), int.from_bytes(digest.digest()[:10], "big"))


def lowest_at(at: datetime) -> UUID:
    """The smallest UUIDv7 of that millisecond: the bound of a partition or of a range of time."""
    return _compose(_milliseconds(at), 0)


def time_of(identifier: UUID) -> datetime:
    """When a UUIDv7 was made, UTC, in milliseconds. Raises ValueError for other kinds of UUID."""
    if not is_uuid7(identifier):
        raise ValueError(f"{identifier} is not a UUIDv7")
    return _EPOCH + (identifier.int >> 80) * _MILLISECOND


def is_uuid7(identifier: UUID) -> bool:
    """Whether version and variant bits say UUIDv7."""
    return identifier.int & _VERSION_MASK == _VERSION and identifier.int & _VARIANT_MASK == _VARIANT


def _milliseconds(at: datetime) -> int:
    if at.tzinfo is None:
        raise ValueError("a time carries its zone")
    # Whole-number arithmetic: at.timestamp() is a float and rounds some milliseconds to their neighbour.
    milliseconds = (at - _EPOCH) // _MILLISECOND
    if not 0 <= milliseconds < 1 << _TIME_BITS:
        raise ValueError(f"{at} is outside of what a UUIDv7 can hold")
    return milliseconds


def _compose(milliseconds: int, rest: int) -> UUID:
    value = milliseconds << 80 | rest & ((1 << 76) - 1)
    value = value & ~_VERSION_MASK | _VERSION
    value = value & ~_VARIANT_MASK | _VARIANT
    return UUID(int=value)

"""The pledge of ambassadors: its versions, read and checked when the service starts."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import msgspec.yaml
from msgspec import Struct

from services.campaigns.policy.domain import Words

FILE = Path(__file__).with_name("pledge.yaml")


class BadPledge(ValueError):
    """Says what is wrong with the file."""


class Pledge(Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody promises, in one wording."""

    version: int
    since: date
    text: Words


@cache
def pledges() -> tuple[Pledge, ...]:
    """All versions, the newest last. Raises BadPledge."""
    return read(FILE.read_bytes())


def newest() -> Pledge:
    """The one that whoever joins accepts."""
    return pledges()[-1]


def read(body: bytes) -> tuple[Pledge, ...]:
    """Raises BadPledge where a field or a language is missing, or versions do not follow each other."""
    try:
        found = msgspec.yaml.decode(body, type=tuple[Pledge, ...])
    except msgspec.DecodeError as error:
        raise BadPledge(str(error)) from error
    if not found or [each.version for each in found] != list(range(1, len(found) + 1)):
        raise BadPledge("versions count from 1, each once, in their order")
    for each in found:
        if not all(map(str.strip, msgspec.structs.astuple(each.text))):
            raise BadPledge(f"version {each.version} lacks its words in a language")
    return found

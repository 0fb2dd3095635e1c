"""Why something is looked at, stays or goes: names in the database, words in `reasons.yaml`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

import msgspec.yaml

from chassis.http import Shown
from services.campaigns.policy.domain import Words

_FILE = Path(__file__).with_name("reasons.yaml")


class Use(StrEnum):
    HELD = "held"
    REPORT = "report"
    DECISION = "decision"


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    key: str
    use: Use
    text: Words


class ReasonShown(Shown):
    """A reason by its name, and in words."""

    key: str
    text: str


@cache
def reasons() -> Mapping[str, Reason]:
    """All, by their keys. Raises msgspec.ValidationError where one lacks its words in a language."""
    return {each.key: each for each in msgspec.yaml.decode(_FILE.read_bytes(), type=tuple[Reason, ...])}


@cache
def grounds() -> tuple[str, ...]:
    """For what somebody may report, and an officer remove; in the order in which they are offered."""
    return tuple(key for key, each in reasons().items() if each.use is Use.REPORT)


def in_words(keys: Iterable[str], language: str) -> list[dict[str, str]]:
    """The members of `ReasonShown`, each."""
    return [{"key": key, "text": reasons()[key].text.into(language)} for key in keys]

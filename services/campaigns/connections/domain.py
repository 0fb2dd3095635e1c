"""Accounts on other platforms that merchants connect by the platform's official interface. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class State(StrEnum):
    CHOOSING = "choosing"
    """The account manages several places, or none: which of them is the shop is still to be said."""
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    """The platform ended it; what opened the account is gone. `reason` says why."""
    LEAVING = "leaving"
    """Taken back here: what opened the account is given back to the platform, then all is deleted."""


@dataclass(frozen=True)
class Declared:
    """What a connector may do, as its file says; docs/elsewhere.md shows it."""

    key: str
    name: str
    platform: str
    """Of `platforms.yaml`."""
    scope: str
    """What it asks the merchant for."""
    per_minute: int
    """Requests of all of our processes together; less than the platform's limit."""
    reads: tuple[str, ...]
    keeps: tuple[str, ...]
    terms: str
    """Where the rules are."""


@dataclass(frozen=True)
class Location:
    """A place that the account manages."""

    name: str
    """As the platform's interface calls it."""
    title: str
    link: str = ""
    """Its page there, for everybody."""


@dataclass(frozen=True)
class Grant:
    """What a merchant's leave gave: the one token that is kept, and one for the next minutes."""

    refresh_token: str = field(repr=False)  # so that no log shows it with what went wrong
    access_token: str = field(repr=False)


@dataclass(frozen=True)
class Figures:
    """What is read of a place, again and again."""

    reviews: int
    mean: float | None
    """On a scale of 5; none without reviews."""


class GrantEnded(Exception):
    """The platform does not accept the merchant's leave any more; the text says why, to the merchant."""

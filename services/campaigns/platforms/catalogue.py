"""The platforms on which shops are talked of, as data: read and checked when they are first asked for."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec.yaml

from services.campaigns.elsewhere.domain import Measure, PostKind

FILE = Path(__file__).with_name("platforms.yaml")
WEBSITE = "website"
"""The platform of all hosts that are of no other."""


class Button(StrEnum):
    """What a shop's profile there is shown with."""

    REVIEW = "review"
    """The platform's own page for writing a review, where the profile names what it takes."""
    PROFILE = "profile"
    """The profile, and no request."""


class Rewrite(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an address of `host` is instead, whose path matches as a whole; with the groups of the path."""

    host: str
    path: str
    to: str


class Write(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the page for writing a review is reached from an argument of the profile's address."""

    argument: str
    to: str
    pages: tuple[str, ...] = ()
    """Addresses that are such a page themselves."""


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the rule comes from by which it may be asked for something, or not."""

    title: str
    address: str | None


class Platform(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A platform; see the file."""

    key: str
    name: str
    hosts: dict[str, tuple[str, ...]]
    keeps: tuple[str, ...] | None
    """None: all arguments but those known to follow people."""
    posts: tuple[PostKind, ...]
    measures: tuple[Measure, ...]
    button: Button
    asking: bool
    """Whether shops may ask for something there: the same as the policy check says."""
    source: Source
    scale: Literal[5, 10] | None = None
    """The best mean there is."""
    write: Write | None = None
    rewrites: tuple[Rewrite, ...] = ()


class BadPlatforms(ValueError):
    """Says what is wrong with the file."""


@cache
def platforms() -> dict[str, Platform]:
    """All by their keys, in the order of the file. Raises BadPlatforms."""
    return read(FILE.read_bytes())


@cache
def canonical_hosts() -> dict[str, tuple[str, Platform]]:
    """Each known host with the one that stands for it, and whose it is."""
    return {
        host: (canonical, platform)
        for platform in platforms().values()
        for canonical, others in platform.hosts.items()
        for host in (canonical, *others)
    }


def read(body: bytes) -> dict[str, Platform]:
    """Raises BadPlatforms where a field is missing or misspelt, or a key or a host comes twice."""
    try:
        found = msgspec.yaml.decode(body, type=tuple[Platform, ...])
        for rewrite in (each for platform in found for each in platform.rewrites):
            re.compile(rewrite.path)
        for page in (page for each in found if each.write for page in each.write.pages):
            re.compile(page)
    except (msgspec.DecodeError, re.error) as error:
        raise BadPlatforms(str(error)) from error
    keys = [platform.key for platform in found]
    hosts = [h for platform in found for one, others in platform.hosts.items() for h in (one, *others)]
    for what, names in (("key", keys), ("host", hosts)):
        if len(set(names)) < len(names):
            raise BadPlatforms(f"a {what} comes twice")
    for platform in found:
        if (Measure.MEAN in platform.measures) != (platform.scale is not None):
            raise BadPlatforms(f"{platform.key}: a mean has a scale, and nothing else has one")
        if platform.button is Button.REVIEW and not (platform.asking and platform.write):
            raise BadPlatforms(
                f"{platform.key}: a button that asks for a review needs the leave to, and a page"
            )
    return {platform.key: platform for platform in found}

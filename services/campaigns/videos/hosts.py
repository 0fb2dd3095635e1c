"""Where a video lies, told from its address alone: nothing is fetched."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import msgspec.yaml

FILE = Path(__file__).with_name("hosts.yaml")
LONGEST = 500


class Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way to write an address of a platform."""

    hosts: tuple[str, ...]
    path: str
    parameter: str | None = None


class Host(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A platform; see the file."""

    platform: str
    canonical: str
    id: str
    forms: tuple[Form, ...]


@dataclass(frozen=True)
class Place:
    """A video, wherever it was linked from."""

    platform: str
    url: str
    """The one address of this video."""


@cache
def hosts() -> tuple[Host, ...]:
    """All known platforms, in the order of the file."""
    return msgspec.yaml.decode(FILE.read_bytes(), type=tuple[Host, ...])


def place_of(link: str) -> Place:
    """The video that a link leads to. Raises ValueError, which says to the author what is wrong."""
    try:
        parts = urlsplit(link.strip())
        port = parts.port
    except ValueError:
        raise ValueError("is no address") from None
    if len(link) > LONGEST or parts.scheme != "https" or port not in (None, 443) or "@" in parts.netloc:
        raise ValueError("is not an address that begins with https://")
    for host in hosts():
        for form in host.forms:
            found = _id(form, parts.path, parts.query) if parts.hostname in form.hosts else None
            if found is not None and re.fullmatch(host.id, found, re.ASCII):
                return Place(host.platform, host.canonical.format(id=found))
    known = ", ".join(host.platform for host in hosts())
    raise ValueError(f"leads to no single video on {known}: open the video there, and copy its address")


def _id(form: Form, path: str, query: str) -> str | None:
    matched = re.fullmatch(form.path, path.rstrip("/") or "/", re.ASCII)
    if matched is None:
        return None
    if form.parameter is None:
        return matched.group(1)
    return parse_qs(query).get(form.parameter, [None])[0]

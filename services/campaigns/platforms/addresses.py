"""The one address of what lies elsewhere, told from any way to write it: nothing is fetched.

Two are of the same post where they come out the same here; decision 0035 says what that leaves out.
Addresses are read as browsers read them (WHATWG URL), so that none means one thing here and another there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlencode

from pydantic_core import Url

from services.campaigns.platforms.catalogue import WEBSITE, Platform, canonical_hosts, platforms
from services.campaigns.videos.hosts import place_of

LONGEST = 1_000
"""Characters of an address as it is kept, in ASCII: an index takes no more than some 2,700 bytes."""
TOO_LONG = f"is longer than {LONGEST} characters, written with its escapes"
_FOLLOWS = re.compile(
    r"(utm|hsa|pk|mtm)_.*|mc_[ce]id|_ga|_gl|_hs.*|(fb|g|d|y|ms|tt|tw)clid|(gb|wb)raid|li_fat_id|igsh(id)?|mibextid",
    re.IGNORECASE,
)
"""Arguments that say who passed an address on, not what it shows."""
_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
# RFC 6761 and 6762, and names that networks use within: nobody outside reaches them.
_WITHIN = frozenset(
    {
        *(
            "localhost",
            "local",
            "localdomain",
            "internal",
            "intranet",
            "private",
            "corp",
            "home",
            "lan",
            "arpa",
        ),
        *("test", "example", "invalid", "onion"),
    }
)


@dataclass(frozen=True)
class Address:
    """Where something lies."""

    platform: str
    url: str


def address_of(link: str, *, any_host: bool = False) -> Address:
    """The canonical address that a link means; with `any_host`, on any public site too, as `website`.

    Raises ValueError, which says to whoever gave it what is wrong.
    """
    parts = _parsed(link)
    host = (parts.host or "").removesuffix(".")
    known = canonical_hosts().get(host)
    if known is None:
        if not any_host:
            names = ", ".join(each.name for each in platforms().values() if each.hosts)
            raise ValueError(f"is on none of the platforms known here: {names}")
        if parts.scheme != "https":
            raise ValueError("is not an address that begins with https://")
        _must_be_public(host)
        known = host, platforms()[WEBSITE]
    canonical, platform = known
    found = _as_video(host, parts) or _canonical(canonical, parts, platform)
    if len(found.url) > LONGEST:  # a letter of another script is nine characters of escapes
        raise ValueError(TOO_LONG)
    return found


def points_somewhere(address: Address) -> bool:
    """Whether it is more than the front page of its site."""
    return address.url.split("/", 3)[3] != ""


def shown(url: str) -> str:
    """As people read it: without the scheme, no longer than a line, host names as they are registered."""
    return url.removeprefix("https://").removesuffix("/")


def _parsed(link: str) -> Url:
    text = link.strip()
    if len(text) > LONGEST or not text.isprintable() or re.search(r"[\s\\]", text):
        raise ValueError("is no address")
    try:
        parts = Url(text)
    except ValueError:
        raise ValueError("is no address") from None
    if parts.scheme not in ("https", "http"):
        raise ValueError("is not an address that begins with https://")
    if parts.username is not None or parts.password is not None:
        raise ValueError("names a user or a password")
    if parts.port != (443 if parts.scheme == "https" else 80):
        raise ValueError("names a port")
    return parts


def _must_be_public(host: str) -> None:
    """A host name below a public ending. No address by number: shops do not have any, networks within do."""
    names = host.split(".")
    if len(host) > 253 or len(names) < 2 or not all(_NAME.fullmatch(name) for name in names):
        raise ValueError("is not on a public site")
    if names[-1] in _WITHIN or not re.fullmatch(r"[a-z]{2,63}|xn--[a-z0-9-]{2,59}", names[-1]):
        raise ValueError("is not on a public site")


def _as_video(host: str, parts: Url) -> Address | None:
    """Videos have one address for all ways to show them (`videos/hosts.yaml`)."""
    query = f"?{parts.query}" if parts.query else ""
    try:
        video = place_of(f"https://{host}{parts.path or '/'}{query}")
    except ValueError:
        return None
    return Address(video.platform, video.url)


def _canonical(host: str, parts: Url, platform: Platform) -> Address:
    path = _clean_path(parts.path or "/")
    url = f"https://{host}{path}"
    for rewrite in platform.rewrites:
        if rewrite.host == host and (matched := re.fullmatch(rewrite.path, path)):
            url = matched.expand(rewrite.to)
            break
    query = urlencode(sorted(_kept(parts.query or "", platform)))
    return Address(platform.key, f"{url}?{query}" if query else url)


def _clean_path(path: str) -> str:
    """One way to write each character, no empty names, no slash at the end."""
    names = [name for name in path.split("/") if name]
    return "/" + "/".join(re.sub(r"%[0-9A-Fa-f]{2}", _one_way, name) for name in names)


def _one_way(escape: re.Match[str]) -> str:
    """Letters that need no escape have none (RFC 3986, 6.2.2)."""
    character = unquote(escape[0])
    return character if re.fullmatch(r"[A-Za-z0-9._~-]", character) else escape[0].upper()


def _kept(query: str, platform: Platform) -> list[tuple[str, str]]:
    pairs = parse_qsl(query)
    if platform.keeps is None:
        return [(name, value) for name, value in pairs if not _FOLLOWS.fullmatch(name)]
    return [(name, value) for name, value in pairs if name in platform.keeps]

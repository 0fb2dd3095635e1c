"""Feeds of sites: RSS 2.0 and 1.0, Atom, JSON Feed.

https://www.rssboard.org/rss-specification, https://web.resource.org/rss/1.0/spec, RFC 4287 and
https://www.jsonfeed.org/version/1.1/. XML is read by lxml without entities, without the network, and up to
a size: feedparser takes ten seconds of a core for half a megabyte made for that.

Kept: address, day and title of an entry, which a feed is published for. A site's `robots.txt` is respected.
"""

from __future__ import annotations

from datetime import datetime
from email.utils import parsedate_to_datetime
from itertools import chain, islice
from typing import Any
from urllib.parse import urljoin
from xml.sax.saxutils import escape, quoteattr

import msgspec
from lxml import etree

from services.campaigns.elsewhere.domain import PostKind
from services.campaigns.watch.domain import Finding, Look, Trouble
from services.campaigns.watch.pages import links_and_text

JSON_TYPES = ("application/feed+json", "application/json")
TYPES = (
    "application/rss+xml", "application/atom+xml", "application/xml", "text/xml", "application/rdf+xml",
    *JSON_TYPES, "text/plain", "text/html", "application/octet-stream",
)  # fmt: skip
"""What feeds are served as; a page that is none is found out by reading it."""
MOST_BYTES = 1_000_000
MOST = 200
_LONGEST = 20_000
"""Characters of an entry's text that are read: those of a long article."""
_TIMES = ("pubDate", "published", "updated", "date")
_WORDS = ("description", "summary", "encoded", "content")
_TEXTS = ("title", *_WORDS, *_TIMES)


class _JsonItem(msgspec.Struct):
    url: str = ""
    title: str = ""
    content_html: str = ""
    content_text: str = ""
    date_published: datetime | None = None
    tags: list[str] = []


class _JsonFeed(msgspec.Struct):
    version: str
    items: list[msgspec.Raw]


class _Entry(msgspec.Struct):
    url: str
    title: str
    html: str
    tags: list[str]
    posted_at: datetime | None


def read(body: bytes, media_type: str, address: str, tag: str = "") -> Look:
    """What the feed shows; with a tag, what carries it as a category or has the word. Raises Trouble.

    What is missing was not deleted therefore: feeds hold the newest, and old ones that stay on top.
    """
    is_json = media_type in JSON_TYPES or body.lstrip()[:1] == b"{"
    entries = _json(body) if is_json else _xml(body, address)
    return Look(tuple(found for each in entries if (found := _finding(each, tag)) is not None))


def _finding(entry: _Entry, tag: str) -> Finding | None:
    if not entry.url.startswith(("https://", "http://")):
        return None
    links, text = links_and_text(entry.html, entry.url)
    if tag and not _carries(tag.casefold(), entry, text):
        return None
    _, title = links_and_text(entry.title)
    return Finding(entry.url, PostKind.POST, entry.posted_at, links=links, excerpt=title)


def _carries(tag: str, entry: _Entry, text: str) -> bool:
    if tag in (each.casefold().removeprefix("#") for each in entry.tags):
        return True
    words = "".join(c if c.isalnum() or c == "_" else " " for c in f"{entry.title} {text}".casefold())
    return tag in words.split()


def _json(body: bytes) -> list[_Entry]:
    try:
        feed = msgspec.json.decode(body, type=_JsonFeed)
    except msgspec.DecodeError:
        raise Trouble("it is no feed") from None
    if not feed.version.startswith("https://jsonfeed.org/version/"):
        raise Trouble("it is no feed")
    entries = []
    for raw in feed.items[:MOST]:
        try:
            item = msgspec.json.decode(raw, type=_JsonItem)
        except msgspec.DecodeError:
            continue
        html = (item.content_html or item.content_text)[:_LONGEST]
        at = item.date_published if item.date_published and item.date_published.tzinfo else None
        entries.append(_Entry(item.url, item.title, html, item.tags, at))
    return entries


def _xml(body: bytes, address: str) -> list[_Entry]:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.LxmlError, ValueError):
        raise Trouble("it is no feed") from None
    if root is None or etree.QName(root).localname.lower() not in ("rss", "rdf", "feed"):
        raise Trouble("it is no feed")
    # Where the forms have them, and no deeper: entries within entries would be read once for each.
    channels = root.iterchildren("{*}channel")
    inside = (each.iterchildren("{*}item") for each in channels)
    entries = chain(root.iterchildren("{*}item", "{*}entry"), chain.from_iterable(inside))
    return [_entry(each, address) for each in islice(entries, MOST)]


def _entry(element: Any, address: str) -> _Entry:
    texts: dict[str, str] = {}
    for child in element.iterchildren("{*}*"):
        name = etree.QName(child).localname
        if name in _TEXTS and name not in texts:
            texts[name] = _content(child)
    links = [
        each.get("href") or (each.text or "").strip()
        for each in element.iterchildren("{*}link")
        if each.get("rel", "alternate") == "alternate"
    ]
    categories = [each.get("term") or each.text or "" for each in element.iterchildren("{*}category")]
    said = (texts.get(name, "") for name in _WORDS)
    return _Entry(
        url=_whole(address, links[0]) if links else "",
        title=texts.get("title", ""),
        html=" ".join(said),
        tags=[each.strip() for each in categories],
        posted_at=_time(next((texts[name] for name in _TIMES if texts.get(name)), None)),
    )


def _content(element: Any) -> str:
    """Its text; where it holds elements (Atom's XHTML), their addresses and words as HTML.

    Not by `etree.tostring`: it takes minutes where the document declares thousands of namespaces.
    """
    if not len(element):
        return (element.text or "").strip()[:_LONGEST]
    links = (address for each in element.iter("*") if (address := each.get("href") or each.get("src")))
    anchors = "".join(f"<a href={quoteattr(link)}></a>" for link in links)
    return f"{anchors} {escape(' '.join(element.itertext()))}"[:_LONGEST]


def _whole(base: str, link: str) -> str:
    try:
        return urljoin(base, link)
    except ValueError:
        return ""


def _time(said: str | None) -> datetime | None:
    """A time as RSS (RFC 822) or Atom (RFC 3339) writes it; none without a zone."""
    if not said:
        return None
    for read_time in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            at = read_time(said)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
        return at if at.tzinfo is not None else None
    return None

"""Mastodon and its like: public posts with a tag, as one server knows them.

Interface: GET /api/v1/timelines/tag/:hashtag?limit=40 (https://docs.joinmastodon.org/methods/timelines/#tag);
the form of a post: https://docs.joinmastodon.org/entities/Status/. Servers may close it to those without an
account (401, or 422 on older ones): then it is not read. Limit: 300 requests in 5 minutes
(https://docs.joinmastodon.org/api/rate-limits/); one an hour for each tag here.

Kept: address, day, and whether there is a picture: the words are their author's. Left out: what is not
public, and whoever asked search engines not to list them (`noindex`).
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote, urlsplit

import msgspec

from services.campaigns.elsewhere.domain import PostKind
from services.campaigns.watch.domain import Finding, Look, Trouble
from services.campaigns.watch.pages import links_and_text

MOST = 40
"""The most that a server gives at once."""
MOST_BYTES = 2_000_000


class _Account(msgspec.Struct):
    noindex: bool | None = None


class _Media(msgspec.Struct):
    type: str = ""


class _Card(msgspec.Struct):
    url: str = ""


class _Status(msgspec.Struct):
    created_at: datetime
    visibility: str
    url: str | None
    account: _Account
    content: str = ""
    media_attachments: list[_Media] = []
    card: _Card | None = None


def address(server: str, tag: str) -> str:
    """Where the newest posts with a tag are."""
    return f"{server}/api/v1/timelines/tag/{quote(tag, safe='')}?limit={MOST}"


def read(body: bytes) -> Look:
    """What the answer says. One post that is not as described is left out. Raises Trouble."""
    try:
        listed = msgspec.json.decode(body, type=list[msgspec.Raw])
    except msgspec.DecodeError:
        raise Trouble("it does not answer with posts, as Mastodon does") from None
    posts = [status for raw in listed if (status := _status(raw)) is not None]
    findings = tuple(found for each in posts if (found := _finding(each)) is not None)
    times = [each.created_at for each in posts if each.created_at.tzinfo is not None]
    # What is older than the oldest of these may lie on a page that was not asked for.
    return Look(findings, whole_since=min(times, default=None))


def _status(raw: msgspec.Raw) -> _Status | None:
    try:
        return msgspec.json.decode(raw, type=_Status)
    except msgspec.DecodeError:
        return None


def _finding(status: _Status) -> Finding | None:
    if status.visibility != "public" or status.account.noindex or not status.url:
        return None
    if urlsplit(status.url).scheme != "https" or status.created_at.tzinfo is None:
        return None
    links, _ = links_and_text(status.content, status.url)
    card = (status.card.url,) if status.card and status.card.url else ()
    return Finding(status.url, _kind(status), status.created_at, links=links + card)


def _kind(status: _Status) -> PostKind:
    types = {media.type for media in status.media_attachments}
    if types & {"video", "gifv"}:
        return PostKind.VIDEO
    return PostKind.PHOTO if "image" in types else PostKind.POST

"""Looks whether a page that says so mentions a shop (W3C Webmention, 3.2.2: asynchronously, with limits).

https://www.w3.org/TR/webmention/#webmention-verification. The source decides nothing but its own address:
that is kept once the page was seen to link to the shop. A page that is gone (404, 410) or links no more is
shown no more; pages that are shown are looked at again every week.
"""

from __future__ import annotations

import asyncio
import random
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select, update

from chassis.clock import Clock
from chassis.database import Database, Transaction
from chassis.fetching import AddressRefused, AnswerRefused, Fetched, Limits, NotFetched, Outside, Unreachable
from services.campaigns.elsewhere.domain import FoundPost, PostKind, Source
from services.campaigns.elsewhere.record import hide_post, locked_post, record_post
from services.campaigns.elsewhere.standing import stands
from services.campaigns.elsewhere.tables import seen_post
from services.campaigns.leases import log_unforeseen, still_held, take
from services.campaigns.places.storage import is_closed
from services.campaigns.platforms.addresses import address_of
from services.campaigns.watch.domain import next_look, own_pages
from services.campaigns.watch.pages import links_and_text
from services.campaigns.webmentions.tables import State, webmention

AGAIN = timedelta(days=7)
GIVEN_UP_AFTER = 5
_TRIES_OF_NEW = 2
"""Of a page that was never shown: whoever named it may mean its server ill."""
_HTML = ("text/html", "application/xhtml+xml")
_TEXT = ("application/json", "text/plain")
_LIMITS = Limits(seconds=10.0, size=1_000_000)


class Refused(Exception):
    """The page does not mention the shop; the text says why."""


class Webmentions:
    """Looks at pages that were sent."""

    def __init__(self, database: Database, outside: Outside, clock: Clock, public_url: str) -> None:
        self._database = database
        self._outside = outside
        self._clock = clock
        self._public_url = public_url

    async def look_once(self, now: datetime) -> bool:
        """Look at the page that waits the longest; whether there was one."""
        row = await take(self._database, webmention, now)
        if row is None:
            return False
        try:
            page = await self._outside.get(row["source"], accept=(*_HTML, *_TEXT), limits=_LIMITS)
            await asyncio.to_thread(_check, page, row, self._public_url)
            await self._show(row)
        except (AddressRefused, AnswerRefused, Refused) as refused:
            await self._refuse(row, str(refused))
        except NotFetched as away:
            await self._put_off(row, str(away))
        except Exception as error:
            log_unforeseen(error, "webmentions", row)
            await self._put_off(row, "it holds something that cannot be kept")
        return True

    async def _show(self, row: dict[str, Any]) -> None:
        now = self._clock()
        post = _post(row["source"])
        again = next_look(now, 0, random.random(), every=AGAIN)  # noqa: S311  it only spreads
        async with self._database.transaction() as tx:
            if not await still_held(tx, webmention, row):
                return
            if await tx.scalar(select(is_closed(row["merchant_id"]))):
                await _take_back(tx, row, "the shop is not listed any more", now)
                return
            found = await record_post(tx, post, now, merchant_id=row["merchant_id"])
            shown = {"state": State.SHOWN.value, "reason": None, "post_id": found.id, "failures": 0}
            await _settle(tx, row, {**shown, "due_at": again, "looked_at": now})

    async def _refuse(self, row: dict[str, Any], reason: str) -> None:
        async with self._database.transaction() as tx:
            if await still_held(tx, webmention, row):
                await _take_back(tx, row, reason, self._clock())

    async def _put_off(self, row: dict[str, Any], reason: str) -> None:
        now = self._clock()
        failures = row["failures"] + 1
        if failures >= (_TRIES_OF_NEW if row["post_id"] is None else GIVEN_UP_AFTER):
            await self._refuse(row, reason)
            return
        again = next_look(now, failures, random.random())  # noqa: S311
        async with self._database.transaction() as tx:
            if await still_held(tx, webmention, row):
                seen = {"failures": failures, "reason": reason[:300], "due_at": again, "looked_at": now}
                await _settle(tx, row, seen)


async def _take_back(tx: Transaction, row: dict[str, Any], reason: str, now: datetime) -> None:
    """It is not shown, or no more, unless another source shows the same page."""
    was_shown = row["post_id"] is not None
    post = await locked_post(tx, seen_post.c.id == row["post_id"]) if was_shown else None
    state = State.GONE if was_shown else State.REFUSED
    over = {"state": state.value, "reason": reason[:300], "post_id": None, "failures": 0}
    await _settle(tx, row, {**over, "due_at": None, "looked_at": now})
    if post is not None and not await stands(tx, post["id"]):
        await hide_post(tx, post, now)


async def _settle(tx: Transaction, row: dict[str, Any], values: dict[str, Any]) -> None:
    await tx.execute(update(webmention).where(webmention.c.id == row["id"]).values(values))


def _check(page: Fetched, row: dict[str, Any], public_url: str) -> None:
    """Raise Refused where the page does not link to the shop, Unreachable where it cannot be said now."""
    if page.status in (404, 410):
        raise Refused("the page is gone")
    if page.status == 429 or page.status >= 500:
        raise Unreachable(f"its server is in trouble ({page.status})")
    if page.status != 200:
        raise Refused(f"the page answers with an error ({page.status})")
    text = page.body.decode("utf-8", "replace")
    if page.media_type in _TEXT:
        if row["target"] not in text:
            raise Refused("it does not mention the shop")
        return
    links, _ = links_and_text(text, page.url)
    if row["target"] not in links and row["merchant_id"] not in own_pages(links, public_url)[0]:
        raise Refused("it does not link to the shop")


def _post(source: str) -> FoundPost:
    """Its address and no word of it. Raises Refused."""
    try:
        address = address_of(source, any_host=True)
    except ValueError as error:
        raise Refused(str(error)) from None
    via = urlsplit(source).hostname or ""
    return FoundPost(address.platform, address.url, PostKind.POST, Source.OPEN, via=via)

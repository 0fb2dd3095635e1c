"""Sources that a city watches, on a site of the test's own."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

from aiohttp import web
from sqlalchemy import case, insert, select, true, update

from chassis.fetching import Outside
from chassis.ids import new_id
from services.campaigns.elsewhere.tables import seen_post
from services.campaigns.watch.clock import Watch
from services.campaigns.watch.tables import watched_source
from tests.support.campaigns import Campaigns
from tests.support.web import Site, outside


async def nothing(_request: web.Request) -> web.Response:
    """How a site answers that has nothing."""
    return web.Response(status=404)


def says(other: Site, body: Any, **more: Any) -> None:
    """From now on the site answers so; it has no robots.txt."""

    async def answer(request: web.Request) -> web.Response:
        if request.path == "/robots.txt":
            return web.Response(status=404)
        kind = more.pop("content_type", "application/json")
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return web.Response(body=data, content_type=kind, **more)

    other.handler = answer


async def watched(campaigns: Campaigns, kind: str, address: str, tag: str = "") -> UUID:
    """As an officer's request leaves it, but with an address of the test's own."""
    source_id, now = new_id(), campaigns.time()
    async with campaigns.database.transaction() as tx:
        row = {"id": source_id, "city_id": campaigns.city, "kind": kind, "address": address, "tag": tag}
        await tx.execute(insert(watched_source).values(row | {"added_at": now, "due_at": now, "failures": 0}))
    return source_id


async def look(campaigns: Campaigns, other: Site, kind: str = "", pages: Outside | None = None) -> bool:
    """At what is due, as if every source were, or those of that kind."""
    async with outside() as fetcher:
        watch = Watch(
            campaigns.database,
            fetcher,
            campaigns.time,
            pages=pages or fetcher,
            public_url=campaigns.settings.public_url,
            mangrove_api=other.url,
        )
        async with campaigns.database.transaction() as tx:
            due = campaigns.time(), campaigns.time() + timedelta(days=1)
            is_meant = watched_source.c.kind == kind if kind else true()
            await tx.execute(update(watched_source).values(due_at=case((is_meant, due[0]), else_=due[1])))
        return await watch.look_once(campaigns.time())


async def posts(campaigns: Campaigns) -> list[dict[str, Any]]:
    """All that was seen, by address."""
    async with campaigns.database.connection() as connection:
        found = await connection.execute(select(seen_post).order_by(seen_post.c.url))
        return [dict(row) for row in found.mappings()]


async def state_of(campaigns: Campaigns, source_id: UUID) -> dict[str, Any]:
    """What an officer is shown of a source."""
    answer = await campaigns.client.get(
        f"/api/v1/watched-sources/{source_id}", headers=campaigns.as_officer()
    )
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown

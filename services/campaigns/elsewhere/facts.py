"""What is told of things seen elsewhere, from rows of their tables: now, and again under the same ids."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from chassis.history import Source
from contracts.campaigns.v1 import SeenElsewhere, SeenElsewhereTakenBack
from contracts.envelope import Event
from services.campaigns.elsewhere.tables import noted_count, noted_count_version, seen_post, seen_post_change

Told = Event[SeenElsewhere] | Event[SeenElsewhereTakenBack]


def of_post(post: Mapping[Any, Any], at: datetime) -> Told:
    """Of a post as it is in this version: `shown`, or not."""
    if not post["shown"]:
        return _taken_back(post, at)
    return Event.of(_seen(post, what=post["kind"]), at)


def of_count(count: Mapping[Any, Any], at: datetime) -> Told:
    """Of a count as it is in this version; one without a figure was taken back."""
    if count["figure"] is None:
        return _taken_back(count, at)
    seen = _seen(count, what=count["measure"], figure=count["figure"], scale=count["scale"])
    return Event.of(seen, at)


def _seen(
    row: Mapping[Any, Any], *, what: str, figure: float | None = None, scale: int | None = None
) -> SeenElsewhere:
    return SeenElsewhere(
        city_id=row["city_id"],
        seen_id=row["id"],
        version=row["version"],
        platform=row["platform"],
        source=row["source"],
        what=what,
        day=row["day"],
        merchant_id=row["merchant_id"],
        figure=figure,
        scale=scale,
    )


def _taken_back(row: Mapping[Any, Any], at: datetime) -> Event[SeenElsewhereTakenBack]:
    fact = SeenElsewhereTakenBack(
        city_id=row["city_id"], seen_id=row["id"], version=row["version"], merchant_id=row["merchant_id"]
    )
    return Event.of(fact, at)


_then = seen_post_change.c
_POSTS = (
    select(
        *(column for column in seen_post.c if column.name not in ("version", "shown", "source")),
        *(_then.version, _then.shown, _then.source, _then.at),
    )
    .join(seen_post_change, _then.post_id == seen_post.c.id)
    .order_by(_then.at, _then.post_id, _then.version)
)
_noted = noted_count_version.c
_COUNTS = (
    select(
        *(column for column in noted_count.c if column.name not in ("version", "figure", "scale")),
        *(_noted.version, _noted.figure, _noted.scale, _noted.at),
    )
    .join(noted_count_version, _noted.count_id == noted_count.c.id)
    .order_by(_noted.at, _noted.count_id, _noted.version)
)
HISTORY = (
    Source(_POSTS, lambda row: of_post(row, row["at"])),
    Source(_COUNTS, lambda row: of_count(row, row["at"])),
)

"""Recording what was seen elsewhere, and taking it back. Each runs in the caller's transaction, and tells it.

Whoever finds something calls these two, however they came by it:

    await record_post(tx, FoundPost(...), now, merchant_id=...)     # or city_id=..., of a post about the town
    await record_count(tx, merchant_id, FoundCount(...), now)

Both may be called again with the same, by two processes at once too: it is recorded and told once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_new

from chassis import outbox
from chassis.database import Transaction
from chassis.ids import new_id
from chassis.problems import invalid
from services.campaigns.contributions.domain import brussels_day
from services.campaigns.elsewhere import facts
from services.campaigns.elsewhere.domain import FoundCount, FoundPost, Source, implausible
from services.campaigns.elsewhere.tables import noted_count, noted_count_version, seen_post, seen_post_change
from services.campaigns.links.targets import listed_shop

LONGEST_EXCERPT = 300


@dataclass(frozen=True)
class Recorded:
    """What it is known as."""

    id: UUID
    version: int
    is_new: bool
    """Whether anything was recorded, and told: not where it was known, or stays taken down."""


async def record_post(
    tx: Transaction,
    post: FoundPost,
    now: datetime,
    *,
    merchant_id: UUID | None = None,
    city_id: UUID | None = None,
) -> Recorded:
    """Record a post about a merchant, or about a city's town where none is named: once per address.

    One that its source took back is shown again; one that an officer took down is not. Where citizens alone
    had handed it in, another source takes its place: their withdrawal then changes nothing. Raises the
    problems 404 for an unknown and 409 for a closed merchant.
    """
    if merchant_id is not None:
        city_id = (await listed_shop(tx, merchant_id)).city_id
    assert city_id is not None, "a post is about a merchant or about a city"
    row = _first_version(post, city_id, merchant_id, now)
    added = insert_new(seen_post).values(row).on_conflict_do_nothing(constraint="seen_post_once")
    if await tx.scalar(added.returning(seen_post.c.id)):
        await _tell_post(tx, row, now)
        return Recorded(row["id"], 1, is_new=True)
    same = (
        (seen_post.c.city_id == city_id)
        & seen_post.c.merchant_id.is_not_distinct_from(merchant_id)
        & (seen_post.c.url == post.url)
    )
    known = await locked_post(tx, same)
    assert known is not None, "posts are never deleted"
    return await _found_again(tx, known, post, now)


def _first_version(post: FoundPost, city_id: UUID, merchant_id: UUID | None, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "city_id": city_id,
        "merchant_id": merchant_id,
        "platform": post.platform,
        "url": post.url,
        "kind": post.kind.value,
        "day": post.day or brussels_day(now),
        "source": post.source.value,
        "via": post.via,
        "excerpt": post.excerpt[:LONGEST_EXCERPT],
        "seen_at": now,
        "shown": True,
        "version": 1,
    }


async def hide_post(
    tx: Transaction,
    post: dict[str, Any],
    now: datetime,
    *,
    removed_for: str | None = None,
    statement: str = "",
    person_id: UUID | None = None,
) -> int:
    """Show a post, locked by `locked_post`, no more; its version then. With a reason it stays away.

    Without one, its source took it back: it comes again when it is found again.
    """
    if not post["shown"] and (removed_for is None or post["removed_for"] is not None):
        return int(post["version"])
    changed = {"excerpt": "", "removed_for": removed_for or post["removed_for"]}
    if not post["shown"]:
        await tx.execute(update(seen_post).where(seen_post.c.id == post["id"]).values(changed))
        return int(post["version"])
    why = {"statement": statement, "person_id": person_id}
    return await _change_post(tx, post, {**changed, "shown": False}, now, why)


async def show_again(
    tx: Transaction, post: dict[str, Any], now: datetime, *, person_id: UUID, sourced: bool
) -> None:
    """An officer lets a post be shown that was taken down; it is, where a source still stands for it."""
    if sourced:
        changed = {"removed_for": None, "shown": True}
        await _change_post(tx, post, changed, now, {"person_id": person_id})
    else:
        await tx.execute(update(seen_post).where(seen_post.c.id == post["id"]).values(removed_for=None))


async def locked_post(tx: Transaction, which: Any) -> dict[str, Any] | None:
    """The post, to be changed."""
    row = (await tx.execute(select(seen_post).where(which).with_for_update())).mappings().first()
    return dict(row) if row is not None else None


async def record_count(
    tx: Transaction, merchant_id: UUID, count: FoundCount, now: datetime, person_id: UUID | None = None
) -> Recorded:
    """Record a figure of a day, or correct it: one for each profile, measure, day and source.

    `person_id` is who noted it, if somebody did. Raises the problem 422 naming the field for a figure that
    cannot be right, 404 for an unknown and 409 for a closed merchant.
    """
    if (wrong := implausible(count, brussels_day(now))) is not None:
        raise invalid(*wrong)
    row: dict[str, Any] = {
        "id": new_id(),
        "city_id": (await listed_shop(tx, merchant_id)).city_id,
        "merchant_id": merchant_id,
        "platform": count.platform,
        "profile_id": count.profile_id,
        "measure": count.measure.value,
        "day": count.day,
        "source": count.source.value,
        "via": count.via,
        "figure": count.figure,
        "scale": count.scale,
        "noted_at": now,
        "version": 1,
    }
    added = insert_new(noted_count).values(row).on_conflict_do_nothing(constraint="noted_count_once")
    if await tx.scalar(added.returning(noted_count.c.id)):
        await _tell_count(tx, row, now, person_id)
        return Recorded(row["id"], 1, is_new=True)
    same = [noted_count.c[name].is_not_distinct_from(row[name]) for name in _ONE_COUNT]
    known = (await tx.execute(select(noted_count).where(*same).with_for_update())).mappings().one()
    return await correct_count(tx, dict(known), (count.figure, count.scale), now, person_id)


_ONE_COUNT = ("merchant_id", "platform", "profile_id", "measure", "day", "source")


async def correct_count(
    tx: Transaction,
    known: dict[str, Any],
    to: tuple[float | None, int | None],
    now: datetime,
    person_id: UUID | None,
) -> Recorded:
    """Give a count, locked by the caller, another figure and scale; None takes it back. History is kept."""
    figure, scale = to
    if (known["figure"], known["scale"]) == (figure, scale):
        return Recorded(known["id"], known["version"], is_new=False)
    changed = {"figure": figure, "scale": scale, "noted_at": now, "version": known["version"] + 1}
    await tx.execute(update(noted_count).where(noted_count.c.id == known["id"]).values(changed))
    await _tell_count(tx, known | changed, now, person_id)
    return Recorded(known["id"], changed["version"], is_new=True)


async def _found_again(tx: Transaction, known: dict[str, Any], post: FoundPost, now: datetime) -> Recorded:
    as_before = Recorded(known["id"], known["version"], is_new=False)
    if known["removed_for"] is not None:
        return as_before
    found = {"source": post.source.value, "via": post.via, "excerpt": post.excerpt[:LONGEST_EXCERPT]}
    if not known["shown"]:
        version = await _change_post(tx, known, {**found, "shown": True}, now)
        return Recorded(known["id"], version, is_new=True)
    if known["source"] == Source.CITIZEN and post.source is not Source.CITIZEN:
        # Not told: to those who count it, it is the same post.
        await tx.execute(update(seen_post).where(seen_post.c.id == known["id"]).values(found))
    return as_before


async def _change_post(
    tx: Transaction,
    post: dict[str, Any],
    changed: dict[str, Any],
    now: datetime,
    why: Mapping[str, Any] = MappingProxyType({}),
) -> int:
    changed = {**changed, "version": post["version"] + 1}
    await tx.execute(update(seen_post).where(seen_post.c.id == post["id"]).values(changed))
    await _tell_post(tx, post | changed, now, why)
    return int(changed["version"])


async def _tell_post(
    tx: Transaction, post: dict[str, Any], now: datetime, why: Mapping[str, Any] = MappingProxyType({})
) -> None:
    change = {
        "post_id": post["id"],
        **{name: post[name] for name in ("version", "city_id", "shown", "source")},
        "at": now,
        **why,
    }
    await tx.execute(insert(seen_post_change).values(change))
    await outbox.record(tx, facts.of_post(post, now))


async def _tell_count(tx: Transaction, count: dict[str, Any], now: datetime, person_id: UUID | None) -> None:
    version = {
        "count_id": count["id"],
        **{name: count[name] for name in ("version", "city_id", "figure", "scale")},
        "at": now,
        "person_id": person_id,
    }
    await tx.execute(insert(noted_count_version).values(version))
    await outbox.record(tx, facts.of_count(count, now))

"""Whom a finding is about: the merchant it links to or lies at, or otherwise the town. Never guessed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from chassis.database import Transaction
from services.campaigns.links.tables import share_link
from services.campaigns.places.storage import is_closed
from services.campaigns.places.tables import known_merchant
from services.campaigns.platforms.addresses import address_of
from services.campaigns.profiles.tables import merchant_profile
from services.campaigns.watch.domain import Finding, Place, nearest, own_pages

_REACH_DEGREES = 0.01
"""Some 700 m: the shops whose distance is measured."""


@dataclass(frozen=True)
class About:
    """A merchant; the town, where there is none."""

    merchant_id: UUID | None = None


async def about(tx: Transaction, city_id: UUID, finding: Finding, public_url: str) -> About | None:
    """Whom it is about; None where that is a shop that is closed or not listed any more: nothing is kept.

    What names several shops is about the town, too.
    """
    named = await _linked(tx, city_id, finding, public_url)
    if not named and finding.place is not None:
        at = await _at(tx, city_id, finding.place)
        named = {at} if at else set()
    if len(named) != 1:
        return About()
    merchant_id = named.pop()
    return None if await tx.scalar(select(is_closed(merchant_id))) else About(merchant_id)


async def _linked(tx: Transaction, city_id: UUID, finding: Finding, public_url: str) -> set[UUID]:
    pages, codes = own_pages(finding.links, public_url)
    addresses = _canonical(finding.links)
    if not pages and not codes and not addresses:
        return set()
    by_profile = select(merchant_profile.c.merchant_id).where(
        merchant_profile.c.city_id == city_id, merchant_profile.c.url.in_(addresses)
    )
    by_code = select(share_link.c.merchant_id).where(share_link.c.code.in_(codes))
    ours = (
        known_merchant.c.id.in_(pages)
        | known_merchant.c.id.in_(by_code)
        | known_merchant.c.id.in_(by_profile)
    )
    return set(await tx.scalars(select(known_merchant.c.id).where(known_merchant.c.city_id == city_id, ours)))


def _canonical(links: Sequence[str]) -> list[str]:
    """As profiles are kept: a shop's site and its pages elsewhere."""
    found = []
    for link in links:
        with suppress(ValueError):
            found.append(address_of(link, any_host=True).url)
    return found


async def _at(tx: Transaction, city_id: UUID, place: Place) -> UUID | None:
    columns = known_merchant.c.id, known_merchant.c.longitude, known_merchant.c.latitude
    around = (func.abs(known_merchant.c.longitude - place.longitude) < _REACH_DEGREES) & (
        func.abs(known_merchant.c.latitude - place.latitude) < _REACH_DEGREES
    )
    query = select(*columns).where(known_merchant.c.city_id == city_id, around)
    return nearest(place, [(row.id, row.longitude, row.latitude) for row in await tx.execute(query)])

"""Which addresses are profiles, and those that the directory names of a shop."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from chassis.problems import Problem
from services.campaigns.platforms.addresses import Address, address_of, points_somewhere
from services.campaigns.platforms.catalogue import WEBSITE
from services.campaigns.printed.town import Town


def profile_at(url: str) -> Address:
    """On a known platform, or a site of the shop's own. Raises ValueError, which says what is wrong."""
    at = address_of(url, any_host=True)
    if at.platform != WEBSITE and not points_somewhere(at):
        raise ValueError("is the platform's front page, and no shop's profile")
    return at


async def named_by_the_directory(town: Town, merchant_id: UUID, language: str) -> list[Address]:
    """Nothing where it does not answer: what is kept here is shown all the same."""
    try:
        shop = await town.shop(merchant_id, language)
    except Problem:
        return []
    said = [*shop.profiles.values(), *([shop.website] if shop.website else [])]
    return list(dict.fromkeys(_usable(said)))


def _usable(urls: Iterable[str]) -> Iterable[Address]:
    for url in urls:
        try:
            yield profile_at(url)
        except ValueError:
            continue  # what maps say of shops is not always an address

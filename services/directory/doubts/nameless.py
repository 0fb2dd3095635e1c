"""Duplicates of shops that one source does not name: a sole trader in the register, an unnamed shop on a map.

What is left to compare is the address and the kind. That is little, so that such a pair is marked as weak: a
person looks at it, and nothing else follows from it.
"""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from chassis.database import Transaction
from services.directory.doubts.domain import address_of
from services.directory.doubts.kinds import are_close
from services.directory.merchants.sameness import metres_between

MOST_AT_AN_ADDRESS = 5
"""Others of one kind at one address: of a shopping arcade that has a single number, nothing can be said."""

# By their address alone, wherever a source has put them; those of the import are `ids`.
_WITH_ADDRESS = """
    SELECT id, kind, name, street, house_number, longitude, latitude FROM merchant
     WHERE city_id = :city_id AND NOT closed AND NOT delisted
       AND street IS NOT NULL AND house_number IS NOT NULL
"""
_OURS = text(f"{_WITH_ADDRESS} AND id = ANY(:ids)")
_OTHERS = text(f"{_WITH_ADDRESS} AND source <> :source")


async def pairs(
    tx: Transaction, city_id: UUID, source: str, ids: Sequence[UUID]
) -> list[tuple[UUID, UUID, float]]:
    """These merchants of one source, and others at their address, of a like kind, of which one has no name.

    With the metres between them.
    """
    ours = (await tx.execute(_OURS, {"city_id": city_id, "ids": list(ids)})).all()
    if not ours:
        return []
    by_address: dict[tuple[str, str], list[Row[Any]]] = {}
    for other in await tx.execute(_OTHERS, {"city_id": city_id, "source": source}):
        by_address.setdefault(address_of(other.street, other.house_number), []).append(other)
    return [pair for one in ours for pair in _pairs_of(one, by_address)]


def _pairs_of(
    one: Row[Any], by_address: dict[tuple[str, str], list[Row[Any]]]
) -> Iterator[tuple[UUID, UUID, float]]:
    there = by_address.get(address_of(one.street, one.house_number), ())
    alike = [
        other
        for other in there
        if (one.name is None or other.name is None) and are_close(one.kind, other.kind)
    ]
    if len(alike) <= MOST_AT_AN_ADDRESS:
        for other in alike:
            yield one.id, other.id, metres_between(one, other)

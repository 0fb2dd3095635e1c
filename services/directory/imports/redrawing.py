"""What became of merchants that the map has no more under their id: drawn anew, or gone. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from services.directory.imports.domain import LeftOut, Listable, Outcome
from services.directory.imports.kinds import Reason
from services.directory.merchants.details import Details
from services.directory.merchants.domain import Merchant
from services.directory.merchants.sameness import compared_names, is_same_shop

ByName = Mapping[str, Sequence[Merchant]]


def by_name(merchants: Iterable[Merchant]) -> ByName:
    """A large town's shops cannot each be compared with all of a map's."""
    found: dict[str, list[Merchant]] = {}
    for each in merchants:
        for name in compared_names(each.details):
            found.setdefault(name, []).append(each)
    return found


def twins_of(details: Details, merchants: ByName) -> Iterator[Merchant]:
    """Those that are the same shop: near, and of one of its names."""
    called_so = (each for name in compared_names(details) for each in merchants.get(name, ()))
    return (each for each in called_so if is_same_shop(each.details, details))


def redrawn(read: Sequence[Outcome], mapped: Sequence[Merchant]) -> dict[str, Merchant]:
    """By the id it has by now, each merchant that was drawn anew: a point became a building, say.

    It is not in the extract under its old id, and something new of its name is, close by. One that closed or
    is delisted here is found as well: it does not come back because it was drawn anew.
    """
    drawn = {outcome.osm_id for outcome in read}
    undrawn = (each for each in mapped if each.source_id not in drawn)
    left = by_name(sorted(undrawn, key=lambda each: not each.is_public))
    known, found = {each.source_id for each in mapped}, dict[str, Merchant]()
    taken = set[UUID]()
    for outcome in read:
        if isinstance(outcome, Listable) and outcome.osm_id not in known:
            free = (each for each in twins_of(outcome.details, left) if each.id not in taken)
            if (was := next(free, None)) is not None:
                taken.add(was.id)
                found[outcome.osm_id] = replace(was, source_id=outcome.osm_id)
    return found


def gone(
    read: Sequence[Outcome], mapped: Sequence[Merchant], moved: Mapping[str, Merchant], *, is_complete: bool
) -> list[UUID]:
    """Merchants that may have closed: the map says that the place is empty or, all of it read, has none.

    An extract without one merchant says nothing of those it does not have.
    """
    drawn = {outcome.osm_id for outcome in read}
    empty = {each.osm_id for each in read if isinstance(each, LeftOut) and each.reason is Reason.VACANT}
    says_all = is_complete and any(isinstance(outcome, Listable) for outcome in read)
    still_there = {each.id for each in moved.values()}
    return [
        each.id
        for each in mapped
        if each.is_public
        and (each.source_id in empty or (says_all and each.source_id not in drawn))
        and each.id not in still_there
    ]

"""Groups that are published whole or not at all, so that no difference of reports shows fewer than five.

A *unit* is a session, or a city's month outside of sessions. Once it is closed, the persons of it that wait,
five or more, become a *block*; whoever comes late waits for the next block of the unit. Every report is a
sum of whole blocks: the difference of two is a union of blocks. Within a block a table divides its persons
(by kind of shop; a dimension by who answered it): no part of it is below five either.

Over time, persons leave a block (erased, or corrected) five at once or not yet: `may_leave`. Nobody joins
one, so that any two editions of it differ by whole groups of leavers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from services.assessment.reports.domain.figures import OTHER, Attempt, Entry, Figures, counted

FEWEST = 5
"""Persons that figures are shown of."""


def is_shown(persons: int) -> bool:
    """Whether figures of so many say nothing about one of them; nobody at all is no group."""
    return persons == 0 or persons >= FEWEST


def waiting(attempts: Iterable[Attempt], in_blocks: Collection[UUID]) -> list[Attempt]:
    """Those of a unit that no block has, in the order they were handed in: one for each shop, its latest.

    A shop that is in one of the unit's blocks already does not wait: five attempts of one shop are no group.
    """
    counted_shops = {each.merchant_id for each in attempts if each.id in in_blocks and each.merchant_id}
    latest: dict[UUID, Attempt] = {}
    for each in sorted(attempts, key=lambda each: each.id):
        if each.id not in in_blocks and each.merchant_id not in counted_shops:
            latest[each.merchant_id or each.id] = each
    return sorted(latest.values(), key=lambda each: each.id)


def shown_kinds(attempts: Sequence[Attempt]) -> dict[UUID, str]:
    """The kind that each of a new block is shown under. Kinds below five are folded into OTHER.

    Where OTHER would be one to four, the smallest shown kinds go into it, too.
    """
    sizes: dict[str, int] = {}
    for each in attempts:
        sizes[each.kind] = sizes.get(each.kind, 0) + 1
    shown = {kind for kind, size in sizes.items() if kind != OTHER and size >= FEWEST}
    rest = len(attempts) - sum(sizes[kind] for kind in shown)
    while not is_shown(rest) and shown:
        smallest = min(shown, key=lambda kind: (sizes[kind], kind))
        shown.remove(smallest)
        rest += sizes[smallest]
    return {each.id: each.kind if each.kind in shown else OTHER for each in attempts}


def figures_of(attempts: Sequence[Attempt], own: str, shown_as: Mapping[UUID, str]) -> dict[str, Figures]:
    """A block's figures by basis. By a mapping, the block counts only where all its persons can be scored."""
    bases = [basis for basis in attempts[0].scored if all(basis in each.scored for each in attempts)]
    made = {basis: counted(attempts, basis, shown_as, own=basis == own) for basis in bases}
    return {basis: each.without(_too_small(each)) for basis, each in made.items()}


def may_leave(shown: Mapping[str, int], gone: Mapping[str, int]) -> bool:
    """Whether those who are `gone` of a block (erased, or corrected) leave it, which they do all at once.

    Both are persons by the kind they are shown under. Who leaves a kind, and who stays in it, must each be
    nobody or five: else the figures before and after would tell one from the other.
    """
    return any(gone.values()) and all(
        is_shown(gone.get(kind, 0)) and is_shown(size - gone.get(kind, 0)) for kind, size in shown.items()
    )


def left_over(before: Mapping[str, Figures], now: Mapping[str, Figures]) -> dict[str, Figures]:
    """A block's figures `now`, less the dimensions that too few of the leavers had answered: for ever."""
    return {
        basis: now[basis].without(_too_small(now[basis], figures)) if basis in now else Figures()
        for basis, figures in before.items()
    }


def _too_small(now: Figures, before: Figures | None = None) -> list[Entry]:
    answered = {key: count for key, (count, _) in now.of("dimension").items()}
    if before is None:
        return [("dimension", key) for key, count in answered.items() if not is_shown(count)]
    formerly = {key: count for key, (count, _) in before.of("dimension").items()}
    return [
        ("dimension", key)
        for key, count in answered.items()
        if not is_shown(count) or not is_shown(formerly.get(key, 0) - count)
    ]

"""Whoever reckons with all that is published comes to no figure that is withheld."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.campaigns.exports.columns import COLUMNS, DOMAIN, FOLDER, TITLES, said
from services.campaigns.open_data import described
from services.campaigns.open_data.closing import following, last_month
from services.campaigns.open_data.domain import LEAST, Cell, Deed, Path, district_of, published
from tests.support.catalogues import faults_of


def deeds(path: Path, number: int, *, people: int | None = None, shops: int | None = None) -> list[Deed]:
    """So many, each of another person for another shop of that kind there, unless they are fewer."""
    own = abs(hash(path)) << 20
    return [
        Deed(path, UUID(int=each % (people or number)), UUID(int=own + each % (shops or number)))
        for each in range(number)
    ]


def reckoned(cells: Sequence[Cell]) -> set[Path]:
    """What of the withheld follows from the sums, by elimination."""
    known = {cell.path: cell.counted for cell in cells}
    unknown = [path for path, counted in known.items() if counted is None]
    rows: list[list[Fraction]] = []
    for parent in known:
        below = [path for path in known if path[:-1] == parent and path != parent]
        if not below:
            continue
        row = [Fraction((path in below) - (path == parent)) for path in unknown]
        if any(row):
            rows.append(row)
    reduced = _reduced(rows, len(unknown))
    return {unknown[row.index(Fraction(1))] for row in reduced if sum(map(bool, row)) == 1}


def _reduced(rows: list[list[Fraction]], width: int) -> list[list[Fraction]]:
    """Gauss and Jordan."""
    done = 0
    for column in range(width):
        pivot = next((number for number in range(done, len(rows)) if rows[number][column]), None)
        if pivot is None:
            continue
        rows[done], rows[pivot] = rows[pivot], rows[done]
        rows[done] = [value / rows[done][column] for value in rows[done]]
        for number, row in enumerate(rows):
            if number != done and row[column]:
                rows[number] = [value - row[column] * of for value, of in zip(row, rows[done], strict=True)]
        done += 1
    return rows[:done]


ALONE = [
    *deeds(("review", "a", "shop=tea"), 3),
    *deeds(("review", "a", "shop=bakery"), 9),
    *deeds(("review", "b", "shop=bakery"), 20),
    *deeds(("share", "a", "shop=bakery"), 30),
]


def test_a_small_group_alone_is_hidden_behind_the_next_smallest() -> None:
    shown = {cell.path: cell.counted for cell in published(ALONE)}
    assert shown[()] == 62
    assert shown["review",] == 32
    assert shown["review", "a"] == 12
    assert shown["review", "a", "shop=tea"] is None
    assert shown["review", "a", "shop=bakery"] is None  # else: 12 - 9 = 3
    assert shown["share", "a", "shop=bakery"] == 30


def test_were_only_small_groups_withheld_they_could_be_reckoned() -> None:
    cells = published(ALONE)
    small = ("review", "a", "shop=tea")
    careless = [
        cell if cell.path == small or cell.counted is not None else Cell(cell.path, 9) for cell in cells
    ]
    assert reckoned(careless) == {small}
    assert reckoned(cells) == set()


@pytest.mark.parametrize(
    ("people", "shops"), [(LEAST - 1, LEAST), (LEAST, LEAST - 1), (1, 1)], ids=["people", "shops", "one"]
)
def test_a_group_is_small_by_its_people_or_by_its_shops_however_much_they_did(
    people: int, shops: int
) -> None:
    much = deeds(("review", "a", "shop=tea"), 50, people=people, shops=shops)
    (cell,) = published(much)
    assert cell == Cell((), None)


def test_two_small_groups_that_are_small_together_take_a_third_with_them() -> None:
    few = [*deeds(("review", "a", "x"), 2), *deeds(("review", "a", "y"), 2), *deeds(("review", "a", "z"), 8)]
    shown = {cell.path: cell.counted for cell in published([*few, *deeds(("review", "a", "w"), 9)])}
    assert [shown["review", "a", kind] for kind in "xyzw"] == [None, None, None, 9]


def test_nothing_is_said_of_what_lies_below_a_withheld_group() -> None:
    cells = published(
        [*deeds(("review", "a", "x"), 4), *deeds(("review", "b", "x"), 9), *deeds(("share", "c", "x"), 9)]
    )
    assert {cell.path for cell in cells if cell.path[:2] == ("review", "a")} == {("review", "a")}


SIZES = st.integers(0, 14)


@settings(max_examples=150, deadline=None)
@given(st.lists(SIZES, min_size=18, max_size=18), st.integers(3, 14), st.integers(3, 14))
def test_no_withheld_figure_can_be_reckoned_and_no_small_group_is_shown(
    sizes: list[int], people: int, shops: int
) -> None:
    paths = [(kind, district, shop) for kind in "rs" for district in "abc" for shop in "xyz"]
    month = [
        deed
        for path, size in zip(paths, sizes, strict=True)
        for deed in deeds(path, size, people=min(people, size) or None, shops=min(shops, size) or None)
    ]
    cells = published(month)
    assert reckoned(cells) == set()
    for cell in cells:
        of = [deed for deed in month if deed.path[: len(cell.path)] == cell.path]
        is_small = (
            len({each.contributor_id for each in of}) < LEAST
            or len({each.merchant_id for each in of}) < LEAST
        )
        assert cell.counted is None if is_small else cell.counted in (None, len(of))


def test_months_are_closed_a_week_after_their_end_in_brussels() -> None:
    assert last_month(datetime(2026, 12, 7, 22, 59, tzinfo=UTC)) == date(2026, 10, 1)
    assert last_month(datetime(2026, 12, 7, 23, 0, tzinfo=UTC)) == date(2026, 11, 1)
    assert (following(date(2026, 12, 1)), following(date(2026, 1, 1), -1)) == (
        date(2027, 1, 1),
        date(2025, 12, 1),
    )
    assert district_of([UUID(int=2), UUID(int=1)]) == str(UUID(int=1))
    assert district_of([]) == "none"


@pytest.mark.parametrize("language", ["fr", "nl", "de"])
def test_every_column_is_said_in_every_language(language: str) -> None:
    assert faults_of(FOLDER, language, DOMAIN) == []
    columns = [*COLUMNS.values(), described.COLUMNS]
    texts = {meaning for each in columns for _, meaning in each.values()}
    for text in texts | {*TITLES.values(), described.TITLE, described.DESCRIPTION}:
        assert said(text, language) != text or (text, language) == ("Contributions", "fr")

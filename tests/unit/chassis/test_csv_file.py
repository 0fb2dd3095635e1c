"""A spreadsheet that opens a file of ours computes nothing that somebody typed."""

import csv
from collections.abc import AsyncIterator
from io import StringIO

import pytest

from chassis.csv_file import csv_file, csv_stream


@pytest.mark.parametrize(
    "typed",
    [
        '=HYPERLINK("https://evil.example";"Chez Paul")',
        "+32 470 12 34 56",
        "-2+3+cmd|' /C calc'!A0",
        "@SUM(1)",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        "  =1+1",
        "＝1+1",
    ],
)
def test_what_would_begin_a_formula_is_text(typed: str) -> None:
    assert read(csv_file(("name",), [(typed,)]))[1] == [f"'{typed}"]


def test_other_cells_stay_what_they_are() -> None:
    row = ("Chez Paul, « Zoé »", 'a "quoted" name', "two\nlines", -3, None)
    assert read(csv_file(("a", "b", "c", "d", "e"), [row]))[1] == [*row[:3], "-3", ""]


def test_excel_is_told_that_it_is_utf_8() -> None:
    assert csv_file(("é",), []) == b"\xef\xbb\xbf\xc3\xa9\r\n"


def read(file: bytes) -> list[list[str]]:
    return list(csv.reader(StringIO(file.decode("utf-8-sig"), newline="")))


async def test_a_file_that_is_sent_in_portions_is_the_same_file() -> None:
    rows = [("=1+1", 1), ("Chez Paul, « Zoé »", None), ("two\nlines", -3)]

    async def portions() -> AsyncIterator[list[tuple[object, ...]]]:
        yield [*rows[:1]]
        yield []
        yield [*rows[1:]]

    sent = b"".join([part async for part in csv_stream(("é", "b"), portions())])
    assert sent == csv_file(("é", "b"), rows)

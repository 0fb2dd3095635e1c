"""CSV for people who open it in a spreadsheet: no cell that somebody typed becomes a formula."""

import csv
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence
from io import StringIO

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Source: OWASP, CSV Injection. The last four are read as the first by spreadsheets of East Asia."""


def csv_file(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A file in UTF-8 with a byte order mark, without which Excel takes it for something else.

    None is an empty cell. Text that would begin a formula is led by an apostrophe, which spreadsheets take
    for "this is text": telephone numbers in international form, too. Numbers stay numbers.
    """
    file = StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return file.getvalue().encode("utf-8-sig")


async def csv_stream(
    columns: Sequence[str], portions: AsyncIterable[Iterable[Sequence[object]]]
) -> AsyncIterator[bytes]:
    """The same file a portion of rows at a time, however many there are. Raises what `portions` raises."""
    yield csv_file(columns, [])
    async for rows in portions:
        part = StringIO(newline="")
        csv.writer(part).writerows([_cell(value) for value in row] for row in rows)
        yield part.getvalue().encode()


def _cell(value: object) -> object:
    if isinstance(value, str) and value.lstrip(" ").startswith(_BEGINS_A_FORMULA):
        return f"'{value}"
    return value

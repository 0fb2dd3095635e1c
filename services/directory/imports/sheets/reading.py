"""Reads CSV as offices write it: any delimiter, the usual encodings, never more than one row in memory."""

import codecs
import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

DELIMITERS = ";,\t|"
LONGEST_LINE = 256 * 1024
"""Characters. A file without line ends would otherwise be one line as long as itself."""
MOST_COLUMNS = 200
_SAMPLE_ROWS = 20
_BLOCK = 1 << 20
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_ONLY_CP1252 = frozenset(range(0x80, 0xA0))
_ONLY_LATIN_9 = frozenset({0xA4, 0xA6, 0xA8, 0xB4, 0xB8, 0xBC, 0xBD, 0xBE})
"""Where Latin-9 has €, Š, š, Ž, ž, Œ, œ, Ÿ, and CP1252 signs that no address has: ¤ ¦ ¨ ´ ¸ ¼ ½ ¾."""


class NoSheet(ValueError):
    """The file cannot be read as CSV; the message says why, and at which row where that is known."""


@dataclass(frozen=True)
class Form:
    """How a file is written."""

    encoding: str
    delimiter: str
    headings: tuple[str, ...]


def form_of(path: Path) -> Form:
    """How the file is written, by looking at it. Raises NoSheet."""
    encoding = encoding_of(path)
    counted = {delimiter: _widths(path, encoding, delimiter) for delimiter in DELIMITERS}
    # The delimiter with which most rows are as wide as the first; of equal ones, the widest.
    delimiter = max(DELIMITERS, key=lambda each: _standing(counted[each]))
    with _records(path, encoding, delimiter) as records:
        headings = next(records, [])
    if not any(heading.strip() for heading in headings):
        raise NoSheet("the first row has no headings")
    if len(headings) > MOST_COLUMNS:
        raise NoSheet(f"has {len(headings)} columns, more than {MOST_COLUMNS}")
    return Form(encoding, delimiter, tuple(heading.strip() for heading in headings))


def encoding_of(path: Path) -> str:
    """UTF-8 or UTF-16 where the bytes are that; else CP1252 or Latin-9, whose signs of their own decide.

    A guess by statistics would choose among forty encodings that no Belgian office writes.
    """
    with path.open("rb") as file:
        start = file.read(4)
        for mark, encoding in _MARKS:
            if start.startswith(mark):
                return encoding
        if len(start) == 4 and start[1::2] == b"\0\0":
            return "utf-16-le"
        if len(start) == 4 and start[::2] == b"\0\0":
            return "utf-16-be"
        file.seek(0)
        return _eight_bits(file)


def _eight_bits(file: IO[bytes]) -> str:
    decoder, is_utf8, seen = codecs.getincrementaldecoder("utf-8")(), True, set[int]()
    while block := file.read(_BLOCK):
        seen.update(block)
        is_utf8 = is_utf8 and _decodes(decoder, block)
    if is_utf8 and _decodes(decoder, b"", final=True):
        return "utf-8"
    return "iso8859-15" if seen & _ONLY_LATIN_9 and not seen & _ONLY_CP1252 else "cp1252"


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True


def rows_of(path: Path, form: Form) -> Iterator[list[str]]:
    """The rows below the headings, one at a time; empty ones are passed over. Raises NoSheet."""
    with _records(path, form.encoding, form.delimiter) as records:
        next(records, None)
        for record in records:
            if any(cell.strip() for cell in record):
                yield record


@contextmanager
def _records(path: Path, encoding: str, delimiter: str) -> Iterator[Iterator[list[str]]]:
    # CP1252 leaves five bytes undefined: a stray one spoils its cell and not the file.
    errors = "replace" if encoding == "cp1252" else "strict"
    with path.open(encoding=encoding, errors=errors, newline="") as file:
        yield _parsed(file, delimiter)


def _parsed(file: IO[str], delimiter: str) -> Iterator[list[str]]:
    # No field is larger than the module's own limit of 128 KiB, so that an open quotation mark ends there.
    reader = csv.reader(_lines(file), delimiter=delimiter)
    try:
        yield from reader
    except csv.Error as error:
        raise NoSheet(f"line {reader.line_num}: {error}") from error
    except UnicodeDecodeError as error:
        raise NoSheet(f"line {reader.line_num + 1}: is not {error.encoding}") from error


def _lines(file: IO[str]) -> Iterator[str]:
    while line := file.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE and not line.endswith(("\n", "\r")):
            raise NoSheet(f"has a line of more than {LONGEST_LINE:,} characters")
        yield line


def _widths(path: Path, encoding: str, delimiter: str) -> list[int]:
    widths: list[int] = []
    with _records(path, encoding, delimiter) as records:
        try:
            for record in records:
                widths.append(len(record))
                if len(widths) == _SAMPLE_ROWS:
                    break
        except NoSheet:
            if delimiter == DELIMITERS[0] and not widths:
                raise
    return widths


def _standing(widths: list[int]) -> tuple[int, int]:
    if not widths or widths[0] < 2:
        return 0, 0
    return sum(width == widths[0] for width in widths), widths[0]

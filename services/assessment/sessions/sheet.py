"""Forms on paper as a CSV file: one row each, a column for each question.

The file is read as offices write it: any usual delimiter, UTF-8, UTF-16 or the code page of Windows. Rows
that begin with `#` are the template's explanations and are passed over.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from services.assessment.kinds.catalogue import merchant_kinds
from services.assessment.questionnaires.domain.definition import AnyQuestion, Questionnaire
from services.assessment.questionnaires.domain.questions import Choice

DELIMITERS = ";,\t|"
ABOUT = ("completed_at", "merchant_kind", "merchant_id")
"""Columns before those of the questions. They may be missing, or empty."""
EXPLAINS = "#"
_BETWEEN = re.compile(r"[\s,;|+]+")
_LONGEST_CELL = 2_000


class NoSheet(ValueError):
    """The file cannot be read; the message says why."""


@dataclass(frozen=True)
class SheetRow:
    line: int
    """As a spreadsheet numbers it, from 1."""
    about: Mapping[str, str]
    answers: Mapping[str, list[str | int]]


def rows_of(body: bytes, questionnaire: Questionnaire) -> Iterator[SheetRow]:
    """The forms in the file. Raises NoSheet where it is none of this questionnaire's."""
    lines = _decoded(body)
    first = next((line for line in lines.splitlines() if line and not line.startswith(EXPLAINS)), "")
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(lines), delimiter=delimiter)
    columns: list[str] = []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells) or cells[0].startswith(EXPLAINS):
                continue
            if not columns:
                columns = _columns([cell.strip() for cell in cells], questionnaire)
                continue
            yield _row(reader.line_num, columns, cells)
    except csv.Error as error:
        raise NoSheet(f"line {reader.line_num}: {error}") from error
    if not columns:
        raise NoSheet("the file has no row with the names of the columns")


def _decoded(body: bytes) -> str:
    marked = body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    # The last one knows nearly every byte: whatever is neither of the others was written on Windows.
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1252"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NoSheet("the file is neither UTF-8 nor UTF-16 nor of Windows")


def _columns(headings: list[str], questionnaire: Questionnaire) -> list[str]:
    known = {*ABOUT, *(question.key for question in questionnaire.questions)}
    for number, heading in enumerate(headings, 1):
        if heading not in known:
            raise NoSheet(f"column {number} is called {heading[:50]!r}: no question has that name")
    if len(set(headings)) != len(headings):
        raise NoSheet("two columns have the same name")
    return headings


def _row(line: int, columns: list[str], cells: list[str]) -> SheetRow:
    if len(cells) > len(columns):
        raise NoSheet(f"line {line} has more cells than there are columns")
    filled = {name: cell.strip() for name, cell in zip(columns, cells, strict=False) if cell.strip()}
    if any(len(cell) > _LONGEST_CELL for cell in filled.values()):
        raise NoSheet(f"line {line} has a cell of more than {_LONGEST_CELL} characters")
    return SheetRow(
        line,
        about={name: cell for name, cell in filled.items() if name in ABOUT},
        answers={name: _answer(cell) for name, cell in filled.items() if name not in ABOUT},
    )


def _answer(cell: str) -> list[str | int]:
    """The keys of chosen options, or a number."""
    parts = [part for part in _BETWEEN.split(cell) if part]
    return [int(part) if re.fullmatch(r"-?\d{1,9}", part) else part for part in parts]


def template_of(questionnaire: Questionnaire, language: str) -> bytes:
    """A file to be filled in, with what each column takes; with the mark by which spreadsheets know UTF-8."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
    writer.writerow([*ABOUT, *(question.key for question in questionnaire.questions)])
    writer.writerow([f"{EXPLAINS} completed_at", "2026-11-26T19:30:00+01:00"])
    writer.writerow([f"{EXPLAINS} merchant_kind", *merchant_kinds()])
    for question in questionnaire.questions:
        writer.writerow(
            [f"{EXPLAINS} {question.key}", question.text.into(language), *_takes(question, language)]
        )
    return codecs.BOM_UTF8 + file.getvalue().encode()


def _takes(question: AnyQuestion, language: str) -> list[str]:
    if isinstance(question, Choice):
        return [f"{option.key}: {option.text.into(language)}" for option in question.options]
    lowest, highest = question.bounds()
    return [f"{lowest}–{highest}"]

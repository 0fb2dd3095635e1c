"""A report as CSV: one row for each figure, in the columns that `/reports/columns` describes."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from typing import TypeAlias

from services.assessment.reports.shown import ShownReport
from services.assessment.reports.words import COLUMNS, ReportWords

Cell: TypeAlias = str | int | float | None
Row: TypeAlias = tuple[Cell, ...]
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is run by spreadsheets (OWASP, "CSV Injection")."""


def as_csv(report: ShownReport, words: ReportWords) -> str:
    """UTF-8 with its mark, so that spreadsheets read accents right; cells with a formula are only text."""
    sheet = StringIO()
    writer = csv.writer(sheet, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in _rows(report, words):
        writer.writerow([safe(cell) for cell in row])
    return "\ufeff" + sheet.getvalue()


def safe(cell: Cell) -> Cell:
    """Numbers are ours; a text is never one that a spreadsheet would compute."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _rows(report: ShownReport, words: ReportWords) -> Iterator[Row]:
    def said(word: str) -> str:
        return words.said(word, report.language)

    edition = f"{report.questionnaire}.v{report.version}"
    yield "report", "questionnaire", edition, None, None, None
    if report.along_with:
        yield "report", "along_with", report.along_with, None, None, None
    yield "report", "first_month", report.first_month, None, None, None
    yield "report", "last_month", report.last_month, None, None, None
    yield "report", "sessions", said("sessions"), report.sessions, None, None
    yield "report", "participants", said("participants"), report.participants, None, report.mean
    for key in ("share_50_or_more", "share_above_70", "asked_for_training"):
        share = getattr(report, key)
        yield "report", key, said(key), share.count, share.percent, None
    for each in report.distribution:
        classed = f"{each.lowest} to {each.highest}"  # a hyphen would be read as a date
        yield "distribution", classed, f"{each.lowest} – {each.highest}", each.count, None, None
    for dimension in report.dimensions:
        yield "dimensions", dimension.key, dimension.text, dimension.answered, None, dimension.mean
    for section, ranks in (("recommendations", report.recommendations), ("wishes", report.wishes)):
        for rank in ranks:
            yield section, rank.key, rank.text, rank.count, rank.percent, None
    for kind in report.kinds:
        name, good, better = kind.kind or "not_shown", kind.share_50_or_more, kind.share_above_70
        yield "kinds", name, kind.text, kind.participants, None, kind.mean
        yield "kinds_50_or_more", name, kind.text, good.count, good.percent, None
        yield "kinds_above_70", name, kind.text, better.count, better.percent, None
    for series in report.regional:
        for year in series.means:
            yield "regional", series.source, series.title, year.year, None, year.mean
    yield "left_out", "small_units", said("small_units"), report.left_out.small_units, None, None
    yield "left_out", "open_units", said("open_units"), report.left_out.open_units, None, None
    for other in report.left_out.other_editions:
        yield "left_out", other, said("other_editions"), None, None, None

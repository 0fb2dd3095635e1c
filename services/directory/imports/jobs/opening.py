"""The rows in the file of an import, whatever its format."""

from collections.abc import Iterator
from pathlib import Path

from services.directory.imports.given import Row
from services.directory.imports.jobs.domain import Format, Job
from services.directory.imports.register.files import NoRegister
from services.directory.imports.register.rows import rows_of_register
from services.directory.imports.sheets.columns import problem_of, proposed
from services.directory.imports.sheets.reading import Form, NoSheet, form_of
from services.directory.imports.sheets.rows import Sheet

DEFAULT_KIND = "shop=yes"


class Unreadable(ValueError):
    """The file is not what it was said to be; the message says why."""


def rows_in(path: Path, job: Job) -> Iterator[Row]:
    """One after the other, always the same for the same file. Raises Unreadable, some time."""
    match job.format:
        case Format.CSV:
            return _of_sheet(path, job)
        case Format.KBO:
            return _of_register(path, job)


def _of_sheet(path: Path, job: Job) -> Iterator[Row]:
    try:
        form = form_of(path)
        mapping = mapping_of(form, job)
        yield from Sheet(path, form, mapping, job.options.get("kind", DEFAULT_KIND)).rows()
    except NoSheet as problem:
        raise Unreadable(f"The file cannot be read as CSV: it {problem}.") from problem


def _of_register(path: Path, job: Job) -> Iterator[Row]:
    try:
        yield from rows_of_register(
            path, path.parent, frozenset(job.options["postcodes"]), job.options["language"]
        )
    except NoRegister as problem:
        raise Unreadable(f"The file is no extract of the register: it {problem}.") from problem


def mapping_of(form: Form, job: Job) -> dict[str, int]:
    """The columns as a person decided, or as the headings propose. Raises Unreadable."""
    mapping: dict[str, int] = job.options.get("mapping") or proposed(form.headings)
    if problem := problem_of(mapping, len(form.headings)):
        raise Unreadable(f"The columns cannot be used: {problem}.")
    return mapping

"""How imports look in requests and answers."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.http import Body, Shown
from services.directory.imports.given import Why
from services.directory.imports.jobs.domain import Format, Job, State
from services.directory.imports.plan import Outcome
from services.directory.imports.sheets.columns import FIELDS
from services.directory.merchants.forms import Kind

Postcode = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{3}$")]
SourceName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]


class NewImport(Body):
    """A file that will be sent."""

    format: Format = Format.CSV
    source: SourceName
    """Whose ids the rows have, such as `ucm-2026`: sheets of one source are compared with one another."""


class Place(Body):
    """Where shops are put of which nothing better is known: the middle of the town."""

    longitude: Annotated[float, Field(ge=-180, le=180)]
    latitude: Annotated[float, Field(ge=-90, le=90)]


class StartImport(Body):
    """How the file is read."""

    dry_run: bool = False
    is_complete: bool = False
    """Whether it has all that the source knows: what is missing from it may then have closed."""
    mapping: Annotated[dict[str, int], Field(max_length=len(FIELDS))] | None = None
    """Column of each field, from 0; as proposed where it is not said."""
    kind: Kind | None = None
    """Of shops whose row says none."""
    place: Place | None = None
    postcodes: Annotated[list[Postcode], Field(min_length=1, max_length=100)] | None = None
    """Of the register: which are the city's; its commune's where they are not said."""
    language: Literal["fr", "nl", "de"] = "fr"
    """Of the register: in which names and streets are taken, where there is a choice."""


class ImportShown(Shown):
    """An import, and how far it is."""

    id: UUID
    city_id: UUID
    format: Format
    source: str
    state: State
    dry_run: bool
    is_complete: bool
    created_at: datetime
    finished_at: datetime | None
    rows_done: int
    totals: dict[str, int]
    """Rows by outcome."""
    problem: str | None


class Proposal(Shown):
    """How the file seems to be written, and its first rows to judge that by."""

    encoding: str
    delimiter: str
    headings: list[str]
    fields: list[str]
    mapping: dict[str, int]
    sample: list[list[str]]


class LineOfJob(Shown):
    """What became of one row; rows are numbered from 1, below the headings."""

    number: int
    outcome: Outcome
    source_id: str | None
    name: str | None
    merchant_id: UUID | None
    why: Why | None
    detail: str | None
    notes: list[str]


def job_shown(job: Job) -> ImportShown:
    """The import as its city sees it."""
    return ImportShown(**{name: getattr(job, name) for name in ImportShown.model_fields})

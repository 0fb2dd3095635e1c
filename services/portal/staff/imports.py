"""Files of shops that a city hands in: sent on to the directory, which says what they would change."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from starlette.datastructures import UploadFile

from services.portal.neighbours import NotThere, Unanswered
from services.portal.towns import Towns
from services.portal.visitors import Visitor, fault_of, problem_of

IMPORTS = "/api/v1/imports"
MOST_BYTES = 100 << 20
"""Of a file that is sent by a page; what is larger is for the command line."""
_PART_BYTES = 8 << 20
_MAP_BYTES = 20 << 20
SHEET, REGISTER, MAP = "csv", "kbo", "map"
_FORMATS = {".csv": SHEET, ".tsv": SHEET, ".txt": SHEET, ".zip": REGISTER, ".geojson": MAP, ".json": MAP}
OUTCOMES = ("listed", "updated", "unchanged", "left_out")
_LINES_SHOWN = 200


class Job(Struct):
    """An import, and how far it is."""

    id: UUID
    city_id: UUID
    format: str
    source: str
    state: str
    dry_run: bool
    is_complete: bool
    created_at: datetime
    finished_at: datetime | None
    rows_done: int
    totals: dict[str, int]
    problem: str | None


class Jobs(Struct):
    items: list[Job]


class Proposal(Struct):
    """How a sheet would be read."""

    headings: list[str]
    fields: list[str]
    mapping: dict[str, int]
    sample: list[list[str]]


class Line(Struct):
    """What became of a row of a sheet or the register."""

    number: int
    outcome: str
    name: str | None
    source_id: str | None
    merchant_id: UUID | None
    why: str | None
    detail: str | None
    notes: list[str]


class Lines(Struct):
    items: list[Line]
    next: str | None = None


class Feature(Struct):
    """What became of a feature of a map."""

    index: int
    outcome: str
    osm_id: str | None
    name: str | None
    reason: str | None
    detail: str | None


class MapReport(Struct):
    totals: dict[str, int]
    may_have_closed: int
    items: list[Feature]

    @property
    def lines(self) -> list[Feature]:
        """What a person may want to look at, the refused ones first."""
        order = ("left_out", "listed", "updated")
        changed = [each for each in self.items if each.outcome in order]
        return sorted(changed, key=lambda each: order.index(each.outcome))[:_LINES_SHOWN]


class Kind(Struct):
    kind: str
    name: str


class Kinds(Struct):
    items: list[Kind]


def format_of(file_name: str) -> str | None:
    """What kind of file that is, by its ending."""
    _, dot, ending = file_name.lower().rpartition(".")
    return _FORMATS.get(dot + ending)


def source_of(typed: str) -> str:
    """Whose list it is, as the directory spells such names."""
    kept = "".join(each if each.isascii() and each.isalnum() else "-" for each in typed.lower()).strip("-")
    return kept[:40] or "sheet"


async def send_file(
    visitor: Visitor, city_id: UUID, upload: UploadFile, form: Mapping[str, str]
) -> tuple[Job | None, str]:
    """The import that waits to be started, or what hinders it. Raises NotThere, Unanswered."""
    body = {"format": format_of(upload.filename or ""), "source": source_of(form.get("source", ""))}
    path, attempt = f"/api/v1/cities/{city_id}/import-jobs", form.get("attempt", "") or "import"
    answer = await visitor.write("POST", "directory", path, body, attempt=attempt)
    _only_theirs(answer.status)
    if answer.status != 201:
        return None, fault_of(answer)
    job, number = msgspec.convert(answer.body, Job), 0
    headers = {"Content-Type": "application/octet-stream"}
    while part := await upload.read(_PART_BYTES):
        path = f"{IMPORTS}/{job.id}/parts/{number}"
        token = visitor.session.token
        sent = await visitor.neighbours.pass_on("directory", path, part, headers, token, method="PUT")
        if sent.status >= 400:
            return None, fault_of(sent)
        number += 1
    return (job, "") if number else (None, "file")


async def send_map(
    visitor: Visitor, city_id: UUID, upload: UploadFile, *, is_complete: bool, for_real: bool
) -> tuple[MapReport | None, str]:
    """What a map would change or, for real, changed; or what hinders it. Raises NotThere, Unanswered."""
    content = await upload.read(_MAP_BYTES + 1)
    if not 0 < len(content) <= _MAP_BYTES:
        return None, "too-large" if content else "file"
    asked = f"dry_run={'false' if for_real else 'true'}&is_complete={'true' if is_complete else 'false'}"
    headers = {"Content-Type": "application/geo+json"}
    answer = await visitor.neighbours.pass_on(
        "directory", f"/api/v1/cities/{city_id}/imports?{asked}", content, headers, visitor.session.token
    )
    _only_theirs(answer.status)
    if answer.status != 200:
        return None, "unreadable"
    try:
        return msgspec.convert(answer.body, MapReport), ""
    except msgspec.ValidationError as error:
        raise Unanswered(f"directory: {error}") from error


async def read_proposal(visitor: Visitor, job: Job) -> Proposal | None:
    """How its columns would be read; None where it is no sheet, or none that can be read."""
    if job.format != SHEET or job.state != "receiving":
        return None
    try:
        return await visitor.shaped(Proposal, "directory", f"{IMPORTS}/{job.id}/proposal")
    except NotThere:
        return None


async def start(visitor: Visitor, towns: Towns, job: Job, form: Mapping[str, str]) -> str:
    """Read it: to look what it would change or, to confirm, for real. What hinders it; "" for nothing.

    For real, it is read as it was looked at. Raises NotThere, Unanswered.
    """
    body: dict[str, Any] = {"dry_run": False}
    if form.get("do") != "confirm":
        body = {"dry_run": True, "is_complete": form.get("is_complete") == "yes"}
        columns = {
            name.removeprefix("column-"): int(value)
            for name, value in form.items()
            if name.startswith("column-") and value.isdecimal() and len(value) < 4
        }
        body |= {"mapping": columns} if columns else {}
        body |= {"kind": form["kind"]} if form.get("kind") else {}
        body |= {"place": await _middle(towns, job, visitor)} if form.get("place") == "yes" else {}
    answer = await visitor.write("POST", "directory", f"{IMPORTS}/{job.id}/start", body)
    _only_theirs(answer.status)
    if answer.status < 400:
        return ""
    return fault_of(answer) if answer.status == 422 else problem_of(answer)


async def refused_lines(visitor: Visitor, job_id: UUID) -> AsyncIterator[list[list[object]]]:
    """All rows that were left out, with why, a page at a time. Raises NotThere, Unanswered."""
    cursor: str | None = None
    while True:
        asked: dict[str, str | int | None] = {"outcome": "left_out", "limit": 100, "cursor": cursor}
        read = await visitor.shaped(Lines, "directory", f"{IMPORTS}/{job_id}/rows", **asked)
        yield [[each.number, each.source_id, each.name, each.why, each.detail] for each in read.items]
        cursor = read.next
        if cursor is None:
            return


async def _middle(towns: Towns, job: Job, visitor: Visitor) -> dict[str, float] | None:
    """Of the shops of the town that are known; None where none is."""
    shops = (await towns.overview(job.city_id, visitor.language)).shops
    if not shops:
        return None
    longitude, latitude = (sum(getattr(each, axis) for each in shops) for axis in ("longitude", "latitude"))
    return {"longitude": longitude / len(shops), "latitude": latitude / len(shops)}


def _only_theirs(status: int) -> None:
    if status in (401, 403, 404):
        raise NotThere(f"directory: HTTP {status}")

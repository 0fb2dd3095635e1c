"""Import of a map extract over HTTP."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

import msgspec
from fastapi import APIRouter, Query, Request, Response

from chassis.access import Access, may
from chassis.http import Db, Now, Shown
from chassis.identity import Role
from services.directory.imports.kinds import Reason
from services.directory.imports.plan import Line, Outcome, Plan
from services.directory.imports.use_case import import_extract

router = APIRouter(prefix="/api/v1", tags=["imports"])

MOST_BYTES = 20 * 1024 * 1024
_GEOJSON = {
    "requestBody": {
        "required": True,
        "description": "A GeoJSON FeatureCollection with OpenStreetMap tags as properties, up to 20 MiB.",
        "content": {
            media: {"schema": {"type": "object"}} for media in ("application/geo+json", "application/json")
        },
    }
}


class LineShown(Shown):
    """What became of one feature."""

    index: int
    outcome: Outcome
    osm_id: str | None
    name: str | None
    merchant_id: UUID | None
    reason: Reason | None
    detail: str | None
    notes: list[str]


class Report(Shown):
    """What an import did, or, in a dry run, would do."""

    city_id: UUID
    dry_run: bool
    totals: dict[str, int]
    reasons: dict[str, int]
    may_have_closed: int
    """Merchants that the map has no more, or as empty: left to a person (`/cities/{city_id}/closures`)."""
    items: list[LineShown]


@router.post(
    "/cities/{city_id}/imports", response_model=Report, openapi_extra=_GEOJSON, max_body_size=MOST_BYTES
)
async def import_merchants(
    *,
    city_id: UUID,
    request: Request,
    who: Annotated[Access, may(Role.city_officer, Role.operator)],
    db: Db,
    now: Now,
    dry_run: Annotated[bool, Query(description="Report only; write nothing.")] = False,
    is_complete: Annotated[
        bool, Query(description="It has all merchants of the city: what it lacks may have closed.")
    ] = False,
) -> Response:
    """Merchants from an OpenStreetMap extract (the city's officers, operator).

    Needs no Idempotency-Key: importing the same file twice changes nothing.
    """
    who.within(city_id=city_id)
    body = await request.body()
    plan = await import_extract(
        db, city_id, body, by=who.person_id, at=now(), dry_run=dry_run, is_complete=is_complete
    )
    return _report(city_id, plan, dry_run=dry_run)


def _report(city_id: UUID, plan: Plan, *, dry_run: bool) -> Response:
    """Encoded straight from the plan: to validate twenty thousand lines takes longer than to read them."""
    lines = [_without_id(line) for line in plan.lines] if dry_run else plan.lines
    report = {
        "city_id": city_id,
        "dry_run": dry_run,
        "totals": plan.totals(),
        "reasons": plan.reasons(),
        "may_have_closed": len(plan.gone),
        "items": lines,
    }
    return Response(msgspec.json.encode(report), media_type="application/json")


def _without_id(line: Line) -> Line:
    """A merchant that a dry run would list has no id yet."""
    return replace(line, merchant_id=None) if line.outcome is Outcome.LISTED else line

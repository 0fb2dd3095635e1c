"""What becomes of some rows: which merchants are new, which change, and the report."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from chassis.ids import new_id
from services.directory.cities.country import is_in_belgium
from services.directory.cities.domain import Districts
from services.directory.imports.given import Given, Rejected, Row, Why
from services.directory.imports.placing import Gazetteer
from services.directory.imports.plan import Outcome
from services.directory.merchants.details import Details
from services.directory.merchants.domain import Merchant
from services.directory.merchants.objection import Objection, keeps_out


@dataclass(frozen=True)
class Line:
    """One row in the report."""

    number: int
    outcome: Outcome
    source_id: str | None
    name: str | None
    merchant_id: UUID | None = None
    why: StrEnum | None = None
    detail: str | None = None
    notes: tuple[str, ...] = ()


@dataclass
class Steps:
    """What some rows of a file write."""

    listed: list[Merchant] = field(default_factory=list)
    updated: list[Merchant] = field(default_factory=list)
    source_only: list[Merchant] = field(default_factory=list)
    confirmed: list[UUID] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class Ground:
    """What rows are compared with. `known` are the merchants of this source, by their id there."""

    city_id: UUID
    source: str
    known: Mapping[str, Merchant]
    seen: Set[str]
    """Ids that earlier rows of the same file had."""
    districts: Districts
    gazetteer: Gazetteer
    today: date
    objections: Sequence[Objection] = ()


def plan(rows: Sequence[Row], ground: Ground) -> Steps:
    """The steps for rows in the order of the file."""
    steps, seen = Steps(), set(ground.seen)
    for row in rows:
        existing = ground.known.get(row.source_id or "")
        if isinstance(row, Rejected):
            _leave_out(steps, row, existing, ground)
        elif row.source_id in seen:
            _leave_out(
                steps, _rejected(row, Why.SAME_ID_TWICE, "an earlier row has this id"), existing, ground
            )
        else:
            seen.add(row.source_id)
            _take(steps, row, existing, ground)
    return steps


def _take(steps: Steps, shop: Given, existing: Merchant | None, ground: Ground) -> None:
    if existing is not None and not existing.is_public:
        # Who closed, objected, or was merged does not come back because a list still has them.
        why = Why.CLOSED_HERE if existing.closed else Why.DELISTED_HERE
        _leave_out(steps, _rejected(shop, why, f"{existing.status} in this directory"), existing, ground)
        return
    if shop.place is not None and not is_in_belgium(*shop.place):
        detail = "its coordinates lie outside of Belgium: are they swapped?"
        _leave_out(steps, _rejected(shop, Why.INVALID_PLACE, detail), existing, ground)
        return
    if existing is not None and shop.place is None:
        # Found once, it stays there: another shop of its street must not move it.
        was = existing.source_details
        shop = replace(shop, place=(was.longitude, was.latitude))
    place, note = ground.gazetteer.place(shop)
    if place is None:
        _leave_out(
            steps, _rejected(shop, Why.NO_PLACE, "neither coordinates nor a known street"), existing, ground
        )
        return
    shop = shop if note is None else replace(shop, notes=(*shop.notes, note))
    details = shop.details(place)
    if existing is None and keeps_out(ground.objections, details):
        _leave_out(steps, _rejected(shop, Why.OBJECTED_HERE, "objected to being listed"), None, ground)
    elif existing is None:
        made = _new(shop, details, ground)
        steps.listed.append(made)
        steps.lines.append(_line(shop, Outcome.LISTED, made))
    else:
        _compare(steps, shop, existing, details, ground)


def _new(shop: Given, details: Details, ground: Ground) -> Merchant:
    districts = ground.districts.around(details.longitude, details.latitude)
    return Merchant(
        id=new_id(),
        city_id=ground.city_id,
        version=1,
        details=details,
        district_ids=districts,
        source=ground.source,
        source_id=shop.source_id,
        source_details=details,
        checked_on=ground.today,
    )


def _compare(steps: Steps, shop: Given, existing: Merchant, details: Details, ground: Ground) -> None:
    merged, kept = existing.mapped(details)
    revised = existing.revised(merged, ground.districts)
    if revised is not None:
        steps.updated.append(replace(revised, source_details=details, checked_on=ground.today))
    else:
        steps.confirmed.append(existing.id)
        if details != existing.source_details:
            steps.source_only.append(replace(existing, source_details=details))
    outcome = Outcome.UNCHANGED if revised is None else Outcome.UPDATED
    notes = (f"{name}_kept_as_changed_here" for name in kept)
    steps.lines.append(_line(replace(shop, notes=(*shop.notes, *notes)), outcome, existing))


def _rejected(shop: Given, why: Why, detail: str) -> Rejected:
    return Rejected(shop.number, shop.source_id, shop.label, why, detail)


def _leave_out(steps: Steps, row: Rejected, existing: Merchant | None, ground: Ground) -> None:
    known = existing.id if existing else None
    # A report is kept: it names nobody who objected, which the row's number and id still find in the file.
    objected = row.why is Why.OBJECTED_HERE or any(each.merchant_id == known for each in ground.objections)
    label = None if objected else row.label
    steps.lines.append(Line(row.number, Outcome.LEFT_OUT, row.source_id, label, known, row.why, row.detail))


def _line(shop: Given, outcome: Outcome, merchant: Merchant) -> Line:
    return Line(shop.number, outcome, shop.source_id, shop.label, merchant.id, notes=shop.notes)

"""What an import will do: which merchants are new, which change, and the report of every feature."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from chassis.ids import new_id
from services.directory.cities.domain import Districts
from services.directory.imports.domain import LeftOut, Listable
from services.directory.imports.domain import Outcome as Read
from services.directory.imports.kinds import Reason
from services.directory.imports.redrawing import by_name, gone, redrawn, twins_of
from services.directory.merchants.domain import BY_HAND, Merchant
from services.directory.merchants.objection import Objection, keeps_out

SOURCE = "osm"


class Outcome(StrEnum):
    """What became of a feature."""

    LISTED = "listed"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    LEFT_OUT = "left_out"


@dataclass(frozen=True)
class Line:
    """One feature in the report."""

    index: int
    outcome: Outcome
    osm_id: str | None
    name: str | None
    merchant_id: UUID | None = None
    """Known where the merchant is in the directory (for one left out too: it may have to be closed)."""
    reason: Reason | None = None
    detail: str | None = None
    notes: tuple[str, ...] = ()


@dataclass
class Plan:
    """Everything one import writes, and its report in the order of the file."""

    listed: list[Merchant] = field(default_factory=list)
    updated: list[Merchant] = field(default_factory=list)
    source_only: list[Merchant] = field(default_factory=list)
    """The source says something else, but what the public sees stays: noted without version or event."""
    confirmed: list[UUID] = field(default_factory=list)
    """Still there and as they were."""
    gone: list[UUID] = field(default_factory=list)
    """The map has them no more, or as empty: whether they closed is left to a person."""
    found: list[UUID] = field(default_factory=list)
    """The map has them, whatever became of them here."""
    lines: list[Line] = field(default_factory=list)

    def totals(self) -> dict[str, int]:
        """Features, and how many had each outcome."""
        counted = Counter(line.outcome for line in self.lines)
        return {"features": len(self.lines), **{outcome: counted[outcome] for outcome in Outcome}}

    def reasons(self) -> dict[str, int]:
        """How many features were left out for each reason."""
        return dict(sorted(Counter(line.reason for line in self.lines if line.reason).items()))


@dataclass(frozen=True)
class Present:
    """What the city has when an import begins."""

    merchants: Sequence[Merchant]
    districts: Districts
    objections: Sequence[Objection] = ()


def plan_import(
    city_id: UUID, read: Sequence[Read], present: Present, today: date, *, is_complete: bool = False
) -> Plan:
    """The plan for features that were read on `today`, beside what the city has.

    `is_complete` says that the extract has all merchants of the city, so that the others may have closed.
    """
    mapped = [each for each in present.merchants if each.source == SOURCE]
    moved = redrawn(read, mapped)
    by_source_id = {each.source_id: each for each in mapped} | moved
    # What other sources list is none of it: a shop that lists share is found as a duplicate, for a person.
    by_hand = by_name(each for each in present.merchants if each.source == BY_HAND and each.is_public)
    plan = Plan(gone=gone(read, mapped, moved, is_complete=is_complete))
    for outcome in read:
        existing = by_source_id.get(outcome.osm_id or "")
        if isinstance(outcome, LeftOut):
            plan.lines.append(_left_out(outcome, existing))
        elif existing is not None:
            plan.found.append(existing.id)
            _compare(plan, existing, outcome, present, today, is_moved=outcome.osm_id in moved)
        elif keeps_out(present.objections, outcome.details):
            unnamed = replace(outcome, label=None)  # as in every report: nobody who objected is named
            plan.lines.append(_refused(unnamed, Reason.OBJECTED_HERE, "objected to being listed", None))
        elif twin := next(twins_of(outcome.details, by_hand), None):
            plan.lines.append(_refused(outcome, Reason.LISTED_BY_HAND, "an officer has listed it", twin))
        else:
            _list_new(plan, city_id, outcome, present.districts, today)
    return plan


def _refused(shop: Listable, reason: Reason, detail: str, existing: Merchant | None) -> Line:
    return _left_out(LeftOut(shop.index, shop.osm_id, shop.label, reason, detail), existing)


def _left_out(outcome: LeftOut, existing: Merchant | None) -> Line:
    return Line(
        outcome.index,
        Outcome.LEFT_OUT,
        outcome.osm_id,
        outcome.label,
        merchant_id=existing.id if existing else None,
        reason=outcome.reason,
        detail=outcome.detail,
    )


def _list_new(plan: Plan, city_id: UUID, shop: Listable, districts: Districts, today: date) -> None:
    plan.listed.append(
        Merchant(
            id=new_id(),
            city_id=city_id,
            version=1,
            details=shop.details,
            district_ids=districts.around(shop.details.longitude, shop.details.latitude),
            source=SOURCE,
            source_id=shop.osm_id,
            source_details=shop.details,
            checked_on=today,
        )
    )
    plan.lines.append(_line(shop, Outcome.LISTED, plan.listed[-1]))


def _compare(
    plan: Plan, existing: Merchant, shop: Listable, present: Present, today: date, *, is_moved: bool
) -> None:
    if not existing.is_public:
        # Who closed, or is not to be listed, does not come back because a map still shows them.
        reason = Reason.CLOSED_HERE if existing.closed else Reason.DELISTED_HERE
        detail = f"{existing.status} in this directory, not on the map"
        plan.lines.append(_refused(shop, reason, detail, existing))
        return
    details, kept = existing.mapped(shop.details)
    revised = existing.revised(details, present.districts)
    notes = (*(f"{name}_kept_as_changed_here" for name in kept), *(("redrawn",) if is_moved else ()))
    if revised is not None:
        plan.updated.append(replace(revised, source_details=shop.details, checked_on=today))
    else:
        plan.confirmed.append(existing.id)
        if is_moved or shop.details != existing.source_details:
            plan.source_only.append(replace(existing, source_details=shop.details))
    outcome = Outcome.UNCHANGED if revised is None else Outcome.UPDATED
    plan.lines.append(_line(shop, outcome, existing, notes))


def _line(shop: Listable, outcome: Outcome, merchant: Merchant, notes: tuple[str, ...] = ()) -> Line:
    return Line(
        shop.index, outcome, shop.osm_id, shop.label, merchant_id=merchant.id, notes=(*shop.notes, *notes)
    )

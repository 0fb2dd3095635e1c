"""Who asked for a training or a visit and may be contacted: read as it is at this moment.

There is no list that is kept: whoever withdrew the consent, was erased or closed is on it no more with the
same commit. Names and addresses are the directory's, which is asked when the list is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, String, Uuid, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.as_service import AsService, Unreachable, object_of
from services.assessment.advice.domain.entries import Dimension
from services.assessment.requests.use_cases import OPEN, CallOutcome

PURPOSE = "call_list"
"""What the directory gives this service addresses for, and logs with each look-up."""
LOOKED_UP_AT_ONCE = 500
"""No more than the directory answers."""


@dataclass(frozen=True)
class Wanted:
    """Which of those who asked; None does not restrict."""

    city_id: UUID
    district: UUID | None = None
    wish: str | None = None
    language: str | None = None
    dimension: Dimension | None = None
    """The weakest in the shop's latest assessment."""
    due_on: date | None = None
    """Without those with whom a later day was agreed."""


@dataclass(frozen=True)
class Weakness:
    dimension: str
    score: int


@dataclass(frozen=True)
class Call:
    """The latest about a request."""

    outcome: CallOutcome
    at: datetime
    next_on: date | None
    """To call again, or of the visit."""


@dataclass(frozen=True)
class Asker:
    """One request to be called about."""

    id: UUID
    merchant_id: UUID
    wish: str
    language: str
    requested_at: datetime
    district_ids: Sequence[UUID]
    weak: Weakness | None
    """None for a shop without an assessment."""
    call: Call | None


WEAK = """
      LEFT JOIN LATERAL (
        SELECT a.dimensions FROM assessments a
         WHERE a.merchant_id = r.merchant_id
           AND NOT EXISTS (SELECT FROM assessments newer WHERE newer.corrects = a.id)
         ORDER BY a.completed_at DESC, a.id DESC LIMIT 1) latest ON true
      LEFT JOIN LATERAL (
        SELECT key AS dimension, CAST(value AS integer) AS score FROM jsonb_each_text(latest.dimensions)
         ORDER BY 2, 1 LIMIT 1) weak ON true
"""
"""Of the shop of a request `r`, `weak.dimension`: the one with the lowest score in its latest assessment.

The latest by when it was answered; one that was corrected has a later one in its place.
"""
_ASKERS = text(  # our own words alone are put together
    f"""
    SELECT r.id, r.merchant_id, r.wish, r.language, r.requested_at,
           r.called_at, r.call_outcome, r.call_next_on,
           coalesce(p.district_ids, '{{}}') AS district_ids, weak.dimension, weak.score
      FROM training_requests r
      JOIN merchants m ON m.merchant_id = r.merchant_id AND m.closed_version <= m.listed_version
      LEFT JOIN merchant_places p ON p.merchant_id = r.merchant_id
      {WEAK}
     WHERE r.city_id = :city_id AND {OPEN}
       AND (:after IS NULL OR r.id > :after)
       AND (:district IS NULL OR :district = ANY(p.district_ids))
       AND (:wish IS NULL OR r.wish = :wish)
       AND (:language IS NULL OR r.language = :language)
       AND (:dimension IS NULL OR weak.dimension = :dimension)
       AND (:due_on IS NULL OR r.call_next_on IS NULL OR r.call_next_on <= :due_on)
     ORDER BY r.id LIMIT :most
"""  # noqa: S608
).bindparams(
    *(bindparam(name, type_=Uuid) for name in ("city_id", "after", "district")),
    *(bindparam(name, type_=String) for name in ("wish", "language", "dimension")),
    bindparam("due_on", type_=Date),
)


async def askers(
    connection: AsyncConnection, wanted: Wanted, most: int, after: UUID | None = None
) -> list[Asker]:
    """The first of them behind `after`, who asked first first."""
    asked = {**vars(wanted), "after": after, "most": most}
    return [_asker(row) for row in (await connection.execute(_ASKERS, asked)).mappings()]


def _asker(row: Mapping[Any, Any]) -> Asker:
    weak = Weakness(row["dimension"], row["score"]) if row["dimension"] is not None else None
    known = {name: row[name] for name in ("id", "merchant_id", "wish", "language", "requested_at")}
    outcome, at = row["call_outcome"], row["called_at"]
    call = Call(CallOutcome(outcome), at, row["call_next_on"]) if outcome is not None else None
    return Asker(**known, district_ids=row["district_ids"], weak=weak, call=call)


@dataclass(frozen=True)
class Contact:
    """Whom to call, as the directory says at this moment. Kept nowhere."""

    merchant_name: str
    person_name: str | None
    email: str
    language: str
    phone: str | None
    address: Mapping[str, str]


class Contacts:
    """The directory's contact look-up, for a call list."""

    def __init__(self, directory: AsService) -> None:
        self._directory = directory

    async def of(self, merchants: Sequence[UUID], *, shown_to: UUID) -> dict[UUID, list[Contact]]:
        """All owners of those that have one. Raises Unreachable."""
        ids = sorted({str(merchant) for merchant in merchants})
        found: dict[UUID, list[Contact]] = {}
        for start in range(0, len(ids), LOOKED_UP_AT_ONCE):
            some = ids[start : start + LOOKED_UP_AT_ONCE]
            body = {"purpose": PURPOSE, "merchant_ids": some, "shown_to": str(shown_to)}
            said = object_of(await self._directory.post("/api/v1/people/contacts", body))
            try:
                for item in said["items"]:
                    found.setdefault(UUID(item["merchant_id"]), []).append(_contact(item))
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise Unreachable("the directory's contacts cannot be read") from error
        return found


def _contact(item: Mapping[str, Any]) -> Contact:
    return Contact(
        merchant_name=str(item["merchant_name"]),
        person_name=item.get("person_name"),
        email=str(item["email"]),
        language=str(item["language"]),
        phone=item.get("phone"),
        address={name: str(value) for name, value in item.get("address", {}).items() if value},
    )

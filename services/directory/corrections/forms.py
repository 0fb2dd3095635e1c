"""Corrections as they are written and read over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field as Described
from pydantic import StringConstraints, model_validator

from chassis.http import Body, LongText, ShortText, Shown
from chassis.problems import invalid
from services.directory.corrections.domain import DETAILS, Correction, Field, Reason, State
from services.directory.merchants.details import Details
from services.directory.merchants.forms import Hours, Latitude, Line, Longitude, Phone, Website

Note = Annotated[LongText, StringConstraints(min_length=1, max_length=500)]
Seen = dict[
    Literal["name", "street", "house_number", "postcode", "place", "opening_hours", "website", "phone"],
    Annotated[LongText, Described(max_length=1_000)] | None,
]


class SuggestedDetails(Body):
    """Details as they should be; null where there is none."""

    name: ShortText | None = None
    street: Line | None = None
    house_number: Line | None = None
    postcode: Line | None = None
    place: Line | None = None
    opening_hours: Hours | None = None
    website: Website | None = None
    phone: Phone | None = None
    longitude: Longitude | None = None
    latitude: Latitude | None = None
    duplicate_of: UUID | None = None
    """Of `duplicate`: the merchant that it is listed as, too."""


class Suggest(Body):
    """What is wrong, how it should be, and what one saw."""

    field: Field
    suggested: SuggestedDetails = SuggestedDetails()
    seen: Seen = Described(default_factory=dict)
    """The same details as they were shown; what is not said was not there."""
    note: Note | None = None
    """By what one can see that it is so."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        """Names what is missing or does not belong to the field."""
        sent = self.suggested.model_fields_set - {"duplicate_of"}
        if others := sorted((sent | self.seen.keys()) - DETAILS[self.field]):
            raise ValueError(f"{self.field.value} is not about {', '.join(others)}")
        if DETAILS[self.field] and not sent:
            raise ValueError(f"say what is right: {', '.join(sorted(DETAILS[self.field]))}")
        if (self.suggested.longitude is None) != (self.suggested.latitude is None):
            raise ValueError("a place has both a longitude and a latitude")
        if (self.field is Field.DUPLICATE) != (self.suggested.duplicate_of is not None):
            raise ValueError("say duplicate_of for a duplicate, and for nothing else")
        if self.field is Field.NAME and not self.suggested.name:
            raise ValueError("a merchant has a name")
        return self

    def values(self) -> dict[str, Any]:
        """What is suggested, as details have it."""
        return self.suggested.model_dump(exclude_unset=True, exclude={"duplicate_of"})

    def as_seen(self, details: Details) -> dict[str, Any]:
        """What its author saw; a place is not shown to be read, and taken as it is."""
        place = {"longitude": details.longitude, "latitude": details.latitude}
        said: Mapping[str, Any] = {str(name): value for name, value in self.seen.items()}
        return {name: place.get(name, said.get(name)) for name in self.values()}


class Accept(Body):
    """That it is so."""

    anyway: bool = False
    """Said where the shop was changed meanwhile, and the suggestion is right all the same."""
    longitude: Longitude | None = None
    latitude: Latitude | None = None
    """Where a shop that moved is now."""

    def where(self) -> dict[str, float]:
        """Raises 422 for half of a place."""
        if self.longitude is None and self.latitude is None:
            return {}
        if self.longitude is None or self.latitude is None:
            raise invalid("longitude", "a place has both a longitude and a latitude")
        return {"longitude": self.longitude, "latitude": self.latitude}


class Refuse(Body):
    reason: Reason


class CorrectionShown(Shown):
    """A correction as those who decide see it. Who suggested it they do not."""

    id: UUID
    city_id: UUID
    merchant_id: UUID
    field: Field
    suggested: dict[str, Any]
    seen: dict[str, Any]
    """What its author saw."""
    now: dict[str, Any]
    """What the directory says at present."""
    changed_meanwhile: bool
    duplicate_of: UUID | None
    note: str | None
    suggested_at: datetime
    state: State
    reason: Reason | None
    decided_at: datetime | None
    reverted_at: datetime | None


class OwnCorrectionShown(Shown):
    """One's own."""

    id: UUID
    receipt_id: UUID
    """For its author alone: a campaign that gives points for corrections is told by it that it is theirs."""
    merchant_id: UUID
    field: Field
    suggested: dict[str, Any]
    duplicate_of: UUID | None
    note: str | None
    suggested_at: datetime
    state: State
    reason: Reason | None
    decided_at: datetime | None
    reverted_at: datetime | None


def own_shown(correction: Correction) -> OwnCorrectionShown:
    """For its author."""
    return OwnCorrectionShown(**{name: getattr(correction, name) for name in OwnCorrectionShown.model_fields})


def shown(correction: Correction, details: Details) -> CorrectionShown:
    """For whoever decides, beside what the shop says now."""
    beside: dict[str, Any] = {
        "now": {name: getattr(details, name) for name in correction.suggested},
        "changed_meanwhile": correction.state is State.OPEN and correction.changed_meanwhile(details),
    }
    known: dict[str, Any] = {
        name: getattr(correction, name) for name in CorrectionShown.model_fields.keys() - beside.keys()
    }
    return CorrectionShown(**known, **beside)

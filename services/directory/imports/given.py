"""What a row of a source says of one establishment, whatever the source's form."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from services.directory.imports.geometry import Position
from services.directory.merchants import details as cleaned
from services.directory.merchants.details import Details

LIMITS = {
    "name": cleaned.NAME_LIMIT,
    "street": cleaned.ADDRESS_LIMIT,
    "house_number": cleaned.ADDRESS_LIMIT,
    "postcode": cleaned.ADDRESS_LIMIT,
    "place": cleaned.ADDRESS_LIMIT,
    "opening_hours": cleaned.HOURS_LIMIT,
}


MOST_OF_A_NAME = 80
"""Of characters, in a report."""


class Why(StrEnum):
    """Why a row is left out: stable codes that a report's reader can count by."""

    WRONG_NUMBER_OF_CELLS = "wrong_number_of_cells"
    NOTHING_TO_RECOGNISE_IT_BY = "nothing_to_recognise_it_by"
    SAME_ID_TWICE = "same_id_twice"
    NOT_A_MERCHANT = "not_a_merchant"
    INVALID_PLACE = "invalid_place"
    NO_PLACE = "no_place"
    CLOSED_HERE = "closed_here"
    DELISTED_HERE = "delisted_here"
    OBJECTED_HERE = "objected_here"


@dataclass(frozen=True)
class Given:
    """A row that is a merchant. `place` is None where the source does not say where on earth it is."""

    number: int
    source_id: str
    kind: str
    texts: Mapping[str, str | None]
    place: Position | None
    notes: tuple[str, ...] = ()

    @property
    def label(self) -> str | None:
        """What a person recognises it by in a report."""
        name = self.texts.get("name")
        return name[:MOST_OF_A_NAME] if name else None

    def details(self, place: Position) -> Details:
        """As the directory keeps them, at a place."""
        texts: dict[str, Any] = {**self.texts}
        return Details(kind=self.kind, longitude=place[0], latitude=place[1], **texts)


@dataclass(frozen=True)
class Rejected:
    """A row that is none, and why."""

    number: int
    source_id: str | None
    label: str | None
    why: Why
    detail: str


Row = Given | Rejected


def shortened(texts: Mapping[str, str | None]) -> tuple[dict[str, str | None], list[str]]:
    """Texts cut to what a page can show; each cut is noted."""
    cut = dict(texts)
    notes = []
    for field, limit in LIMITS.items():
        value = cut.get(field)
        if value is not None and len(value) > limit:
            cut[field] = value[:limit].rstrip()
            notes.append(f"{field}_shortened")
    return cut, notes

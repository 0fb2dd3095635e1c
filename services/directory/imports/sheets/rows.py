"""What the rows of a sheet say, one by one."""

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.directory.imports.geometry import Position
from services.directory.imports.given import MOST_OF_A_NAME, Given, Rejected, Row, Why, shortened
from services.directory.imports.sheets.reading import Form, rows_of
from services.directory.merchants import details as cleaned
from services.directory.merchants.details import plain_text
from services.directory.search.folding import folded
from services.directory.search.kind_words import kind_called

LONGEST_ID = 100
_TEXTS = ("name", "street", "house_number", "postcode", "place", "opening_hours")
_RECOGNISED_BY = ("name", "street", "house_number", "postcode", "place")


@dataclass(frozen=True)
class Sheet:
    """A file, how it is written, which column holds what, and the kind of a shop whose row says none."""

    path: Path
    form: Form
    mapping: Mapping[str, int]
    kind: str

    def rows(self) -> Iterator[Row]:
        """One per row below the headings, numbered from 1. Raises NoSheet."""
        for number, cells in enumerate(rows_of(self.path, self.form), start=1):
            yield self._row(number, cells)

    def _row(self, number: int, cells: Sequence[str]) -> Row:
        width = len(self.form.headings)
        # A last delimiter too many or too few is an exporter's habit; anything else shifts every column.
        if any(cell.strip() for cell in cells[width:]):
            detail = f"{len(cells)} instead of {width}"
            return _rejected(number, None, None, Why.WRONG_NUMBER_OF_CELLS, detail)
        read = _Cells(cells, self.mapping)
        texts, notes = _texts(read)
        name = texts["name"]
        given_id = read.text("id")
        source_id = given_id or _made_id(texts)
        if source_id is None or len(source_id) > LONGEST_ID:
            detail = "no usable id, and neither name nor street"
            return _rejected(number, None, name, Why.NOTHING_TO_RECOGNISE_IT_BY, detail)
        if given_id is None:
            notes.append("id_from_name_and_address")
        try:
            place = read.place()
        except ValueError as error:
            return _rejected(number, source_id, name, Why.INVALID_PLACE, str(error))
        kind, said = self._kind(read.text("kind"))
        return Given(
            number, source_id, kind, texts, place, tuple(dict.fromkeys([*notes, *said, *read.notes]))
        )

    def _kind(self, called: str | None) -> tuple[str, list[str]]:
        if called is None:
            return self.kind, []
        if cleaned.is_kind(called.lower()):
            return called.lower(), []
        known = kind_called(called)
        return (known, []) if known is not None else (self.kind, ["kind_not_known"])


class _Cells:
    """The cells of one row by field, cleaned."""

    def __init__(self, cells: Sequence[str], mapping: Mapping[str, int]) -> None:
        self._cells = cells
        self._mapping = mapping
        self.notes: list[str] = []

    def text(self, field: str) -> str | None:
        column = self._mapping.get(field)
        if column is None or column >= len(self._cells):
            return None
        text = plain_text(self._cells[column])
        if text is not None and text.startswith("="):
            # A formula: whoever opens an export of ours in a spreadsheet must not run it.
            self.notes.append("formula_ignored")
            return None
        return text

    def place(self) -> Position | None:
        """Raises ValueError for numbers that are no place."""
        given = self.text("longitude"), self.text("latitude")
        if given[0] is None or given[1] is None:
            return None
        longitude, latitude = (_degrees(each) for each in given if each is not None)
        if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
            raise ValueError(f"{longitude:g} {latitude:g} is no place on earth")
        return round(longitude, 7), round(latitude, 7)


def _texts(read: _Cells) -> tuple[dict[str, str | None], list[str]]:
    texts, notes = shortened({field: read.text(field) for field in _TEXTS})
    for field, usable in (("phone", cleaned.phone_number), ("website", cleaned.web_address)):
        given = read.text(field)
        texts[field] = usable(given)
        if given is not None and texts[field] is None:
            notes.append(f"{field}_not_usable")
    return texts, notes


def _degrees(text: str) -> float:
    """Also with a decimal comma. Raises ValueError."""
    if len(text) > 30:
        raise ValueError("is no number of degrees")
    try:
        degrees = float(text.replace(" ", "").replace(",", "."))
    except ValueError:
        raise ValueError(f"{text} is no number of degrees") from None
    if not math.isfinite(degrees):
        raise ValueError(f"{text} is no number of degrees")
    return degrees


def _made_id(texts: Mapping[str, str | None]) -> str | None:
    """The same for the same name and address, however they are written; None where there is neither."""
    if not texts["name"] and not texts["street"]:
        return None
    said = "|".join(folded(texts[field] or "") for field in _RECOGNISED_BY)
    return f"made-{hashlib.sha256(said.encode()).hexdigest()[:24]}"


def _rejected(number: int, source_id: str | None, name: str | None, why: Why, detail: str) -> Rejected:
    return Rejected(number, source_id, name[:MOST_OF_A_NAME] if name else None, why, detail[:200])

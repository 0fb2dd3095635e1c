"""A report's texts, and the region's published figures, in four languages. A missing one stops the start."""

from pathlib import Path
from typing import Annotated, TypeVar

import msgspec.yaml
from msgspec import Meta

from services.assessment.questionnaires.domain.questions import Part, Points, Text, Words

T = TypeVar("T")
FOLDER = Path(__file__).parent
COLUMNS = ("section", "key", "text", "count", "percent", "mean")
"""Of the CSV file."""


class ReportWords(Part, frozen=True):
    title: Text
    period: Text
    always: Text
    session: Text
    cities: Text
    form: Text
    participants: Text
    sessions: Text
    mean: Text
    share_50_or_more: Text
    share_above_70: Text
    asked_for_training: Text
    distribution: Text
    score: Text
    dimensions: Text
    dimension: Text
    answered: Text
    recommendations: Text
    recommendation: Text
    wishes: Text
    wish: Text
    kinds: Text
    kind: Text
    other_kinds: Text
    regional: Text
    year: Text
    this_report: Text
    count: Text
    percent: Text
    source: Text
    nothing: Text
    left_out: Text
    small_units: Text
    open_units: Text
    other_editions: Text
    over: Text
    rule: Text
    landmark: Text
    columns: dict[str, Text]

    def said(self, word: str, language: str) -> str:
        """The text of that name."""
        text: Text = getattr(self, word)
        return text.into(language)


class YearsMean(Part, frozen=True):
    year: Annotated[int, Meta(ge=2000, le=2100)]
    mean: Points


class Regional(Part, frozen=True):
    """A series that somebody else published."""

    region: Text
    title: Text
    source: Words
    means: Annotated[tuple[YearsMean, ...], Meta(min_length=1)]


def load(file: Path = FOLDER / "words.yaml") -> ReportWords:
    """Raises ValueError, which names file and field."""
    words = _read(file, ReportWords)
    if missing := {*COLUMNS} - {*words.columns}:
        raise ValueError(f"{file.name}: $.columns: no words for {min(missing)!r}")
    return words


def load_regional(file: Path = FOLDER / "regional.yaml") -> tuple[Regional, ...]:
    """Raises ValueError, which names file and field."""
    return _read(file, tuple[Regional, ...])


def _read(file: Path, kind: type[T]) -> T:
    try:
        return msgspec.yaml.decode(file.read_bytes(), type=kind)
    except msgspec.DecodeError as error:
        raise ValueError(f"{file.name}: {error}") from error

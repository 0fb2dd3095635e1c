"""What the fields and rules of the advice are called, in four languages; a missing word stops the start."""

from pathlib import Path
from typing import get_args

import msgspec.yaml

from services.assessment.advice.domain.entries import Cost, DataKept, Freshness, Skill
from services.assessment.advice.domain.plan import Reason
from services.assessment.questionnaires.domain.questions import Part, Text

FILE = Path(__file__).parent / "words.yaml"
FIELDS = (
    "good_for",
    "not_for",
    "for_whom",
    "cost",
    "skill",
    "hours",
    "languages",
    "data_kept",
    "open_source",
    "freshness",
)
"""Of a tool, in the order in which two are compared."""
_WANTED = {
    "reason": get_args(Reason),
    "cost": get_args(Cost),
    "skill": get_args(Skill),
    "data_kept": get_args(DataKept),
    "freshness": get_args(Freshness),
    "open_source": ("yes", "no"),
    "level": ("1", "2", "3"),
    "fields": FIELDS,
}


class PageWords(Part, frozen=True):
    """Of the plan on paper."""

    title: Text
    answered: Text
    date: Text
    """As `strftime` takes it."""
    now: Text
    then: Text
    hours_per_week: Text
    budget: Text
    no_limit: Text
    monday: Text
    weeks: Text
    action: Text
    tool: Text
    points: Text
    hours: Text
    later: Text
    nothing: Text


class AdviceWords(Part, frozen=True):
    """By the value that an entry has."""

    tool_order: Text
    fit_order: Text
    plan_order: Text
    as_if_done: Text
    page: PageWords
    reason: dict[str, Text]
    cost: dict[str, Text]
    skill: dict[str, Text]
    data_kept: dict[str, Text]
    freshness: dict[str, Text]
    open_source: dict[str, Text]
    level: dict[str, Text]
    fields: dict[str, Text]


def load(file: Path = FILE) -> AdviceWords:
    """The words of `file`. Raises ValueError, which names file and field."""
    try:
        words = msgspec.yaml.decode(file.read_bytes(), type=AdviceWords)
    except msgspec.DecodeError as error:
        raise ValueError(f"{file.name}: {error}") from error
    for field, values in _WANTED.items():
        if missing := sorted({*values} - {*getattr(words, field)}):
            raise ValueError(f"{file.name}: $.{field}: no words for {missing[0]!r}")
    return words

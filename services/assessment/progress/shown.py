"""What callers are shown of progress, in their language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal
from uuid import UUID

from msgspec import Struct

from chassis.http import Shown
from services.assessment.advice.catalogue import Catalogue
from services.assessment.assessments.shown import ShownComparison
from services.assessment.progress.domain import LEAST_SHOPS, Changes, mean_change
from services.assessment.progress.many import EVERYBODY
from services.assessment.progress.words import ProgressWords
from services.assessment.questionnaires.catalogue import Catalogue as Questionnaires

DIMENSIONS_OF = "full-assessment"
"""The questionnaire that has all dimensions, and their names."""


class ShownDone(Shown):
    kind: Literal["action", "training", "tool"]
    key: str
    text: str
    done_on: date


class ShownProgress(Shown):
    """What moved since an earlier assessment, and what was declared done in between: no cause and effect."""

    comparison: ShownComparison
    done: list[ShownDone]


class ShownMeanChange(Shown):
    """In points of the score, with its 95 % confidence interval."""

    mean: float
    low: float
    high: float


class ShownGroup(Shown):
    kind: Literal["all", "dimension", "action", "training", "tool"]
    key: str | None
    text: str
    shops: int
    """Five at least."""
    change: ShownMeanChange | None
    """None where there is not enough data."""
    note: str | None


class ShownProgressOfMany(Shown):
    cities: list[UUID]
    language: str
    least_shops: int
    """Below it there is not enough data for an interval."""
    groups: list[ShownGroup]
    """All shops, then by dimension, then by what they declared done: the largest groups first."""
    caution: str


class ProgressInWords(Struct, frozen=True):
    questionnaires: Questionnaires
    catalogue: Catalogue
    words: ProgressWords

    def named(self, kind: str, key: str, language: str) -> str:
        """What it is called; its key where it is not offered any more."""
        if kind == "training" and key in self.catalogue.trainings:
            return self.catalogue.trainings[key].title.into(language)
        if kind == "tool" and key in self.catalogue.tools:
            return self.catalogue.tools[key].name
        if kind == "action":
            every = (step for each in self.questionnaires.every() for step in each.recommendations)
            return next((step.title.into(language) for step in every if step.key == key), key)
        full = self.questionnaires.find(DIMENSIONS_OF)
        dimensions = full.dimensions if full else ()
        return next((each.title.into(language) for each in dimensions if each.key == key), key)

    def done(
        self, kind: Literal["action", "training", "tool"], key: str, day: date, language: str
    ) -> ShownDone:
        return ShownDone(kind=kind, key=key, text=self.named(kind, key, language), done_on=day)

    def of_many(
        self, cities: tuple[UUID, ...], found: Mapping[str, Changes], language: str
    ) -> ShownProgressOfMany:
        """Groups in their order."""
        kinds = (EVERYBODY, "dimension", "action", "training", "tool")
        order = sorted(
            found, key=lambda name: (kinds.index(name.partition(":")[0]), -found[name].shops, name)
        )
        return ShownProgressOfMany(
            cities=[*cities],
            language=language,
            least_shops=LEAST_SHOPS,
            groups=[self._group(name, found[name], language) for name in order],
            caution=self.words.caution.into(language),
        )

    def _group(self, name: str, of: Changes, language: str) -> ShownGroup:
        kind, _, key = name.partition(":")
        change = mean_change(of)
        everybody = self.words.everybody.into(language)
        return ShownGroup.model_validate(
            {
                "kind": kind,
                "key": key or None,
                "text": self.named(kind, key, language) if key else everybody,
                "shops": of.shops,
                "change": ShownMeanChange(mean=change.mean, low=change.low, high=change.high)
                if change
                else None,
                "note": None if change else self.words.not_enough.into(language),
            }
        )

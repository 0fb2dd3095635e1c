"""What a questionnaire is made of. One that is published never changes again."""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from services.assessment.questionnaires.domain.numbers import Number, Scale
from services.assessment.questionnaires.domain.questions import (
    Key,
    MultipleChoice,
    Part,
    Points,
    SingleChoice,
    Text,
)

AnyQuestion: TypeAlias = SingleChoice | MultipleChoice | Scale | Number


class ScoreBand(Part, frozen=True):
    """What a score from `at_least` on means, in words, up to the next band."""

    at_least: Points
    title: Text
    text: Text


Bands = tuple[ScoreBand, ...]
"""From 0 upwards; none where a score is left to speak for itself."""


class Recommendation(Part, frozen=True):
    key: Key
    dimension: Key
    priority: Literal[1, 2, 3]
    """1: free, an hour or two. 2: some evenings of a month. 3: a project of its own."""
    title: Text
    why: Text


class Dimension(Part, frozen=True):
    key: Key
    title: Text
    bands: Bands = ()


class Questionnaire(Part, frozen=True):
    """One published version: what it asks and how it counts never changes again."""

    name: Key
    version: Annotated[int, Meta(ge=1)]
    title: Text
    introduction: Text
    dimensions: Annotated[tuple[Dimension, ...], Meta(min_length=1)]
    questions: Annotated[tuple[AnyQuestion, ...], Meta(min_length=1)]
    recommendations: tuple[Recommendation, ...]
    bands: Bands = ()

    def question(self, key: str) -> AnyQuestion | None:
        return next((question for question in self.questions if question.key == key), None)

    def recommendation(self, key: str) -> Recommendation:
        return next(known for known in self.recommendations if known.key == key)


def band_of(bands: Bands, score: int) -> ScoreBand | None:
    """The band that a score lies in; None where there are none."""
    return next((band for band in reversed(bands) if score >= band.at_least), None)

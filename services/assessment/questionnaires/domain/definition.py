"""What a questionnaire is made of. One that is published never changes again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

FULL = 100
LANGUAGES = ("fr", "nl", "de", "en")

Answers: TypeAlias = Mapping[str, frozenset[str]]
"""The chosen options of each answered question."""


@dataclass(frozen=True)
class Text:
    """The same words in every language; none may be missing."""

    fr: str
    nl: str
    de: str
    en: str

    def into(self, language: str) -> str:
        return str(getattr(self, language))


@dataclass(frozen=True)
class Option:
    key: str
    text: Text
    points: int
    exclusive: bool = False
    """`None of these`: it cannot be ticked together with another."""
    recommends: tuple[str, ...] = ()
    """What choosing it calls for."""
    recommends_without: tuple[str, ...] = ()
    """What answering the question without choosing it calls for."""


@dataclass(frozen=True)
class Condition:
    """The question is shown only after one of these answers to an earlier question."""

    question: str
    any_of: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    key: str
    dimension: str
    kind: Literal["single", "multiple"]
    weight: int
    text: Text
    options: tuple[Option, ...]
    shown_if: Condition | None = None

    def points(self, chosen: frozenset[str]) -> int:
        """What the ticked options bring together, never more than FULL."""
        return min(FULL, sum(option.points for option in self.options if option.key in chosen))

    def recommends(self, chosen: frozenset[str]) -> frozenset[str]:
        """Keys of the recommendations that this answer calls for."""
        return frozenset(
            key
            for option in self.options
            for key in (option.recommends if option.key in chosen else option.recommends_without)
        )


@dataclass(frozen=True)
class Recommendation:
    key: str
    dimension: str
    priority: Literal[1, 2, 3]
    """1: free, an hour or two. 2: some evenings of a month. 3: a project of its own."""
    title: Text
    why: Text


@dataclass(frozen=True)
class Dimension:
    key: str
    title: Text


@dataclass(frozen=True)
class Questionnaire:
    """One published version: what it asks and how it counts never changes again."""

    name: str
    version: int
    title: Text
    introduction: Text
    dimensions: tuple[Dimension, ...]
    questions: tuple[Question, ...]
    recommendations: tuple[Recommendation, ...]

    def question(self, key: str) -> Question | None:
        return next((question for question in self.questions if question.key == key), None)

    def recommendation(self, key: str) -> Recommendation:
        return next(known for known in self.recommendations if known.key == key)

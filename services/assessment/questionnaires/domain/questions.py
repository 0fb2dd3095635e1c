"""The kinds of question: what may be answered to each, what an answer is worth, and what it calls for.

These are the types of the file format too: `schema.json` beside the published files is made of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, ClassVar, Literal, TypeAlias

from msgspec import Meta, Struct

FULL = 100
LANGUAGES = ("fr", "nl", "de", "en")

Key = Annotated[str, Meta(pattern="^[a-z][a-z0-9-]*$", max_length=60)]
Words = Annotated[str, Meta(pattern=r"\S")]
Points = Annotated[int, Meta(ge=0, le=FULL)]
Bound = Annotated[int, Meta(ge=-1_000_000, le=1_000_000)]

EuDimension = Literal[
    "digital-business-strategy",
    "digital-readiness",
    "human-centric-digitalisation",
    "data-management-and-security",
    "automation-and-ai",
    "green-digitalisation",
]
"""The six of the EU's Digital Maturity Assessment for small and medium-sized enterprises."""

Given: TypeAlias = frozenset[str] | int
"""An answer: the chosen options, or the number on a scale or of a count."""
Answers: TypeAlias = Mapping[str, Given]
Raw: TypeAlias = Sequence[str | int]
"""An answer as it was sent; nothing in it means that the question was skipped."""


class InvalidAnswer(ValueError):
    """An answer that cannot be counted. `field` names the question; it is empty for the answers together."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field = field
        self.detail = detail


class Part(Struct, frozen=True, forbid_unknown_fields=True):
    """Of a questionnaire. A misspelt field is refused: passed over, it would change the scoring unseen."""


class Text(Part, frozen=True):
    """The same words in every language; none may be missing."""

    fr: Words
    nl: Words
    de: Words
    en: Words

    def into(self, language: str) -> str:
        return str(getattr(self, language))


class Condition(Part, frozen=True):
    """The question is shown only after one of these answers to an earlier question.

    Of a choice, `any_of` names options; a number or a place on a scale lies within the two bounds.
    """

    question: Key
    any_of: tuple[Key, ...] = ()
    at_least: Bound | None = None
    at_most: Bound | None = None

    def holds(self, given: Given) -> bool:
        if isinstance(given, int):
            above = self.at_least is None or given >= self.at_least
            return above and (self.at_most is None or given <= self.at_most)
        return not given.isdisjoint(self.any_of)


class Question(Part, frozen=True, kw_only=True):
    """What all kinds have. With weight 0 it is asked and not scored."""

    kind: ClassVar[str]

    key: Key
    dimension: Key
    eu: EuDimension | None = None
    """Its place among the EU's dimensions; in a questionnaire, all scored questions have one or none has."""
    weight: Annotated[int, Meta(ge=0, le=100)]
    text: Text
    shown_if: Condition | None = None

    def read(self, raw: Raw) -> Given | None:
        """What was answered; None where the question was skipped. Raises InvalidAnswer."""
        raise NotImplementedError

    def points(self, given: Given) -> int:
        """What the answer is worth, 0 to FULL."""
        raise NotImplementedError

    def calls_for(self, given: Given) -> frozenset[str]:
        """Keys of the recommendations that the answer calls for."""
        raise NotImplementedError

    def recommends_ever(self) -> frozenset[str]:
        """Keys of all recommendations that some answer calls for."""
        raise NotImplementedError

    def best(self) -> int:
        """The points of the best answer."""
        raise NotImplementedError

    def can_be(self, condition: Condition) -> bool:
        """Whether a condition on this question says what it has, and only that."""
        raise NotImplementedError

    def faults(self) -> Iterator[str]:
        """`<field>: <what is wrong>` for what the types alone do not see."""
        raise NotImplementedError


class Option(Part, frozen=True):
    key: Key
    text: Text
    points: Points = 0
    exclusive: bool = False
    """`None of these`: it cannot be ticked together with another."""
    recommends: tuple[Key, ...] = ()
    """What choosing it calls for."""
    recommends_without: tuple[Key, ...] = ()
    """What answering the question without choosing it calls for."""


class Choice(Question, frozen=True, kw_only=True):
    """One or several of some options."""

    options: Annotated[tuple[Option, ...], Meta(min_length=1)]

    def read(self, raw: Raw) -> frozenset[str] | None:
        options = {option.key: option for option in self.options}
        chosen: set[str] = set()
        for each in raw:
            if not isinstance(each, str) or each not in options:
                raise InvalidAnswer(self.key, f"{each!r} is no option; there are {', '.join(options)}")
            chosen.add(each)
        alone = sorted(key for key in chosen if options[key].exclusive)
        if alone and len(chosen) > 1:
            raise InvalidAnswer(self.key, f"{alone[0]!r} cannot be chosen together with another option")
        return frozenset(chosen) or None

    def points(self, given: Given) -> int:
        chosen = _options(given)
        return min(FULL, sum(option.points for option in self.options if option.key in chosen))

    def calls_for(self, given: Given) -> frozenset[str]:
        chosen = _options(given)
        return frozenset(
            key
            for option in self.options
            for key in (option.recommends if option.key in chosen else option.recommends_without)
        )

    def recommends_ever(self) -> frozenset[str]:
        return frozenset(
            key for option in self.options for key in (*option.recommends, *option.recommends_without)
        )

    def can_be(self, condition: Condition) -> bool:
        known = {option.key for option in self.options}
        bounds = (condition.at_least, condition.at_most)
        return bounds == (None, None) and bool(condition.any_of) and known.issuperset(condition.any_of)

    def faults(self) -> Iterator[str]:
        keys = [option.key for option in self.options]
        yield from (f"options: {key!r} is there twice" for key in sorted({*keys}) if keys.count(key) > 1)


class SingleChoice(Choice, frozen=True, kw_only=True, tag_field="kind", tag="single"):
    """One option; its points are the answer's."""

    kind: ClassVar[str] = "single"

    def read(self, raw: Raw) -> frozenset[str] | None:
        if len({*raw}) > 1:
            raise InvalidAnswer(self.key, "takes one option only")
        return super().read(raw)

    def best(self) -> int:
        return max(option.points for option in self.options)


class MultipleChoice(Choice, frozen=True, kw_only=True, tag_field="kind", tag="multiple"):
    """Any number of options; their points together are the answer's, never more than FULL."""

    kind: ClassVar[str] = "multiple"

    def best(self) -> int:
        return min(FULL, sum(option.points for option in self.options if not option.exclusive))


def _options(given: Given) -> frozenset[str]:
    assert isinstance(given, frozenset), "a choice is answered with options"
    return given

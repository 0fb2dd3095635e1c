"""Which questions of two questionnaires, or of two versions, ask the same: over these alone they compare."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta, field

from services.assessment.questionnaires.domain.definition import AnyQuestion, Questionnaire
from services.assessment.questionnaires.domain.numbers import Number, Scale
from services.assessment.questionnaires.domain.questions import Answers, Choice, Given, Key, Part


class Edition(Part, frozen=True):
    """A version of a questionnaire."""

    name: Key
    version: Annotated[int, Meta(ge=1)]


class SameQuestion(Part, frozen=True):
    earlier: Key
    later: Key
    options: dict[Key, Key] = field(default_factory=dict)
    """The later option that says what the earlier one said; without any, both have the same options."""

    def carried(self, given: Given) -> Given:
        """An answer to the earlier question, as the later one has it."""
        if isinstance(given, int) or not self.options:
            return given
        return frozenset(self.options[key] for key in given)


class Mapping(Part, frozen=True):
    """Declared by people who read both: that questions have the same name proves nothing."""

    earlier: Edition
    later: Edition
    questions: Annotated[tuple[SameQuestion, ...], Meta(min_length=1)]

    def carried(self, answers: Answers) -> Answers:
        """Answers to the earlier questionnaire, as far as the later one asks the same."""
        return {
            same.later: same.carried(answers[same.earlier])
            for same in self.questions
            if same.earlier in answers
        }


def mapping_faults(mapping: Mapping, earlier: Questionnaire, later: Questionnaire) -> Iterator[str]:
    """`<field>: <what is wrong>`, with the field as a path from `$`."""
    seen: set[str] = set()
    for place, same in enumerate(mapping.questions):
        path = f"$.questions[{place}]"
        old, new = earlier.question(same.earlier), later.question(same.later)
        if old is None:
            yield f"{path}.earlier: {earlier.name} v{earlier.version} has no question {same.earlier!r}"
        elif new is None:
            yield f"{path}.later: {later.name} v{later.version} has no question {same.later!r}"
        elif same.later in seen:
            yield f"{path}.later: {same.later!r} is there twice"
        elif not _answers_fit(same, old, new):
            yield f"{path}: not every answer to {same.earlier!r} has one of equal worth in {same.later!r}"
        seen.add(same.later)


def _answers_fit(same: SameQuestion, old: AnyQuestion, new: AnyQuestion) -> bool:
    if isinstance(old, Choice) and isinstance(new, Choice) and old.kind == new.kind:
        worth = {option.key: option.points for option in new.options}
        carried = {option.key: same.options.get(option.key) for option in old.options}
        if not same.options:
            carried = {key: key for key in carried}
        return all(worth.get(carried[option.key] or "") == option.points for option in old.options)
    if isinstance(old, Scale) and isinstance(new, Scale):
        return old.bounds() == new.bounds()
    if isinstance(old, Number) and isinstance(new, Number):
        points = [[(band.at_least, band.points) for band in question.bands] for question in (old, new)]
        return points[0] == points[1] and old.bounds() == new.bounds()
    return False

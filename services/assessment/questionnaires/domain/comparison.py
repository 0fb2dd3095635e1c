"""Two assessments side by side: the whole where both answered the same version, else the common ground.

Scores of two versions are never compared as they stand: a questionnaire that changed between two editions
moves every score, and nobody's shop. Where a mapping says which questions ask the same, both sets of answers
are scored anew over these alone, by the rules of the later version.
"""

from collections.abc import Collection

from msgspec import Struct
from msgspec.structs import replace

from services.assessment.questionnaires.domain.definition import Questionnaire
from services.assessment.questionnaires.domain.mapping import Mapping
from services.assessment.questionnaires.domain.questions import Answers
from services.assessment.questionnaires.domain.scoring import Outcome, assess


class NotComparable(ValueError):
    """Says why two assessments cannot be compared."""


class Taken(Struct, frozen=True):
    """One assessment: what was answered, and to what."""

    questionnaire: Questionnaire
    answers: Answers

    def is_of(self, other: "Taken") -> bool:
        ours, theirs = self.questionnaire, other.questionnaire
        return (ours.name, ours.version) == (theirs.name, theirs.version)


class Comparison(Struct, frozen=True):
    by: Questionnaire
    """The version by whose rules both are scored."""
    before: Outcome
    after: Outcome
    over: tuple[str, ...]
    """Keys of the questions that both are scored over; empty where each is its whole score."""


def compare(before: Taken, after: Taken, mapping: Mapping | None) -> Comparison:
    """Both by one measure; `mapping` is that between their versions, in either direction.

    Raises NotComparable where there is none, or where no mapped question was answered both times.
    """
    if before.is_of(after):
        known = after.questionnaire
        return Comparison(known, assess(known, before.answers), assess(known, after.answers), ())
    if mapping is None:
        raise NotComparable(
            f"Nobody has declared which questions of {_named(before)} and {_named(after)} ask the same."
        )
    forwards = (mapping.earlier.name, mapping.earlier.version) == (
        before.questionnaire.name,
        before.questionnaire.version,
    )
    by = after.questionnaire if forwards else before.questionnaire
    old = mapping.carried(before.answers) if forwards else before.answers
    new = after.answers if forwards else mapping.carried(after.answers)
    common = {same.later for same in mapping.questions} & old.keys() & new.keys()
    ground = narrowed(by, common)
    if not any(question.weight for question in ground.questions):
        raise NotComparable("No question that both ask was answered both times.")
    over = tuple(question.key for question in ground.questions)
    return Comparison(by, assess(ground, old), assess(ground, new), over)


def narrowed(by: Questionnaire, common: Collection[str]) -> Questionnaire:
    """The same with these questions alone: what answers to them come to."""
    # Their conditions hang on questions that may not be common; who answered was asked.
    questions = tuple(replace(each, shown_if=None) for each in by.questions if each.key in common)
    return replace(by, questions=questions)


def _named(taken: Taken) -> str:
    return f"{taken.questionnaire.name} v{taken.questionnaire.version}"

"""Which questions a merchant sees, and which of the answers count."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from services.assessment.questionnaires.domain.definition import Answers, Question, Questionnaire

LEAST_ANSWERED = Fraction(1, 2)
"""Part of the questions shown. Below it, one good answer alone would read as full marks."""


class InvalidAnswer(ValueError):
    """An answer that cannot be counted. `field` names the question; it is empty for the answers together."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field = field
        self.detail = detail


def visible(questionnaire: Questionnaire, answers: Answers) -> tuple[Question, ...]:
    """The questions these answers lead to, in order. What hangs on a hidden question is hidden too."""
    seen: dict[str, Question] = {}
    for question in questionnaire.questions:
        condition = question.shown_if
        if condition is None or (
            condition.question in seen
            and not answers.get(condition.question, frozenset()).isdisjoint(condition.any_of)
        ):
            seen[question.key] = question
    return tuple(seen.values())


def read_answers(questionnaire: Questionnaire, given: Mapping[str, Sequence[str]]) -> Answers:
    """The answers that count, checked. Those to hidden questions are left out; an empty one is a skipped one.

    Raises InvalidAnswer for an unknown question or option, for two answers to a single choice, for "none of
    these" beside another, and where too little is answered to speak of a score.
    """
    checked: dict[str, frozenset[str]] = {}
    for key, chosen in given.items():
        question = questionnaire.question(key)
        if question is None:
            raise InvalidAnswer(key, "is no question of this questionnaire")
        _check(question, frozenset(chosen))
        if chosen:
            checked[key] = frozenset(chosen)
    shown = {question.key for question in visible(questionnaire, checked)}
    counting = {key: chosen for key, chosen in checked.items() if key in shown}
    if len(counting) < len(shown) * LEAST_ANSWERED:
        raise InvalidAnswer(
            "", f"{len(counting)} of {len(shown)} questions are answered; half of them are needed"
        )
    return counting


def _check(question: Question, chosen: frozenset[str]) -> None:
    options = {option.key: option for option in question.options}
    unknown = sorted(chosen - options.keys())
    if unknown:
        raise InvalidAnswer(question.key, f"{unknown[0]!r} is no option; there are {', '.join(options)}")
    if question.kind == "single" and len(chosen) > 1:
        raise InvalidAnswer(question.key, "takes one option only")
    alone = sorted(key for key in chosen if options[key].exclusive)
    if alone and len(chosen) > 1:
        raise InvalidAnswer(question.key, f"{alone[0]!r} cannot be chosen together with another option")

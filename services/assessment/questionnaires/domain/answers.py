"""Which questions a merchant sees, and which of the answers count."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from services.assessment.questionnaires.domain.definition import AnyQuestion, Questionnaire
from services.assessment.questionnaires.domain.questions import Answers, Given, InvalidAnswer, Raw

LEAST_ANSWERED = Fraction(1, 2)
"""Part of the scored questions shown. Below it, one good answer alone would read as full marks."""


def visible(questionnaire: Questionnaire, answers: Answers) -> tuple[AnyQuestion, ...]:
    """The questions these answers lead to, in order. What hangs on a hidden question is hidden too."""
    seen: dict[str, AnyQuestion] = {}
    for question in questionnaire.questions:
        condition = question.shown_if
        if condition is None or (
            condition.question in seen
            and condition.question in answers
            and condition.holds(answers[condition.question])
        ):
            seen[question.key] = question
    return tuple(seen.values())


def check_answers(questionnaire: Questionnaire, given: Mapping[str, Raw]) -> Answers:
    """The answers so far, each checked by itself; one with nothing in it is a skipped question.

    Raises InvalidAnswer for an unknown question or option, for two answers to a single choice, for "none of
    these" beside another, and for a number beyond its bounds.
    """
    asked = {question.key: question for question in questionnaire.questions}
    checked: dict[str, Given] = {}
    for key, raw in given.items():
        question = asked.get(key)
        if question is None:
            raise InvalidAnswer(key, "is no question of this questionnaire")
        answer = question.read(raw)
        if answer is not None:
            checked[key] = answer
    return checked


def read_answers(questionnaire: Questionnaire, given: Mapping[str, Raw]) -> Answers:
    """The answers that count: those to hidden questions are left out.

    Raises InvalidAnswer as `check_answers` does, and where too little is answered to speak of a score.
    """
    checked = check_answers(questionnaire, given)
    shown = visible(questionnaire, checked)
    scored = [question for question in shown if question.weight]
    answered = sum(question.key in checked for question in scored)
    if answered < len(scored) * LEAST_ANSWERED:
        raise InvalidAnswer(
            "", f"{answered} of {len(scored)} questions are answered; half of them are needed"
        )
    return {question.key: checked[question.key] for question in shown if question.key in checked}


def as_json(answers: Answers) -> dict[str, list[str] | int]:
    """As they are stored and sent: the keys of chosen options, or a number."""
    return {key: given if isinstance(given, int) else sorted(given) for key, given in answers.items()}


def from_json(stored: Mapping[str, Sequence[str] | int]) -> Answers:
    """Answers as `as_json` wrote them."""
    return {key: given if isinstance(given, int) else frozenset(given) for key, given in stored.items()}

"""Which answers would be given once an action is done. Re-scored, they say what the action brings.

Only answers that call for the action change, each to one that calls for it no longer: the best such option,
or the one that the action's data name; the first number that is enough. What nobody answered stays
unanswered, also where an action makes a further question appear: nothing is invented for the merchant.
"""

from collections.abc import Iterable

from services.assessment.advice.domain.actions import Action
from services.assessment.questionnaires.domain.answers import visible
from services.assessment.questionnaires.domain.definition import AnyQuestion, Questionnaire
from services.assessment.questionnaires.domain.numbers import Number, Scale
from services.assessment.questionnaires.domain.questions import Answers, Choice, Given, SingleChoice
from services.assessment.questionnaires.domain.scoring import assess


def as_if_done(questionnaire: Questionnaire, answers: Answers, action: Action) -> Answers:
    """The answers with those changed that call for the action."""
    for question in visible(questionnaire, answers):
        given = answers.get(question.key)
        if given is None or not question.weight or action.key not in question.calls_for(given):
            continue
        done = {**answers, question.key: _improved(question, given, action)}
        # An answer that hides another, well answered one would cost points; doing something cannot.
        if assess(questionnaire, done).score >= assess(questionnaire, answers).score:
            answers = done
    return answers


def _improved(question: AnyQuestion, given: Given, action: Action) -> Given:
    better = max(_reachable(question, given, action), key=question.points, default=given)
    return better if question.points(better) >= question.points(given) else given


def _reachable(question: AnyQuestion, given: Given, action: Action) -> Iterable[Given]:
    if isinstance(question, SingleChoice):
        named = action.leads_to.get(question.key)
        options = [named] if named else [option.key for option in question.options]
        return [one for key in options if action.key not in question.calls_for(one := frozenset({key}))]
    if isinstance(question, Choice):
        return [_ticked(question, given, action)]
    return _enough(question, given, action)


def _ticked(question: Choice, given: Given, action: Action) -> frozenset[str]:
    """What is missing is ticked too, and what called for the action no longer is."""
    assert isinstance(given, frozenset), "a choice is answered with options"
    missing = {option.key for option in question.options if action.key in option.recommends_without}
    bad = {option.key for option in question.options if action.key in option.recommends}
    alone = {option.key for option in question.options if option.exclusive}
    ticked = (given | missing) - bad - alone
    if ticked:
        return ticked
    one = max((option for option in question.options if not option.exclusive), key=lambda each: each.points)
    return frozenset({one.key})


def _enough(question: AnyQuestion, given: Given, action: Action) -> list[Given]:
    """The first number above that calls for the action no longer."""
    assert isinstance(question, Scale | Number)
    assert isinstance(given, int), "a scale or a count is answered with a number"
    lowest, highest = question.bounds()
    starts = (
        range(lowest, highest + 1) if isinstance(question, Scale) else [b.at_least for b in question.bands]
    )
    enough: list[Given] = [
        number for number in starts if number > given and action.key not in question.calls_for(number)
    ]
    return enough[:1]

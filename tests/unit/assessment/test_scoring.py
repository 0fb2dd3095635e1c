"""Properties of the score that hold for every questionnaire and every set of answers."""

import random
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.assessment.questionnaires.domain.answers import InvalidAnswer, read_answers, visible
from services.assessment.questionnaires.domain.definition import FULL, Answers, Questionnaire
from services.assessment.questionnaires.domain.scoring import Outcome, assess
from tests.unit.assessment.questionnaires import answers_to, questionnaires


@st.composite
def answered(draw: st.DrawFn) -> tuple[Questionnaire, Answers]:
    questionnaire = draw(questionnaires())
    return questionnaire, draw(answers_to(questionnaire))


def outcome_of(questionnaire: Questionnaire, answers: Answers) -> Outcome:
    return assess(
        questionnaire,
        read_answers(questionnaire, {question: sorted(chosen) for question, chosen in answers.items()}),
    )


@given(answered())
def test_every_score_is_a_whole_number_from_0_to_100(both: tuple[Questionnaire, Answers]) -> None:
    outcome = outcome_of(*both)
    for score in (outcome.score, *outcome.dimensions.values()):
        assert isinstance(score, int)
        assert 0 <= score <= FULL


@given(answered())
def test_the_effects_of_the_answers_add_up_to_the_score(both: tuple[Questionnaire, Answers]) -> None:
    effects = outcome_of(*both).effects
    assert abs(sum(effect.gained for effect in effects) - outcome_of(*both).score) <= 0.5 + 0.05 * len(
        effects
    )
    assert abs(sum(effect.possible for effect in effects) - FULL) <= 0.05 * len(effects)


@given(answered(), st.data())
def test_a_better_answer_never_lowers_a_score(
    both: tuple[Questionnaire, Answers], data: st.DataObject
) -> None:
    questionnaire, answers = both
    question = data.draw(st.sampled_from(questionnaire.questions))
    better = data.draw(st.sampled_from(question.options))
    chosen = frozenset({better.key})
    if question.kind == "multiple" and not better.exclusive:
        chosen |= answers[question.key]
    changed = {**answers, question.key: chosen}
    assume(question.points(chosen) >= question.points(answers[question.key]))
    # An answer that opens further questions changes what is scored; it is no better answer to the same.
    assume(visible(questionnaire, changed) == visible(questionnaire, answers))
    before, after = outcome_of(questionnaire, answers), outcome_of(questionnaire, changed)
    assert after.score >= before.score
    assert all(after.dimensions[key] >= before.dimensions[key] for key in before.dimensions)


@given(answered(), st.randoms(use_true_random=False))
def test_the_order_of_answers_and_options_changes_nothing(
    both: tuple[Questionnaire, Answers], chance: random.Random
) -> None:
    questionnaire, answers = both
    shuffled = list(answers.items())
    chance.shuffle(shuffled)
    assert outcome_of(questionnaire, dict(shuffled)) == outcome_of(questionnaire, answers)
    turned = tuple(
        replace(question, options=tuple(reversed(question.options))) for question in questionnaire.questions
    )
    assert outcome_of(replace(questionnaire, questions=turned), answers) == outcome_of(questionnaire, answers)


@given(answered(), st.data())
def test_an_answer_to_a_hidden_question_has_no_effect(
    both: tuple[Questionnaire, Answers], data: st.DataObject
) -> None:
    questionnaire, answers = both
    shown = {question.key for question in visible(questionnaire, answers)}
    hidden = [question for question in questionnaire.questions if question.key not in shown]
    assume(hidden)
    question = data.draw(st.sampled_from(hidden))
    other = data.draw(st.sampled_from(question.options))
    without = {key: chosen for key, chosen in answers.items() if key != question.key}
    changed = {**answers, question.key: frozenset({other.key})}
    assert outcome_of(questionnaire, changed) == outcome_of(questionnaire, without)


@given(answered())
def test_the_best_answers_to_what_is_shown_make_100_whatever_is_hidden(
    both: tuple[Questionnaire, Answers],
) -> None:
    questionnaire, answers = both
    best = {
        question.key: answers[question.key]
        if question.points(answers[question.key]) == FULL
        else frozenset({next(option.key for option in question.options if option.points == FULL)})
        for question in questionnaire.questions
    }
    outcome = outcome_of(questionnaire, best)
    assert outcome.score == FULL
    assert set(outcome.dimensions.values()) == {FULL}


@given(answered(), st.data())
def test_a_skipped_question_is_declared_and_counts_nowhere(
    both: tuple[Questionnaire, Answers], data: st.DataObject
) -> None:
    questionnaire, answers = both
    conditions = {question.shown_if.question for question in questionnaire.questions if question.shown_if}
    shown = [question.key for question in visible(questionnaire, answers)]
    free = sorted(set(shown) - conditions)
    assume(len(shown) > 1 and free)
    skipped = data.draw(st.sampled_from(free))
    outcome = outcome_of(questionnaire, {key: chosen for key, chosen in answers.items() if key != skipped})
    assert outcome.unanswered == (skipped,)
    assert skipped not in {effect.question for effect in outcome.effects}


@given(answered())
def test_recommendations_come_first_step_first_and_say_why(both: tuple[Questionnaire, Answers]) -> None:
    questionnaire, answers = both
    outcome = outcome_of(questionnaire, answers)
    keys = [advice.key for advice in outcome.advice]
    assert len(keys) == len(set(keys))
    priorities = [questionnaire.recommendation(key).priority for key in keys]
    assert priorities == sorted(priorities)
    scored = {effect.question for effect in outcome.effects}
    assert all(advice.because and set(advice.because) <= scored for advice in outcome.advice)


@given(answered())
def test_fewer_than_half_of_the_answers_make_no_score(both: tuple[Questionnaire, Answers]) -> None:
    questionnaire, _ = both
    with pytest.raises(InvalidAnswer):
        read_answers(questionnaire, {})

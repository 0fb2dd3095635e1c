"""Properties of the score that hold for every questionnaire and every set of answers."""

import random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from services.assessment.questionnaires.domain.answers import as_json, from_json, read_answers, visible
from services.assessment.questionnaires.domain.definition import AnyQuestion, Questionnaire
from services.assessment.questionnaires.domain.questions import (
    FULL,
    Answers,
    Choice,
    Given,
    InvalidAnswer,
    MultipleChoice,
    Raw,
)
from services.assessment.questionnaires.domain.scoring import Outcome, assess
from tests.unit.assessment.questionnaires import answers_to, answers_to_one, questionnaires


@st.composite
def answered(draw: st.DrawFn) -> tuple[Questionnaire, Answers]:
    questionnaire = draw(questionnaires())
    return questionnaire, draw(answers_to(questionnaire))


def sent(given: Given) -> Raw:
    return [given] if isinstance(given, int) else sorted(given)


def outcome_of(questionnaire: Questionnaire, answers: Answers) -> Outcome:
    raw = {question: sent(given) for question, given in answers.items()}
    return assess(questionnaire, read_answers(questionnaire, raw))


def scored(question: AnyQuestion) -> bool:
    return question.weight > 0


@given(answered())
def test_every_score_is_a_whole_number_from_0_to_100(both: tuple[Questionnaire, Answers]) -> None:
    outcome = outcome_of(*both)
    for score in (outcome.score, *outcome.dimensions.values(), *outcome.eu.values()):
        assert isinstance(score, int)
        assert 0 <= score <= FULL


@given(answered())
def test_the_effects_of_the_answers_add_up_to_the_score(both: tuple[Questionnaire, Answers]) -> None:
    effects = outcome_of(*both).effects
    assert abs(sum(effect.gained for effect in effects) - outcome_of(*both).score) <= 0.5 + 0.051 * len(
        effects
    )
    assert abs(sum(effect.possible for effect in effects) - FULL) <= 0.05 * len(effects)


@given(answered(), st.data())
def test_a_better_answer_never_lowers_a_score(
    both: tuple[Questionnaire, Answers], data: st.DataObject
) -> None:
    questionnaire, answers = both
    question = data.draw(st.sampled_from([*filter(scored, questionnaire.questions)]))
    better = data.draw(answers_to_one(question))
    if isinstance(question, MultipleChoice):
        # One thing more that is true of the shop.
        better = frozenset(sent(better)) | frozenset(sent(answers[question.key]))  # type: ignore[assignment]
    changed = {**answers, question.key: better}
    assume(question.points(better) >= question.points(answers[question.key]))
    # An answer that opens further questions changes what is scored; it is no better answer to the same.
    assume(visible(questionnaire, changed) == visible(questionnaire, answers))
    before, after = outcome_of(questionnaire, answers), outcome_of(questionnaire, changed)
    assert after.score >= before.score
    assert all(after.dimensions[key] >= before.dimensions[key] for key in before.dimensions)
    assert all(after.eu[key] >= before.eu[key] for key in before.eu)


@given(answered(), st.randoms(use_true_random=False))
def test_the_order_of_answers_and_options_changes_nothing(
    both: tuple[Questionnaire, Answers], chance: random.Random
) -> None:
    questionnaire, answers = both
    shuffled = list(answers.items())
    chance.shuffle(shuffled)
    assert outcome_of(questionnaire, dict(shuffled)) == outcome_of(questionnaire, answers)
    turned = tuple(
        replace(question, options=tuple(reversed(question.options)))
        if isinstance(question, Choice)
        else question
        for question in questionnaire.questions
    )
    assert outcome_of(replace(questionnaire, questions=turned), answers) == outcome_of(questionnaire, answers)


@given(answered(), st.randoms(use_true_random=False))
def test_the_order_of_questions_changes_no_score_and_no_step(
    both: tuple[Questionnaire, Answers], chance: random.Random
) -> None:
    questionnaire, answers = both
    asked = [replace(question, shown_if=None) for question in questionnaire.questions]
    straight = outcome_of(replace(questionnaire, questions=tuple(asked)), answers)
    chance.shuffle(asked)
    turned = outcome_of(replace(questionnaire, questions=tuple(asked)), answers)
    assert (turned.score, turned.dimensions, turned.eu) == (straight.score, straight.dimensions, straight.eu)
    assert [each.key for each in turned.advice] == [each.key for each in straight.advice]
    assert {*turned.effects} == {*straight.effects}


@given(answered(), st.data())
def test_an_answer_to_a_hidden_question_has_no_effect(
    both: tuple[Questionnaire, Answers], data: st.DataObject
) -> None:
    questionnaire, answers = both
    shown = {question.key for question in visible(questionnaire, answers)}
    hidden = [question for question in questionnaire.questions if question.key not in shown]
    assume(hidden)
    question = data.draw(st.sampled_from(hidden))
    other = data.draw(answers_to_one(question))
    without = {key: chosen for key, chosen in answers.items() if key != question.key}
    changed = {**answers, question.key: other}
    assert outcome_of(questionnaire, changed) == outcome_of(questionnaire, without)


@given(answered())
def test_the_best_answers_to_what_is_shown_make_100_whatever_is_hidden(
    both: tuple[Questionnaire, Answers],
) -> None:
    questionnaire, answers = both
    best = {question.key: _best(question, answers[question.key]) for question in questionnaire.questions}
    outcome = outcome_of(questionnaire, best)
    assert outcome.score == FULL
    assert {*outcome.dimensions.values(), *outcome.eu.values()} == {FULL}


def _best(question: AnyQuestion, answer: Given) -> Given:
    if question.points(answer) == FULL:
        return answer
    if isinstance(question, Choice):
        return frozenset({next(option.key for option in question.options if option.points == FULL)})
    return question.bounds()[1]


@given(answered(), st.data())
def test_a_skipped_question_is_declared_and_counts_nowhere(
    both: tuple[Questionnaire, Answers], data: st.DataObject
) -> None:
    questionnaire, answers = both
    conditions = {question.shown_if.question for question in questionnaire.questions if question.shown_if}
    shown = visible(questionnaire, answers)
    free = sorted({question.key for question in shown} - conditions)
    assume(sum(map(scored, shown)) > 1 and free)
    skipped = data.draw(st.sampled_from(free))
    outcome = outcome_of(questionnaire, {key: given for key, given in answers.items() if key != skipped})
    assert outcome.unanswered == (skipped,)
    counting = {question.key for question in shown if scored(question)} - {skipped}
    assert {effect.question for effect in outcome.effects} == counting


@given(answered())
def test_a_question_of_weight_0_moves_no_score(both: tuple[Questionnaire, Answers]) -> None:
    questionnaire, answers = both
    outcome = outcome_of(questionnaire, answers)
    only_scored = tuple(
        replace(question, shown_if=None) for question in visible(questionnaire, answers) if scored(question)
    )
    kept = {question.key: answers[question.key] for question in only_scored}
    alone = outcome_of(replace(questionnaire, questions=only_scored), kept)
    assert (alone.score, alone.dimensions, alone.eu, alone.effects) == (
        outcome.score,
        outcome.dimensions,
        outcome.eu,
        outcome.effects,
    )


@given(answered())
def test_answers_come_back_from_the_database_as_they_were_given(both: tuple[Questionnaire, Answers]) -> None:
    _, answers = both
    assert from_json(as_json(answers)) == answers


@given(answered())
def test_recommendations_come_first_step_first_and_say_why(both: tuple[Questionnaire, Answers]) -> None:
    questionnaire, answers = both
    outcome = outcome_of(questionnaire, answers)
    keys = [advice.key for advice in outcome.advice]
    assert len(keys) == len(set(keys))
    priorities = [questionnaire.recommendation(key).priority for key in keys]
    assert priorities == sorted(priorities)
    shown = {question.key for question in visible(questionnaire, answers)}
    assert all(advice.because and set(advice.because) <= shown for advice in outcome.advice)


@given(answered())
def test_fewer_than_half_of_the_answers_make_no_score(both: tuple[Questionnaire, Answers]) -> None:
    questionnaire, _ = both
    with pytest.raises(InvalidAnswer):
        read_answers(questionnaire, {})

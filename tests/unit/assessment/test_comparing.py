"""Scores of two versions are compared over what is declared to be the same, or not at all."""

from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from services.assessment.questionnaires.catalogue import (
    FOLDER,
    BadQuestionnaire,
    Catalogue,
    load,
    parse_mapping,
)
from services.assessment.questionnaires.domain.answers import read_answers
from services.assessment.questionnaires.domain.comparison import NotComparable, Taken, compare
from services.assessment.questionnaires.domain.definition import Questionnaire
from services.assessment.questionnaires.domain.questions import Choice
from services.assessment.questionnaires.domain.scoring import assess
from tests.unit.assessment.questionnaires import answers_to
from tests.unit.assessment.test_digital_maturity import GIVEN

CATALOGUE = load()
FIRST = CATALOGUE.published("digital-maturity", 1)
FULL = CATALOGUE.published("full-assessment", 1)
FORM = CATALOGUE.published("session-form", 1)
FILE = "mappings/digital-maturity.v1--full-assessment.v1.yaml"


def taken(questionnaire: Questionnaire, answers: dict[str, Any]) -> Taken:
    return Taken(questionnaire, read_answers(questionnaire, answers))


def some(questionnaire: Questionnaire) -> dict[str, Any]:
    """The first option everywhere, the highest number: a shop that does well."""
    return {
        each.key: [each.options[0].key] if isinstance(each, Choice) else [each.bounds()[1]]
        for each in questionnaire.questions
    }


def test_the_same_answers_in_two_questionnaires_show_no_change() -> None:
    before = taken(FIRST, GIVEN)
    after = taken(FULL, {**some(FULL), **GIVEN, "customer-list": ["none"]})
    comparison = compare(before, after, CATALOGUE.mapping(FIRST, FULL))
    assert comparison.before == comparison.after
    assert comparison.by == FULL
    # As they stand, the scores differ: the later one asks more, and of that this shop does all.
    assert assess(FULL, after.answers).score > assess(FIRST, before.answers).score + 10


def test_only_what_both_answered_is_compared() -> None:
    before = taken(FIRST, {key: value for key, value in GIVEN.items() if key != "payments"})
    after = taken(FULL, {**some(FULL), "help": []})
    comparison = compare(before, after, CATALOGUE.mapping(FIRST, FULL))
    assert {"payments", "help"}.isdisjoint(comparison.over)
    assert "maps-profile" in comparison.over
    scored = {effect.question for effect in comparison.before.effects}
    assert scored == {effect.question for effect in comparison.after.effects} == {*comparison.over}


def test_a_declared_mapping_holds_in_both_directions() -> None:
    first, full = taken(FIRST, GIVEN), taken(FULL, some(FULL))
    mapping = CATALOGUE.mapping(FULL, FIRST)
    there, back = compare(first, full, mapping), compare(full, first, mapping)
    assert (there.before, there.after) == (back.after, back.before)
    assert there.before.score < there.after.score


def test_without_a_declared_mapping_nothing_is_compared() -> None:
    assert CATALOGUE.mapping(FIRST, FORM) is None
    with pytest.raises(NotComparable, match=r"digital-maturity v1 and session-form v1"):
        compare(taken(FIRST, GIVEN), taken(FORM, some(FORM)), None)


def test_nothing_in_common_is_not_compared() -> None:
    mapping = CATALOGUE.mapping(FORM, FULL)
    assert mapping is not None
    mapped = {same.later for same in mapping.questions}
    others = {key: [] if key in mapped else value for key, value in some(FULL).items()}
    with pytest.raises(NotComparable, match="answered both times"):
        compare(taken(FORM, some(FORM)), taken(FULL, others), mapping)


def test_the_same_version_is_compared_by_its_whole_score() -> None:
    before, after = taken(FORM, some(FORM)), taken(FORM, {**some(FORM), "posts": [0]})
    comparison = compare(before, after, None)
    assert comparison.over == ()
    assert comparison.before.score == assess(FORM, before.answers).score
    assert comparison.after.dimensions["social"] == 0


@given(st.data())
def test_whoever_answers_the_same_again_has_not_changed(data: st.DataObject) -> None:
    mapping = CATALOGUE.mapping(FIRST, FULL)
    assert mapping is not None
    answers = data.draw(answers_to(FIRST))
    raw = {key: sorted(chosen) for key, chosen in answers.items() if isinstance(chosen, frozenset)}
    before = taken(FIRST, raw)
    after = taken(FULL, {**some(FULL), **raw})
    comparison = compare(before, after, mapping)
    assert comparison.before.score == comparison.after.score
    assert comparison.before.dimensions == comparison.after.dimensions


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        ({"earlier": {"name": "shoe-size", "version": 1}}, "$.earlier: no such questionnaire"),
        (
            {"questions": [{"earlier": "no-such", "later": "help"}]},
            "$.questions[0].earlier: digital",
        ),
        ({"questions": [{"earlier": "help", "later": "no-such"}]}, "$.questions[0].later: full-assessment"),
        (
            {"questions": [{"earlier": "help", "later": "paper"}]},
            "$.questions[0]: not every answer",
        ),
        ({"questions": [{"earlier": "help", "later": "website"}]}, "$.questions[0]: not every answer"),
        ({"questions": [{"earlier": "help", "later": "help"}] * 2}, "$.questions[1].later: 'help' is there"),
        ({"questions": [{"earlier": "help", "later": "help", "options": {"paid": "give-up"}}]}, "not every"),
        ({"question": []}, "`question`"),
    ],
)
def test_a_mapping_that_does_not_fit_is_named(spoil: dict[str, Any], fault: str) -> None:
    raw = {**yaml.safe_load((FOLDER / FILE).read_bytes()), **spoil}
    with pytest.raises(BadQuestionnaire) as refused:
        parse_mapping(FILE, yaml.safe_dump(raw).encode(), CATALOGUE)
    assert fault in str(refused.value)


def test_a_mapping_that_changed_after_it_was_published_stops_the_start(tmp_path: Path) -> None:
    folder = tmp_path / "published"
    copytree(FOLDER, folder)
    (folder / FILE).write_bytes((FOLDER / FILE).read_bytes() + b"# edited\n")
    with pytest.raises(BadQuestionnaire, match=rf"{FILE}: changed after"):
        load(folder)


def test_an_option_with_another_name_is_carried_over() -> None:
    raw = {
        "earlier": {"name": "digital-maturity", "version": 1},
        "later": {"name": "full-assessment", "version": 1},
        "questions": [
            {
                "earlier": "customer-list",
                "later": "review-asking",
                "options": {"digital": "everybody", "paper": "selected", "none": "not-yet"},
            }
        ],
    }
    mapping = parse_mapping("any", yaml.safe_dump(raw).encode(), CATALOGUE)
    assert mapping.carried({"customer-list": frozenset({"paper"})}) == {
        "review-asking": frozenset({"selected"})
    }
    assert Catalogue([FIRST, FULL], [mapping]).mapping(FULL, FIRST) == mapping

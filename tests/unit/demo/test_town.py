"""The demo town is consistent, and invented."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from demo import effects, town
from services.assessment.questionnaires import catalogue
from services.assessment.questionnaires.domain.answers import read_answers
from services.directory.cities.domain import outline
from services.directory.imports.domain import Listable, classify
from services.directory.people.demo import NAMES

REAL = Path(__file__).parents[4] / "shared" / "data" / "habay.osm.geojson"


def test_the_extract_lists_some_forty_merchants_of_many_kinds_and_leaves_the_rest_out() -> None:
    outcomes = classify(json.loads(town.extract()))

    listed = [outcome for outcome in outcomes if isinstance(outcome, Listable)]
    assert len(listed) == 41
    assert len(outcomes) - len(listed) == 7
    assert len({shop.details.kind for shop in listed}) > 25
    noted = [note for shop in listed for note in shop.notes]
    assert sorted(noted) == ["name_missing", "opening_hours_not_parseable"]  # one of each, to be seen
    assert sum(shop.details.opening_hours is None for shop in listed) > 3


def test_whoever_and_whatever_the_town_names_exists() -> None:
    named = town.source_ids()

    assert {owner.merchant for owner in town.OWNERS} <= named.keys()
    assert {each.merchant for each in town.CONTRIBUTIONS} <= named.keys()
    people = {each.person for each in town.CONTRIBUTIONS} | set(town.AMBASSADORS)
    people |= {owner.person for owner in town.OWNERS} | {town.OFFICER, town.OPERATOR, town.ASSESSED}
    assert people <= set(NAMES)
    assert {owner.person for owner in town.OWNERS} == set(effects.OWNERS)


def test_nobody_contributes_the_same_thing_twice() -> None:
    done = [(each.person, each.merchant, each.kind, each.body.get("channel")) for each in town.CONTRIBUTIONS]

    assert len(done) == len(set(done))


@pytest.mark.parametrize("name", town.DISTRICTS)
def test_districts_are_outlines(name: str) -> None:
    assert outline(town.DISTRICTS[name])


def test_the_answers_fit_the_published_questionnaire() -> None:
    name, version = town.QUESTIONNAIRE
    questionnaire = catalogue.load().find(name, version)

    assert questionnaire is not None
    assert len(read_answers(questionnaire, town.ANSWERS)) == len(town.ANSWERS)


def test_no_name_is_copied_from_the_real_town() -> None:
    if not REAL.exists():
        pytest.skip(f"{REAL} is not there")
    real = {feature["properties"].get("name") for feature in json.loads(REAL.read_text())["features"]}

    assert not (set(town.source_ids()) & real) - {None}


def test_invented_ids_are_beyond_those_of_the_real_map() -> None:
    numbers = [int(source.partition("/")[2]) for source in town.source_ids().values()]

    assert all(number > 90_000_000_000 for number in numbers)
    assert all(one != other for one, other in pairwise(sorted(numbers)))

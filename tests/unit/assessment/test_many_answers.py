"""Answer sets by the thousand, good and bad: none breaks the scoring, none gets a wrong denominator.

100,000 in `make faults`, a tenth of them in `make test`.

What a score should be is computed a second time here, from the published file itself and in another way.
"""

import random
from typing import Any

import pytest
import yaml

from services.assessment.questionnaires.catalogue import FOLDER, load
from services.assessment.questionnaires.domain.answers import read_answers
from services.assessment.questionnaires.domain.questions import InvalidAnswer
from services.assessment.questionnaires.domain.scoring import assess

SETS = {"session-form.v1": 80_000, "digital-maturity.v1": 12_000, "full-assessment.v1": 8_000}
"""Of a long run."""
LONGER = 10
NOISE: list[Any] = ["", "nonsense", -1, 10**9, True, "none", "\u0000", None, 3.5]


def raw_answers(question: dict[str, Any], chance: random.Random) -> list[Any]:
    """Mostly good ones; now and then nothing, and now and then what no form would send."""
    roll = chance.random()
    if roll < 0.12:
        return []
    if roll < 0.125:
        return [chance.choice(NOISE) for _ in range(chance.randint(1, 3))]
    if "options" not in question:
        return [chance.randint(question.get("lowest", 1), question.get("highest", 5))]
    exclusive = [option["key"] for option in question["options"] if option.get("exclusive")]
    keys = [option["key"] for option in question["options"] if option["key"] not in exclusive]
    if question["kind"] == "single":
        return [chance.choice(keys)]
    if exclusive and roll > 0.9:
        return exclusive
    return chance.sample(keys, chance.randint(1, len(keys)))


def is_good(question: dict[str, Any], raw: list[Any]) -> bool:
    if "options" not in question:
        low, high = question.get("lowest", 1), question.get("highest", 5)
        return not raw or (len(raw) == 1 and type(raw[0]) is int and low <= raw[0] <= high)
    options = {option["key"]: option for option in question["options"]}
    if not all(isinstance(each, str) and each in options for each in raw):
        return False
    if question["kind"] == "single":
        return len({*raw}) <= 1
    return len({*raw}) <= 1 or not any(options[each].get("exclusive") for each in raw)


def is_shown(question: dict[str, Any], given: dict[str, list[Any]], shown: set[str]) -> bool:
    condition = question.get("shown_if")
    if condition is None:
        return True
    before = given.get(condition["question"], [])
    if condition["question"] not in shown or not before:
        return False
    if "any_of" in condition:
        return any(each in condition["any_of"] for each in before)
    return bool(condition.get("at_least", -(10**9)) <= before[0] <= condition.get("at_most", 10**9))


def worth(question: dict[str, Any], raw: list[Any]) -> float:
    if question["kind"] == "scale":
        low, high = question.get("lowest", 1), question.get("highest", 5)
        return float(100 * (raw[0] - low) / (high - low))
    if question["kind"] == "number":
        return float([band["points"] for band in question["bands"] if band["at_least"] <= raw[0]][-1])
    points = {option["key"]: option.get("points", 0) for option in question["options"]}
    return float(min(100, sum(points[each] for each in {*raw})))


def expected(file: dict[str, Any], given: dict[str, list[Any]]) -> tuple[float, dict[str, float]] | None:
    """Score of the whole and of each dimension before rounding; None where the answers are refused."""
    if not all(is_good(question, given[question["key"]]) for question in file["questions"]):
        return None
    shown: set[str] = set()
    parts: dict[str, list[tuple[int, float]]] = {}
    asked = answered = 0
    for question in file["questions"]:
        if not is_shown(question, given, shown):
            continue
        shown.add(question["key"])
        if question["weight"] == 0:
            continue
        asked += 1
        if given[question["key"]]:
            answered += 1
            part = (question["weight"], worth(question, given[question["key"]]))
            parts.setdefault(question["dimension"], []).append(part)
    if 2 * answered < asked:
        return None
    means = {
        key: sum(weight * points for weight, points in part) / sum(weight for weight, _ in part)
        for key, part in parts.items()
    }
    return sum(means.values()) / len(means), means


@pytest.mark.slow
@pytest.mark.parametrize("name", SETS)
def test_no_answer_set_breaks_the_scoring_or_its_denominator(
    name: str, request: pytest.FixtureRequest
) -> None:
    sets = SETS[name] if request.config.getoption("--long") else SETS[name] // LONGER
    chance = random.Random(f"answers to {name}")
    file = yaml.safe_load((FOLDER / f"{name}.yaml").read_bytes())
    questionnaire = load().published(file["name"], file["version"])
    refused = 0
    for _ in range(sets):
        given = {question["key"]: raw_answers(question, chance) for question in file["questions"]}
        wanted = expected(file, given)
        try:
            outcome = assess(questionnaire, read_answers(questionnaire, given))
        except InvalidAnswer:
            assert wanted is None, given
            refused += 1
            continue
        assert wanted is not None, given
        score, dimensions = wanted
        assert abs(outcome.score - score) <= 0.5 + 1e-6
        assert outcome.dimensions.keys() == dimensions.keys()
        assert all(abs(outcome.dimensions[key] - value) <= 0.5 + 1e-6 for key, value in dimensions.items())
        assert abs(sum(effect.possible for effect in outcome.effects) - 100) < 0.051 * len(outcome.effects)
    assert sets / 50 < refused < sets / 2, "both kinds were tried"

"""The report of the article's population is the article's table; that of any other is right, too."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from random import Random
from typing import Any

import pytest

from bench.report_article import halls, line, told
from services.assessment.questionnaires.domain.answers import read_answers
from services.assessment.questionnaires.domain.scoring import Outcome, assess
from tests.integration.assessment.populations import CATALOGUE, some
from tests.support.servers import Postgres

FORM = CATALOGUE.published("session-form", 1)
ARTICLE = {
    "participants": 429,
    "sessions": 20,
    "mean": 29,
    "share_50_or_more": 16,
    "share_above_70": 2,
    "asked_for_training": 49,
}
MOST_RECOMMENDED = {
    "seo-basics": 230,
    "claim-google-profile": 204,
    "e-reputation-watch": 172,
    "customer-file": 167,
    "website-refresh": 147,
}
"""Natural search ranking, free visibility tools, the watch over one's reputation, customer file, website."""


@pytest.mark.slow
def test_make_report_article_prints_the_articles_table_as_one_line() -> None:
    command = [sys.executable, "-m", "bench.report_article"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300).stdout
    (only,) = printed.splitlines()
    said = json.loads(only)
    recommended = said.pop("recommendations")
    assert said == ARTICLE
    assert [*recommended.items()][:5] == [*MOST_RECOMMENDED.items()]


def outcome(answers: Mapping[str, Any]) -> Outcome:
    return assess(FORM, read_answers(FORM, answers))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
async def test_the_report_of_any_other_population_is_what_counting_it_says(
    postgres: Postgres, seed: int
) -> None:
    chance = Random(seed)
    everybody = [each.answers for each in some(chance, chance.randint(40, 90), skipped=0.3)]
    report = await told(postgres, halls(everybody, sessions=5))
    scores = [outcome(each).score for each in everybody]
    steps = Counter(advice.key for each in everybody for advice in outcome(each).advice)
    asked = [each for each in everybody if each.get("training-wish") in (["group"], ["visit"])]
    said = line(report)
    assert dict(said.pop("recommendations")) == steps
    assert said == {
        "participants": len(everybody),
        "sessions": 5,
        "mean": pytest.approx(sum(scores) / len(scores), abs=0.56),
        "share_50_or_more": round(100 * len([s for s in scores if s >= 50]) / len(scores)),
        "share_above_70": round(100 * len([s for s in scores if s > 70]) / len(scores)),
        "asked_for_training": round(100 * len(asked) / len(everybody)),
    }

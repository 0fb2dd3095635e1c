"""Answer sets of every sort through the API: a score or a reason, never an error of ours."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any
from uuid import UUID

import httpx
import pytest
import yaml
from sqlalchemy import func, select

from chassis.ids import new_id
from chassis.service import Service
from services.assessment.assessments.tables import assessments
from services.assessment.questionnaires.catalogue import FOLDER
from tests.integration.assessment.conftest import owner_of, submission
from tests.unit.assessment.test_many_answers import NOISE, expected, raw_answers

SETS, SETS_OF_A_LONG_RUN = 300, 100_000
HOSTILE: list[Any] = [
    *NOISE,
    {},
    [],
    [[]],
    {"a": 1},
    "'; DROP TABLE assessments; --",
    "x" * 10_000,
    [None] * 200,
]


@pytest.mark.slow
@pytest.mark.timeout(3 * 3600)
async def test_every_answer_set_is_scored_rightly_or_refused_with_its_field(
    service: Service, client: httpx.AsyncClient, merchant: UUID, request: pytest.FixtureRequest
) -> None:
    sets = SETS_OF_A_LONG_RUN if request.config.getoption("--long") else SETS
    chance = random.Random("through the API")
    file = yaml.safe_load((FOLDER / "session-form.v1.yaml").read_bytes())
    found: Counter[int] = Counter()
    for turn in range(sets):
        given = {question["key"]: raw_answers(question, chance) for question in file["questions"]}
        sent: dict[str, Any] = dict(given)
        hostile = turn % 4 == 0
        if hostile:
            sent[chance.choice([*given, "no-such-question", ""])] = chance.choice(HOSTILE)
        body = submission(merchant, questionnaire="session-form", version=1, answers=sent)
        headers = {**owner_of(merchant), "Idempotency-Key": str(new_id())}
        answer = await client.post("/api/v1/assessments", json=body, headers=headers)
        found[answer.status_code] += 1
        assert answer.status_code in {201, 422}, (sent, answer.text)
        if answer.status_code == 422:
            assert answer.json()["errors"][0]["field"].startswith("answers")
        if not hostile:
            wanted = expected(file, given)
            assert (answer.status_code == 201) is (wanted is not None), given
            assert wanted is None or abs(answer.json()["score"] - wanted[0]) <= 0.5 + 1e-6
    assert min(found.values()) > sets / 20, "both kinds were tried"
    async with service.database.connection() as connection:
        assert await connection.scalar(select(func.count()).select_from(assessments)) == found[201]

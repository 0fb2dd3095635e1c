"""The stand-ins of these tests speak as the services do: each answer is what the committed interface says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from tests.integration.portal.living_town import SHOP, connections_of, of_the_shop, of_the_town

SERVICES = Path(__file__).parents[3] / "services"
QUERIES = ({"limit": "40", "kind": "review"}, {"limit": "40", "kind": "photo"})


def told() -> list[tuple[str, str, Any]]:
    """Service, path and answer, of every way to ask."""
    found = [*of_the_town().items(), *of_the_shop().items(), ("campaigns", connections_of(SHOP))]
    said: list[tuple[str, str, Any]] = []
    for service, answers in found:
        for path, answer in answers.items():
            ways = (
                [answer(SimpleNamespace(query_params=query)) for query in QUERIES]
                if callable(answer)
                else [answer]
            )
            said += [(service, path, each) for each in ways]
    return said


@pytest.mark.parametrize("service", ["directory", "campaigns"])
def test_the_towns_of_tests_answer_as_the_interface_says(service: str) -> None:
    document = json.loads((SERVICES / service / "openapi.json").read_text())
    checked = 0
    for path, answer in ((path, answer) for of, path, answer in told() if of == service):
        schema = _schema(document, path)
        validator = Draft202012Validator({**schema, "components": document["components"]})
        errors = [
            f"{'/'.join(map(str, each.path))}: {each.message[:200]}" for each in validator.iter_errors(answer)
        ]
        assert errors == [], path
        checked += 1
    assert checked > 4


def _schema(document: dict[str, Any], path: str) -> dict[str, Any]:
    """That of the good answer of the first route that has the path; words go before ids."""
    for template in sorted(document["paths"], key=lambda each: each.count("{")):
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) and "get" in document["paths"][template]:
            content = document["paths"][template]["get"]["responses"]["200"]["content"]
            return dict(content["application/json"]["schema"])
    raise AssertionError(f"no route has {path}")

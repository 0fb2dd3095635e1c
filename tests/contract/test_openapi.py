"""The HTTP interface of each service is the one that is committed: a change of it shows in a review."""

from __future__ import annotations

import importlib
import json
import os
import re
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from fastapi import FastAPI

from chassis import openapi
from chassis.access import api_routes
from chassis.service import create_app
from chassis.settings import PREFIX

SERVICES = Path(__file__).parents[2] / "services"
NAMES = sorted(path.parent.name for path in SERVICES.glob("*/main.py"))
METHODS = {"get", "put", "post", "delete", "patch", "head", "options"}


@pytest.fixture(params=NAMES)
def service(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def app(service: str, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    """The service as far as it can be known without its servers; nothing is connected."""
    for variable in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(variable)
    main = importlib.import_module(f"services.{service}.main")
    settings_class = get_type_hints(main.build)["settings"]
    settings = settings_class(database_url="postgresql://nobody@127.0.0.1:1/nothing")
    return create_app(main.build(settings))


@pytest.fixture
def built(app: FastAPI) -> dict[str, Any]:
    """The document of the service as `python -m services.<name> openapi` prints it."""
    return openapi.document(app)


def committed(service: str) -> Path:
    return SERVICES / service / "openapi.json"


def test_it_is_the_committed_one(service: str, built: dict[str, Any]) -> None:
    file = committed(service)
    assert file.exists(), "run `make contracts` and commit what it writes"
    released, today = parts(json.loads(file.read_text())), parts(built)
    changed = [name for name in released | today if released.get(name) != today.get(name)]
    assert not changed, "if they are meant: run `make contracts` and commit what it writes"
    assert openapi.as_text(built) == file.read_text()


def test_the_gateway_brings_every_path_to_its_service(service: str, built: dict[str, Any]) -> None:
    template = (SERVICES.parent / "deploy" / "gateway" / "nginx.conf.template").read_text()
    entries = template.partition("map $uri $upstream {")[2].partition("}\n")[0].splitlines()
    routed = [re.fullmatch(r' *"(~)?(.+)" (\S+);', line) for line in entries]

    def owner(path: str) -> str:
        for entry in filter(None, routed):
            pattern = entry[2].replace("(?<", "(?P<") if entry[1] else re.escape(entry[2]) + "$"
            if found := re.match(pattern, path):
                return found[entry[3][1:]] if entry[3].startswith("$") else entry[3]
        return "portal"

    assert [path for path in built["paths"] if owner(path) != service] == []


def test_no_route_is_hidden_behind_one_with_a_parameter(app: FastAPI) -> None:
    """The first that fits is taken: `/assessments/{id}` before `/assessments/summary` would answer for it."""
    routes = api_routes(app)
    assert len(routes) > 3
    for number, route in enumerate(routes):
        for earlier in routes[:number]:
            same_method = set(earlier.methods or ()) & set(route.methods or ())
            takes = same_method and earlier.path_regex.match(route.path or "")
            assert not takes, f"{route.path} is answered by {earlier.path}: register it before"


def test_it_is_openapi_3_1(built: dict[str, Any]) -> None:
    assert built["openapi"].startswith("3.1")


def test_every_problem_is_a_problem_document(built: dict[str, Any]) -> None:
    for path, operation in operations(built):
        is_page = "text/html" in operation["responses"].get("200", {}).get("content", {})
        for status, response in operation["responses"].items():
            if status.startswith(("4", "5")):
                said = set(response["content"]) - ({"text/html"} if is_page else set())
                assert said == {"application/problem+json"} or (is_page and not said), f"{path} {status}"


OF_NO_PRINCIPAL = {"POST /api/v1/assessment-drafts"}
"""An answer is kept for who asked, here nobody; it would hold the draft's secret (decision 0022)."""


def test_a_post_that_creates_asks_for_an_idempotency_key(built: dict[str, Any]) -> None:
    for path, operation in operations(built):
        if "201" in operation["responses"] and path not in OF_NO_PRINCIPAL:
            headers = {
                each["name"].lower() for each in operation.get("parameters", []) if each["in"] == "header"
            }
            assert "idempotency-key" in headers, path


def parts(document: dict[str, Any]) -> dict[str, Any]:
    """The document in pieces with a name each, so that a failure says in one line what changed."""
    schemas = document["components"]["schemas"]
    rest = {name: value for name, value in document.items() if name not in {"paths", "components"}}
    return dict(operations(document)) | {f"schema {name}": each for name, each in schemas.items()} | rest


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method.upper()} {path}", operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]

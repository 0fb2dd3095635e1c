"""The OpenAPI 3.1 document of a service, with the problems every route can answer with."""

import json
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from chassis.access import api_routes, declared
from chassis.problems import MEDIA_TYPE, TYPE_PREFIX

_PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "description": "RFC 9457. `type` is stable and meant for programs; `detail` is for people.",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "examples": [f"{TYPE_PREFIX}not-found"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "field": {"type": "string", "description": "The parameter or body field at fault."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "detail"],
                "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
_WHEN = {
    "400": "The request cannot be understood",
    "401": "Not signed in, or the token is no longer valid",
    "403": "Not allowed",
    "404": "No such thing",
    "408": "What was sent did not arrive in time.",
    "409": "It conflicts with what is there",
    "410": "It was there, and is no more",
    "412": "Changed in the meantime",
    "413": "The body is too large",
    "422": "A value is not acceptable",
    "428": "If-Match is required",
    "429": "Too many requests",
    "503": "Temporarily unavailable; try again",
}
_METHODS = ("get", "put", "post", "delete", "patch")


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For a route's `responses=`: what it refuses besides what every route of its form does."""
    return {status: _problem(str(status)) for status in statuses}


def install(app: FastAPI) -> None:
    """Makes `app` publish `document(app)`."""
    app.openapi = lambda: document(app)  # type: ignore[method-assign]


def document(app: FastAPI) -> dict[str, Any]:
    """The document; made once per application."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        schemas = made.setdefault("components", {}).setdefault("schemas", {})
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        schemas["Problem"] = _PROBLEM
        for path in made.get("paths", {}).values():
            for method in _METHODS:
                if method in path:
                    _describe(path[method])
        for route in api_routes(app):
            if route.include_in_schema:
                for method in route.methods or ():
                    made["paths"][route.path_format][method.lower()]["x-access"] = declared(route)
        app.openapi_schema = made
    return app.openapi_schema


def as_text(made: dict[str, Any]) -> str:
    """The document as it is committed."""
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


def _describe(operation: dict[str, Any]) -> None:
    """Replaces the framework's idea of a validation error, and adds the other problems."""
    responses: dict[str, Any] = operation.setdefault("responses", {})
    if "HTTPValidationError" in str(responses.get("422")):  # not where a route says what its own is
        del responses["422"]
    parameters = operation.get("parameters", [])
    headers = {each["name"].lower() for each in parameters if each["in"] == "header"}
    for each in parameters:
        if each["name"].lower() in {"idempotency-key", "if-match"}:
            # The routes check it themselves, to say more than "missing".
            each["required"] = True
            each["schema"] = {"type": "string"}
    for status in sorted(_statuses(operation, headers)):
        responses.setdefault(status, _problem(status))


def _problem(status: str) -> dict[str, Any]:
    return {
        "description": _WHEN[status],
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _statuses(operation: dict[str, Any], headers: set[str]) -> set[str]:
    found = {"429", "503"}
    if operation.get("security"):
        found |= {"401", "403"}
    if operation.get("parameters"):
        found |= {"400", "422"}
    if any(each["in"] == "path" for each in operation.get("parameters", [])):
        found |= {"404"}
    if "requestBody" in operation:
        found |= {"400", "413", "422"}
    if "idempotency-key" in headers:
        found |= {"400", "409"}
    if "if-match" in headers:
        found |= {"412", "428"}
    return found

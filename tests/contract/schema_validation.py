"""Whether a message fits a JSON Schema, its formats included."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import jsonschema  # type: ignore[import-untyped]

_formats = jsonschema.FormatChecker(["date", "uuid"])


@_formats.checks("date-time", raises=ValueError)  # type: ignore[untyped-decorator]
def _is_a_time_with_its_zone(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


def complaints(message: Any, schema: dict[str, Any]) -> list[str]:
    """What is wrong with `message`; nothing where it fits."""
    validator = jsonschema.Draft202012Validator(schema, format_checker=_formats)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(message)]


def is_a_schema(schema: dict[str, Any]) -> bool:
    """True, or jsonschema's SchemaError that says where it is none."""
    jsonschema.Draft202012Validator.check_schema(schema)
    return True

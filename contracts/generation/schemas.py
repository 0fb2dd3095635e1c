"""JSON Schemas (2020-12) of the messages on the bus: CloudEvents attributes and data, per wire type."""

from __future__ import annotations

import ast
import inspect
import textwrap
from typing import Any

import msgspec

from contracts.envelope import SPEC_VERSION, Fact, schema_name

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]


def schemas(facts: dict[str, type[Fact]]) -> dict[str, Schema]:
    """The schema of each wire type in `facts`."""
    return {wire_type: message_schema(fact) for wire_type, fact in facts.items()}


def message_schema(fact: type[Fact]) -> Schema:
    """What a message of this type looks like: an object with the CloudEvents attributes, then its data.

    Fields unknown to the schema are allowed everywhere: later versions add some, always with a default.
    """
    properties = _envelope(fact) | {"data": data_schema(fact)}
    return {
        "$schema": DIALECT,
        "$id": schema_name(fact.TYPE),
        "title": fact.TYPE,
        "description": inspect.cleandoc(fact.__doc__ or ""),
        "type": "object",
        "properties": properties,
        "required": list(properties),
    }


def data_schema(fact: type[Fact]) -> Schema:
    """The schema of `data`, in place instead of by reference, each field with what its model says of it."""
    # Through JSON once: what is compared with the committed file is what a file can hold.
    generated = msgspec.json.decode(msgspec.json.encode(msgspec.json.schema(fact)))
    schema: Schema = _in_place(generated, generated["$defs"])
    schema.pop("description", None)  # the message says it already
    told = _field_docstrings(fact)
    for field, shape in schema["properties"].items():
        if field in told:
            schema["properties"][field] = {"description": told[field]} | shape
    return schema


def _envelope(fact: type[Fact]) -> Schema:
    owner = fact.TYPE.split(".", 1)[0]
    return {
        "specversion": {"const": SPEC_VERSION},
        "id": {
            "description": "UUIDv7; the same for ever for the same fact.",
            "type": "string",
            "format": "uuid",
        },
        "source": {"const": f"/cococity/{owner}"},
        "type": {"const": fact.TYPE},
        "subject": {"description": f"The fact's `{fact.AGGREGATE}`.", "type": "string", "format": "uuid"},
        "time": {"description": "When it happened, UTC.", "type": "string", "format": "date-time"},
        "datacontenttype": {"const": "application/json"},
        "dataschema": {"const": schema_name(fact.TYPE)},
    }


def _in_place(schema: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_in_place(each, definitions) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _in_place(definitions[schema["$ref"].rsplit("/", 1)[1]], definitions)
    return {key: _in_place(value, definitions) for key, value in schema.items() if key != "$defs"}


def _field_docstrings(fact: type[Fact]) -> dict[str, str]:
    """The string below a field is its documentation; Python keeps it in the source alone."""
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(fact))).body
    assert isinstance(tree, ast.ClassDef)
    told = {}
    for field, below in zip(tree.body, tree.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            match below:
                case ast.Expr(ast.Constant(str(text))):
                    told[field.target.id] = " ".join(text.split())
    return told

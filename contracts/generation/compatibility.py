"""What may change in a released schema: fields may be added with a default, and nothing else.

The rule holds in both directions at once. Old events are read by new models (replay, years later), and
new events by old models (a consumer that is deployed later than its owner).
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]
_ANNOTATIONS = frozenset({"title", "description", "$comment", "examples"})
"""Say something to people; no reader depends on them."""
_FIELDS = frozenset({"properties", "required"})


def breaks(released: dict[str, Schema], today: dict[str, Schema]) -> list[str]:
    """Every way in which today's schemas break with the released ones, a line each; none is fine."""
    found = []
    for wire_type, schema in released.items():
        if wire_type not in today:
            found.append(f"{wire_type}: the type is gone; events of it are stored for ever")
        else:
            found += _object_breaks(wire_type, schema, today[wire_type])
    return found


def _object_breaks(where: str, released: Schema, today: Schema) -> list[str]:
    before, after = released["properties"], today.get("properties", {})
    required_before, required_after = set(released.get("required", ())), set(today.get("required", ()))
    found = []
    if _shape(released, _FIELDS) != _shape(today, _FIELDS):
        found.append(f"{where}: changed from {_shape(released, _FIELDS)} to {_shape(today, _FIELDS)}")
    for name in before:
        if name not in after:
            found.append(f"{where}.{name}: removed; released readers expect it")
        elif name in required_after - required_before:
            found.append(f"{where}.{name}: required now; released events may lack it")
        elif name in required_before - required_after:
            found.append(f"{where}.{name}: optional now; released readers require it")
        else:
            found += _field_breaks(f"{where}.{name}", before[name], after[name])
    found += [
        f"{where}.{name}: added without a default; released events lack it"
        for name in after
        if name not in before and name in required_after
    ]
    return found


def _field_breaks(where: str, released: Schema, today: Schema) -> list[str]:
    if "properties" in released:
        return _object_breaks(where, released, today)
    if _shape(released) != _shape(today):
        return [f"{where}: changed from {_shape(released)} to {_shape(today)}"]
    return []


def _shape(schema: Any, besides: frozenset[str] = frozenset()) -> Any:
    """A schema without what is only said to people."""
    if isinstance(schema, dict):
        return {key: _shape(value) for key, value in schema.items() if key not in _ANNOTATIONS | besides}
    if isinstance(schema, list):
        return [_shape(each) for each in schema]
    return schema

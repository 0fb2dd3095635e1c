"""Events of every type, made from the models themselves: a field added tomorrow is tested tomorrow."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from msgspec import inspect as shapes

from contracts.envelope import Event, Fact

SMALLEST, LARGEST = -(2**63), 2**63 - 1
# An id holds milliseconds since 1970; PostgreSQL and Python agree on what lies before the year 9999.
MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(9998, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def tries(examples: int) -> settings:
    """So many examples, however slow the machine is just now."""
    return settings(max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def events(fact: type[Fact], *, only_required: bool = False) -> st.SearchStrategy[Event[Fact]]:
    """Any event of this type; with `only_required`, every field that has a default keeps it."""
    fields: dict[str, st.SearchStrategy[Any]] = {
        field.name: values(shape)
        for field, shape in zip(msgspec.structs.fields(fact), _shapes(fact), strict=True)
        if field.required or not only_required
    }
    return st.builds(Event.of, st.builds(fact, **fields), MOMENTS)


def _shapes(fact: type[Fact]) -> list[shapes.Type]:
    described = shapes.type_info(fact)
    assert isinstance(described, shapes.StructType)
    return [field.type for field in described.fields]


def values(shape: shapes.Type) -> st.SearchStrategy[Any]:
    """Values of a field's type. Raises NotImplementedError for a type no event has had so far."""
    match shape:
        case shapes.UUIDType():
            return st.uuids()
        case shapes.IntType():
            return st.integers(SMALLEST, LARGEST)
        case shapes.FloatType():
            return st.floats(allow_nan=False, allow_infinity=False)
        case shapes.BoolType():
            return st.booleans()
        case shapes.StrType():
            return st.text(max_size=20)
        case shapes.DateTimeType(tz=True):
            return MOMENTS
        case shapes.DateType():
            return st.dates()
        case shapes.NoneType():
            return st.none()
        case shapes.UnionType(types=types):
            return st.one_of([values(each) for each in types])
        case shapes.VarTupleType(item_type=item):
            return st.lists(values(item), max_size=4).map(tuple)
        case shapes.TupleType(item_types=items):
            return st.tuples(*[values(each) for each in items])
        case shapes.DictType(key_type=key, value_type=value):
            return st.dictionaries(values(key), values(value), max_size=4)
    raise NotImplementedError(f"an event has a field of {shape}: say here which values it takes")

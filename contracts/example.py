"""Writes the two stored examples of a new event: `python -m contracts.example AmbassadorShared`.

Its values are plausible by type alone; edit the files until they read like what happens. Once released
(`make contracts` has run) they stay as they are.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import uuid
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from msgspec import inspect as shapes

from contracts.catalogue import ALL
from contracts.envelope import Event, Fact, encode
from contracts.generation.files import CONTRACTS


def main(arguments: list[str] | None = None, examples: Path = CONTRACTS / "schemas" / "examples") -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m contracts.example", description="Examples of an event.")
    named = "the class, as AmbassadorShared, or the wire type; in FACTS of its owner's v1.py"
    parser.add_argument("fact", help=named)
    name = parser.parse_args(arguments).fact
    facts = {fact.__name__: fact for fact in ALL.values()} | ALL
    if name not in facts:
        sys.stderr.write(f"No fact is called {name}. Is it in FACTS of contracts/<owner>/v1.py?\n")
        return 2
    folder = examples / facts[name].TYPE
    if folder.exists():
        sys.stderr.write(f"{folder} is there already; what was released stays as it is.\n")
        return 2
    folder.mkdir(parents=True)
    for number, only_required in ((1, True), (2, False)):
        text = json.dumps(example(facts[name], only_required=only_required), indent=2)
        (folder / f"{number}.json").write_text(text + "\n")
        sys.stdout.write(f"{folder / f'{number}.json'}\n")
    return 0


def example(fact: type[Fact], *, only_required: bool) -> dict[str, Any]:
    """An event with plausible values as it is on the wire; with `only_required`, without optional fields."""
    chance = Random(time.time_ns())  # noqa: S311  it protects nothing
    described = shapes.type_info(fact)
    assert isinstance(described, shapes.StructType)
    fields = [field for field in described.fields if field.required or not only_required]
    made = Event.of(fact(**{field.name: _value(field.type, chance) for field in fields}), _moment(chance))
    wire: dict[str, Any] = json.loads(encode(made))
    wire["data"] = {field.name: wire["data"][field.name] for field in fields}
    return wire


def _value(shape: shapes.Type, chance: Random) -> Any:
    match shape:
        case shapes.UUIDType():
            milliseconds = round(_moment(chance).timestamp() * 1000)
            bits = milliseconds << 80 | 0x7 << 76 | chance.getrandbits(12) << 64
            return uuid.UUID(int=bits | 0b10 << 62 | chance.getrandbits(62))
        case shapes.BoolType():
            return True
        case shapes.IntType():
            return 1
        case shapes.FloatType():
            return 5.65
        case shapes.StrType():
            return "…"
        case shapes.LiteralType(values=values):
            return values[0]
        case shapes.DateTimeType():
            return _moment(chance)
        case shapes.DateType():
            return date(2026, 11, 21)
        case shapes.UnionType(types=types):
            return _value(next(each for each in types if not isinstance(each, shapes.NoneType)), chance)
        case shapes.VarTupleType(item_type=item):
            return (_value(item, chance),)
        case shapes.TupleType(item_types=items):
            return tuple(_value(each, chance) for each in items)
        case shapes.DictType(key_type=key, value_type=value):
            return {_value(key, chance): _value(value, chance)}
    raise NotImplementedError(f"say in {__name__} which value a field of {shape} takes")


def _moment(chance: Random) -> datetime:
    return datetime(2026, 11, 21, 9, tzinfo=UTC) + timedelta(milliseconds=chance.randrange(30_000_000))


if __name__ == "__main__":
    sys.exit(main())

"""The guard of released contracts fails where it should: each break is tried on a made-up type."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar
from uuid import UUID

import pytest

from contracts import generate
from contracts.envelope import Decoder, Event, Fact, NotAnEvent, encode
from contracts.generation.compatibility import breaks
from contracts.generation.files import Artefacts
from contracts.generation.schemas import message_schema
from tests.contract.schema_validation import complaints

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
SOME_ID = UUID("01a19b7c-a680-7522-a8ba-b8deb85565ba")


class Made(Fact, frozen=True, kw_only=True):
    """Something was made."""

    TYPE: ClassVar[str] = "campaigns.thing-made.v1"
    AGGREGATE: ClassVar[str] = "thing_id"
    KEY: ClassVar[str] = "thing_id"

    thing_id: UUID


class Released(Made, frozen=True, kw_only=True):
    count: int
    channel: str = "link"


class WithAFieldMore(Released, frozen=True, kw_only=True):
    note: str | None = None
    """Added later."""


class WithAFieldLess(Made, frozen=True, kw_only=True):
    count: int


class WithAnotherType(Made, frozen=True, kw_only=True):
    count: str
    channel: str = "link"


class WithARequiredFieldMore(Released, frozen=True, kw_only=True):
    place: str


class WithAFieldNowRequired(Made, frozen=True, kw_only=True):
    count: int
    channel: str


class WithAFieldNowOptional(Made, frozen=True, kw_only=True):
    count: int = 0
    channel: str = "link"


class WithAnotherDefault(Made, frozen=True, kw_only=True):
    count: int
    channel: str = "mail"


class OfAnotherType(Released, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "campaigns.thing-made.v2"


BREAKING = {
    WithAFieldLess: "data.channel: removed",
    WithAnotherType: "data.count: changed",
    WithARequiredFieldMore: "data.place: added without a default",
    WithAFieldNowRequired: "data.channel: required now",
    WithAFieldNowOptional: "data.count: optional now",
    WithAnotherDefault: "data.channel: changed",
    OfAnotherType: "the type is gone",
}
every_break = pytest.mark.parametrize("changed", BREAKING, ids=lambda changed: changed.__name__)


def one(fact: type[Fact], folder: Path) -> Artefacts:
    return Artefacts({fact.TYPE: fact}, folder)


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """A folder in which `Released` is committed, with an example."""
    example = tmp_path / "schemas" / "examples" / Released.TYPE / "1.json"
    example.parent.mkdir(parents=True)
    example.write_bytes(encode(Event.of(Released(city_id=SOME_ID, thing_id=SOME_ID, count=1), AT)))
    assert generate.main([], one(Released, tmp_path)) == 0
    return tmp_path


def test_what_is_committed_passes_the_check(released: Path) -> None:
    assert generate.main(["--check"], one(Released, released)) == 0


@every_break
@pytest.mark.parametrize("arguments", [[], ["--check"]], ids=["write", "check"])
def test_a_breaking_change_is_refused_and_nothing_is_written(
    changed: type[Fact], arguments: list[str], released: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(released)
    assert generate.main(arguments, one(changed, released)) == 2
    assert BREAKING[changed] in capsys.readouterr().err
    assert contents(released) == before


def test_a_field_added_with_a_default_is_no_break_and_asks_for_the_command(
    released: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    today = one(WithAFieldMore, released)
    assert generate.main(["--check"], today) == 1
    assert "python -m contracts.generate" in capsys.readouterr().err
    assert generate.main([], today) == 0
    assert generate.main(["--check"], today) == 0
    assert "note" in today.released_schemas()[Released.TYPE]["properties"]["data"]["properties"]
    # From now on that field is released too.
    assert generate.main(["--check"], one(Released, released)) == 2


def test_another_wording_is_no_break(released: Path) -> None:
    schema = one(Released, released).released_schemas()
    reworded = json.loads(json.dumps(schema).replace("Something was made.", "A thing was made."))
    assert not breaks(schema, reworded)


@pytest.mark.parametrize("changed", [WithAnotherType, WithARequiredFieldMore])
def test_a_released_example_is_not_read_by_a_broken_model(changed: type[Fact], released: Path) -> None:
    (example,) = one(Released, released).examples.glob("*/*.json")
    with pytest.raises(NotAnEvent):
        Decoder({changed.TYPE: changed}).decode(example.read_bytes())


@pytest.mark.parametrize(
    "fact",
    [
        WithAFieldLess(city_id=SOME_ID, thing_id=SOME_ID, count=1),
        WithAnotherType(city_id=SOME_ID, thing_id=SOME_ID, count="1"),
    ],
    ids=lambda fact: type(fact).__name__,
)
def test_an_event_of_a_broken_model_does_not_fit_the_released_schema(fact: Fact) -> None:
    schema = message_schema(Released)
    schema["properties"]["data"]["required"].append("channel")  # as if it had been released without a default
    assert complaints(json.loads(encode(Event.of(fact, AT))), schema)


def test_a_changed_or_deleted_example_is_refused(released: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = one(Released, released).examples.glob("*/*.json")
    example.write_bytes(example.read_bytes().replace(b'"count":1', b'"count":2'))
    assert generate.main([], one(Released, released)) == 2
    assert "1.json: changed" in capsys.readouterr().err
    example.unlink()
    assert generate.main(["--check"], one(Released, released)) == 2
    assert "1.json: gone" in capsys.readouterr().err


def test_an_added_example_is_taken_up(released: Path) -> None:
    artefacts = one(Released, released)
    (example,) = artefacts.examples.glob("*/*.json")
    example.with_name("2.json").write_bytes(example.read_bytes())
    assert generate.main(["--check"], artefacts) == 1
    assert generate.main([], artefacts) == 0
    example.with_name("2.json").unlink()
    assert generate.main(["--check"], artefacts) == 2

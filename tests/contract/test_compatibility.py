"""Yesterday's events are read by today's models, and today's events by those who know yesterday's schemas."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.catalogue import ALL
from contracts.envelope import Decoder, Event, encode
from contracts.generation.compatibility import breaks
from contracts.generation.files import COMMAND, Artefacts
from contracts.generation.schemas import schemas
from tests.contract.instances import events, tries
from tests.contract.schema_validation import complaints

ARTEFACTS = Artefacts(ALL)
RELEASED = ARTEFACTS.released_schemas()
EXAMPLES = sorted(ARTEFACTS.examples.glob("*/*.json"))
every_type = pytest.mark.parametrize("wire_type", sorted(ALL))
every_example = pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")


def test_the_committed_files_are_those_the_models_generate() -> None:
    assert not ARTEFACTS.stale(), f"run `{COMMAND}` and commit what it writes"


def test_todays_schemas_break_with_no_released_one() -> None:
    assert not breaks(RELEASED, schemas(ALL))


@every_type
def test_every_type_has_a_small_and_a_full_example(wire_type: str) -> None:
    fields = set(ALL[wire_type].__struct_fields__)
    found = [set(json.loads(path.read_text())["data"]) for path in EXAMPLES if path.parent.name == wire_type]
    assert len(found) >= 2
    assert any(fields <= example for example in found)
    required = set(RELEASED[wire_type]["properties"]["data"]["required"])
    assert any(example == required for example in found)


def test_every_example_is_of_a_known_type() -> None:
    assert {path.parent.name for path in EXAMPLES} == set(ALL)


@every_example
def test_a_released_event_is_read_by_todays_models(path: Path) -> None:
    body = path.read_bytes()
    event = Decoder(ALL).decode(body)
    assert event is not None
    assert path.parent.name == event.fact.TYPE
    written, read = json.loads(body), json.loads(encode(event))
    assert written["data"].items() <= read["data"].items()
    assert {**read, "data": None} == {**written, "data": None}


@every_example
def test_a_released_event_fits_its_released_schema(path: Path) -> None:
    assert not complaints(json.loads(path.read_bytes()), RELEASED[path.parent.name])


@every_example
def test_an_owner_emits_a_released_event_again_under_the_same_id(path: Path) -> None:
    event = Decoder(ALL).decode(path.read_bytes())
    assert event is not None
    assert Event.of(event.fact, event.time) == event


@every_type
@given(st.data())
@tries(20)
def test_todays_events_fit_the_released_schemas(wire_type: str, data: st.DataObject) -> None:
    event = data.draw(st.booleans().flatmap(lambda few: events(ALL[wire_type], only_required=few)))
    assert not complaints(json.loads(encode(event)), RELEASED[wire_type])


@every_example
def test_an_event_of_tomorrow_with_one_more_field_is_read_today(path: Path) -> None:
    message = json.loads(path.read_bytes())
    tomorrow = message | {"partitionkey": "x", "data": message["data"] | {"added_tomorrow": {"deep": [1]}}}
    assert Decoder(ALL).decode(json.dumps(tomorrow).encode()) == Decoder(ALL).decode(path.read_bytes())
    assert not complaints(tomorrow, RELEASED[path.parent.name])

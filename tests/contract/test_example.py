"""The command that writes the two stored examples of a new event."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from contracts.catalogue import ALL
from contracts.envelope import Decoder
from contracts.example import main
from contracts.generation.schemas import schemas
from tests.contract.schema_validation import complaints


@pytest.mark.parametrize("wire_type", sorted(ALL))
def test_it_writes_a_small_and_a_full_example_that_fit(wire_type: str, tmp_path: Path) -> None:
    fact = ALL[wire_type]
    assert main([fact.TYPE], tmp_path) == 0
    small, full = (json.loads((tmp_path / wire_type / f"{number}.json").read_text()) for number in (1, 2))
    schema = schemas({wire_type: fact})[wire_type]
    assert set(small["data"]) == set(schema["properties"]["data"]["required"])
    assert set(full["data"]) == set(fact.__struct_fields__)
    assert small["id"] != full["id"]
    for message in (small, full):
        assert not complaints(message, schema)
        event = Decoder(ALL).decode(json.dumps(message).encode())
        assert event is not None
        assert type(event.fact) is fact


def test_what_is_released_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["AmbassadorShared"], tmp_path) == 0
    before = {file: file.read_bytes() for file in tmp_path.glob("*/*.json")}
    assert main(["AmbassadorShared"], tmp_path) == 2
    assert "stays as it is" in capsys.readouterr().err
    assert {file: file.read_bytes() for file in tmp_path.glob("*/*.json")} == before


def test_a_name_that_is_none_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["AmbassadorShrugged"], tmp_path) == 2
    assert "FACTS" in capsys.readouterr().err

"""The format is published as a JSON Schema, and files are checked before they are published."""

import json
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from services.assessment.questionnaires import catalogue
from services.assessment.questionnaires.catalogue import FOLDER
from services.assessment.questionnaires.check import main, schema

COMMITTED = FOLDER.parent / "schema.json"
PUBLISHED = sorted(FOLDER.glob("*.yaml"))


def test_the_committed_schema_is_that_of_the_types() -> None:
    assert COMMITTED.read_text() == schema(), "run `make contracts`"
    Draft202012Validator.check_schema(json.loads(schema()))


@pytest.mark.parametrize("file", PUBLISHED, ids=lambda file: file.name)
def test_what_is_published_follows_the_schema(file: Path) -> None:
    Draft202012Validator(json.loads(schema())).validate(yaml.safe_load(file.read_bytes()))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: raw["questions"][0]["text"].pop("de"),
        lambda raw: raw["questions"][0].update(kind="free"),
        lambda raw: raw["questions"][0].update(color="red"),
        lambda raw: raw["questions"][0]["options"][0].update(points=101),
    ],
)
def test_the_schema_refuses_what_the_service_refuses(spoil: Any) -> None:
    raw = yaml.safe_load(PUBLISHED[0].read_bytes())
    spoil(raw)
    assert not Draft202012Validator(json.loads(schema())).is_valid(raw)


def test_what_is_published_is_found_good(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert capsys.readouterr() == ("", "")


def test_each_bad_file_is_told_with_its_field(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draft = tmp_path / "session-form.v9.yaml"
    draft.write_text(PUBLISHED[0].read_text().replace("priority: 1", "priority: 7", 1))
    gone = tmp_path / "gone.yaml"
    assert main([str(draft), str(PUBLISHED[0]), str(gone)]) == 1
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 2
    fault = "Invalid enum value 7 - at `$.recommendations[0].priority`"
    assert told[0] == f"session-form.v9.yaml: {fault}"
    assert told[1].startswith(f"{gone}: ")


def test_a_published_file_that_changed_fails_the_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "published"
    copytree(FOLDER, folder)
    with (folder / PUBLISHED[0].name).open("ab") as file:
        file.write(b"# edited")
    monkeypatch.setattr(catalogue.load, "__defaults__", (folder,))
    assert main([]) == 1
    assert "changed after it was published" in capsys.readouterr().err


def test_the_schema_can_be_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--schema"]) == 0
    assert capsys.readouterr().out == schema()

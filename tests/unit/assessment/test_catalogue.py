"""What is wrong with a questionnaire is said by file and field, before anybody is asked a question."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.assessment.questionnaires.catalogue import CHECKSUMS, FOLDER, BadQuestionnaire, load, parse

FILE = "digital-maturity.v1.yaml"
# A second place that has to be changed makes a silent edit impossible.
CHECKSUMS_AS_PUBLISHED = {
    "digital-maturity.v1.yaml": "1bd9a1c553c9873027e218d7f0eeb5a30ad9efff8eaba08352b04e2ddaa75ca2",
    "full-assessment.v1.yaml": "185561ef01a5363a34d83129196170242bbcd5ad618d66699d30ff21152f9439",
    "session-form.v1.yaml": "3e2f5741a4f2a2929f57c9a16f65e08c44fd0f075183f5dd0186b6b537d486f4",
    "mappings/digital-maturity.v1--full-assessment.v1.yaml": (
        "48a8b9b2f419a70379fbd4fee02d06b233ca3f043fa6f44a89e41256cc5c902c"
    ),
    "mappings/session-form.v1--full-assessment.v1.yaml": (
        "e09a8c2129c353d366519f86a886a6e7db663f569fae5029bc1e52268f857ab6"
    ),
}


@pytest.fixture
def raw() -> dict[str, Any]:
    return dict(yaml.safe_load((FOLDER / FILE).read_bytes()))


def fault_of(raw: dict[str, Any]) -> str:
    with pytest.raises(BadQuestionnaire) as refused:
        parse(FILE, yaml.safe_dump(raw, allow_unicode=True).encode())
    assert str(refused.value).startswith(f"{FILE}: ")
    return str(refused.value)


def test_every_version_is_as_it_was_published() -> None:
    found = {
        file.relative_to(FOLDER).as_posix(): sha256(file.read_bytes()).hexdigest()
        for file in FOLDER.rglob("*.yaml")
    }
    assert found == CHECKSUMS_AS_PUBLISHED
    names = {f"{known.name}.v{known.version}.yaml" for known in load().latest()}
    assert names == {name for name in found if "/" not in name}


def test_a_missing_translation_is_named(raw: dict[str, Any]) -> None:
    del raw["questions"][2]["options"][1]["text"]["nl"]
    assert "$.questions[2].options[1].text" in fault_of(raw)


def test_an_empty_translation_is_named(raw: dict[str, Any]) -> None:
    raw["recommendations"][3]["why"]["de"] = " "
    fault = fault_of(raw)
    assert "$.recommendations[3].why.de" in fault


def test_a_no_that_yaml_takes_for_false_is_named(raw: dict[str, Any]) -> None:
    raw["questions"][0]["options"][0]["text"]["en"] = False
    assert "$.questions[0].options[0].text.en" in fault_of(raw)


def test_a_misspelt_field_is_named(raw: dict[str, Any]) -> None:
    raw["questions"][1]["options"][0]["recomends"] = ["seo-basics"]
    fault = fault_of(raw)
    assert "`recomends`" in fault
    assert "$.questions[1].options[0]" in fault


@pytest.mark.parametrize(
    ("place", "field", "value", "fault"),
    [
        (0, "weight", -1, "$.questions[0].weight"),
        (1, "dimension", "colour", "$.questions[1].dimension"),
        (2, "key", "Search Rank", "$.questions[2].key"),
        (3, "key", "maps-profile", "$.questions: 'maps-profile' is there 2 times"),
        (4, "kind", "free", "$.questions[4].kind"),
        (0, "eu", "magic", "$.questions[0].eu"),
        (0, "eu", "automation-and-ai", "$.questions: 'free-listings' has no place"),
        (6, "shown_if", {"question": "customer-list", "at_least": 1}, "$.questions[6].shown_if"),
        (5, "shown_if", {"question": "help", "any_of": ["myself"]}, "$.questions[5].shown_if"),
        (6, "shown_if", {"question": "customer-list", "any_of": ["gold"]}, "$.questions[6].shown_if"),
    ],
)
def test_a_question_that_cannot_be_asked_is_named(
    raw: dict[str, Any], place: int, field: str, value: Any, fault: str
) -> None:
    raw["questions"][place][field] = value
    assert fault in fault_of(raw)


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("points", 90, "the best answer brings 90 points"),
        ("points", 101, "$.questions[0].options[0].points"),
        ("recommends", ["win-the-lottery"], "which is no recommendation"),
    ],
)
def test_an_option_that_cannot_be_scored_is_named(
    raw: dict[str, Any], field: str, value: Any, fault: str
) -> None:
    raw["questions"][0]["options"][0][field] = value
    assert fault in fault_of(raw)


def test_advice_that_no_answer_calls_for_is_named(raw: dict[str, Any]) -> None:
    del raw["questions"][13]["options"][1]["recommends"], raw["questions"][13]["options"][3]["recommends"]
    assert "no answer calls for 'training'" in fault_of(raw)


def test_what_is_no_yaml_is_refused() -> None:
    with pytest.raises(BadQuestionnaire, match=FILE):
        parse(FILE, b"name: [")


def copied(folder: Path, body: bytes, checksum: str) -> Path:
    (folder / FILE).write_bytes(body)
    (folder / CHECKSUMS).write_text(checksum and f"{checksum}  {FILE}\n")
    return folder


def test_a_published_version_that_changed_stops_the_start(tmp_path: Path) -> None:
    body = (FOLDER / FILE).read_bytes()
    folder = copied(tmp_path, body.replace(b"points: 60", b"points: 61"), sha256(body).hexdigest())
    with pytest.raises(BadQuestionnaire, match="changed after it was published"):
        load(folder)


def test_a_version_that_was_not_published_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(BadQuestionnaire, match="not published"):
        load(copied(tmp_path, (FOLDER / FILE).read_bytes(), ""))


def test_a_published_version_that_is_gone_stops_the_start(tmp_path: Path) -> None:
    body = (FOLDER / FILE).read_bytes()
    folder = copied(tmp_path, body, sha256(body).hexdigest())
    (folder / FILE).unlink()
    with pytest.raises(BadQuestionnaire, match="gone"):
        load(folder)

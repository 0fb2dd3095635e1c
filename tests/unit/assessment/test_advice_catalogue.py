"""The catalogue of tools and trainings is whole and honest, or the service does not start."""

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from services.assessment.advice import catalogue, words
from services.assessment.advice.catalogue import FOLDER, BadEntry, load
from services.assessment.advice.check import KINDS, main, schema
from services.assessment.advice.domain.choice import because, in_order, that_fit
from services.assessment.advice.domain.entries import STALE_AFTER_MONTHS, Tool
from services.assessment.questionnaires.catalogue import load as load_questionnaires
from services.assessment.questionnaires.domain.scoring import Advice

QUESTIONNAIRES = load_questionnaires()
CATALOGUE = load(QUESTIONNAIRES)
TOOLS = CATALOGUE.tools
ARTICLE = {
    "natural-search-ranking",
    "free-visibility",
    "reputation-watch",
    "customer-file-and-mailing",
    "better-website",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for kind in ("tools", "trainings", "actions"):
        shutil.copytree(FOLDER / kind, tmp_path / kind)
    return tmp_path


def changed(file: Path, **fields: Any) -> None:
    raw = {**yaml.safe_load(file.read_bytes()), **fields}
    file.write_text(yaml.safe_dump(raw, allow_unicode=True))


def fault_of(folder: Path) -> str:
    with pytest.raises(BadEntry) as refused:
        load(QUESTIONNAIRES, folder)
    return str(refused.value)


def test_thirty_tools_and_the_articles_trainings_cover_all_dimensions() -> None:
    dimensions = {each.key for known in QUESTIONNAIRES.every() for each in known.dimensions}
    assert len(TOOLS) >= 30
    assert {tool.dimension for tool in TOOLS.values()} == dimensions
    assert set(CATALOGUE.trainings) > ARTICLE
    assert {training.dimension for training in CATALOGUE.trainings.values()} >= dimensions - {"tools"}


def test_every_recommendation_is_answered_by_a_tool() -> None:
    recommended = {each.key for known in QUESTIONNAIRES.every() for each in known.recommendations}
    assert recommended == {need for tool in TOOLS.values() for need in tool.needs}


def test_thirty_tools_at_least_were_checked_and_some_of_every_dimension() -> None:
    checked = [tool for tool in TOOLS.values() if tool.checked]
    assert len(checked) >= 30
    assert {tool.dimension for tool in checked} == {tool.dimension for tool in TOOLS.values()}


def test_no_entry_claims_a_check_before_it_was_written_or_without_a_page() -> None:
    checked = [tool for tool in TOOLS.values() if tool.checked]
    assert all(tool.checked and tool.checked >= tool.written and tool.sources for tool in checked)


def test_a_check_that_names_its_pages_is_taken(folder: Path) -> None:
    pages = ["https://www.wix.com/", "https://support.wix.com/en"]
    changed(folder / "tools" / "wix.yaml", checked=date(2026, 12, 24), sources=pages)
    wix = load(QUESTIONNAIRES, folder).tools["wix"]
    assert (wix.checked, wix.sources) == (date(2026, 12, 24), tuple(pages))


def test_pages_may_be_named_before_all_is_found_on_them(folder: Path) -> None:
    changed(folder / "tools" / "wix.yaml", checked=None, sources=["https://www.wix.com/"])
    wix = load(QUESTIONNAIRES, folder).tools["wix"]
    assert wix.freshness(wix.written) == "not-checked-yet"


@pytest.mark.parametrize("kind", KINDS)
def test_the_committed_schema_is_that_of_the_types_and_every_file_follows_it(kind: str) -> None:
    assert (FOLDER / f"{kind}.schema.json").read_text() == schema(kind), "run `make contracts`"
    validator = Draft202012Validator(json.loads(schema(kind)))
    for file in (FOLDER / f"{kind}s").glob("*.yaml"):
        raw = yaml.safe_load(file.read_bytes())
        # YAML has dates; JSON, for which the schema is, has them as text.
        validator.validate(json.loads(json.dumps(raw, default=str)))


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"good_for": {"fr": "a", "nl": "b", "en": "c"}}, "$.good_for"),
        ({"not_for": {"fr": "a", "nl": " ", "de": "b", "en": "c"}}, "$.not_for.nl"),
        ({"cost": "cheap"}, "$.cost"),
        ({"address": "http://example.org/"}, "$.address"),
        ({"colour": "red"}, "colour"),
        ({"hours": 0}, "$.hours"),
        ({"checked": "yesterday"}, "$.checked"),
        ({"checked": date(2020, 1, 1)}, "$.checked: is before it was written"),
        (
            {"checked": date(2026, 11, 26), "sources": []},
            "$.sources: names no page on which the check found the facts",
        ),
        ({"sources": ["https://wix.com/", "https://wix.com/"]}, "$.sources: names a page twice"),
        ({"sources": ["http://wix.com/"]}, "$.sources[0]"),
        ({"sources": [f"https://wix.com/{page}" for page in range(11)]}, "$.sources"),
        ({"needs": ["win-the-lottery"]}, "$.needs: no questionnaire recommends 'win-the-lottery'"),
        ({"needs": []}, "$.needs"),
        ({"alternatives": ["hammer"]}, "$.alternatives: 'hammer' is no other tool"),
        ({"alternatives": ["wix"]}, "$.alternatives: 'wix' is no other tool"),
        ({"key": "wixx"}, "$.key"),
    ],
)
def test_what_is_wrong_with_a_tool_is_named_by_file_and_field(
    folder: Path, fields: dict[str, Any], fault: str
) -> None:
    changed(folder / "tools" / "wix.yaml", **fields)
    said = fault_of(folder)
    assert said.startswith("wix.yaml: ")
    assert fault in said


def test_a_recommendation_that_nothing_answers_is_named(folder: Path) -> None:
    for file in (*folder.glob("tools/*.yaml"), *folder.glob("trainings/*.yaml")):
        if "seo-basics" in file.read_text():
            needs = [need for need in yaml.safe_load(file.read_bytes())["needs"] if need != "seo-basics"]
            changed(file, needs=needs or ["training"])
    assert fault_of(folder).startswith("seo-basics: no tool and no training answers")


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"hours": 0.3}, "$.hours"),
        ({"euros": -1}, "$.euros"),
        ({"hours_with_tool": 100}, "$.hours_with_tool: a tool in use makes it no longer"),
        ({"after": ["juggling"]}, "$.after: 'juggling' is no action"),
        ({"after": ["first-newsletter"]}, "$.after: waits for itself"),
        ({"leads_to": {"mailing": "weekly"}}, "$.leads_to: 'weekly' is no option of 'mailing'"),
        ({"leads_to": {"ease": "five"}}, "$.leads_to: 'five' is no option of 'ease'"),
        ({"leads_to": {"colour": "red"}}, "$.leads_to: 'red' is no option of 'colour'"),
    ],
)
def test_what_is_wrong_with_an_action_is_named_by_file_and_field(
    folder: Path, fields: dict[str, Any], fault: str
) -> None:
    changed(folder / "actions" / "customer-file.yaml", **fields)
    said = fault_of(folder)
    assert said.split(":")[0] in {"customer-file.yaml", "first-newsletter.yaml"}
    assert fault in said


def test_a_recommendation_without_an_action_is_named(folder: Path) -> None:
    (folder / "actions" / "training.yaml").unlink()
    assert fault_of(folder).startswith("training.yaml: is missing among the actions")


def test_what_is_no_yaml_is_named(folder: Path) -> None:
    (folder / "trainings" / "free-visibility.yaml").write_text("key: [")
    assert fault_of(folder).startswith("free-visibility.yaml: ")


def test_a_word_that_is_missing_is_named(tmp_path: Path) -> None:
    raw = yaml.safe_load(words.FILE.read_bytes())
    del raw["data_kept"]["unknown"]
    file = tmp_path / "words.yaml"
    file.write_text(yaml.safe_dump(raw, allow_unicode=True))
    with pytest.raises(ValueError, match=r"words.yaml: \$.data_kept: no words for 'unknown'"):
        words.load(file)
    file.write_text("tool_order: {}")
    with pytest.raises(ValueError, match=r"words.yaml: .*\$.tool_order"):
        words.load(file)


def test_the_check_says_what_is_wrong(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([]) == 0
    changed(folder / "tools" / "wix.yaml", cost="cheap")
    monkeypatch.setattr(catalogue.load, "__defaults__", (folder,))
    assert main([]) == 1
    assert "wix.yaml: " in capsys.readouterr().err


def test_the_schema_can_be_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--schema", "tool"]) == 0
    assert capsys.readouterr().out == schema("tool")


def dated(written: date, checked: date | None) -> Tool:
    raw = yaml.safe_load((FOLDER / "tools" / "wix.yaml").read_bytes())
    return msgspec.convert({**raw, "written": written, "checked": checked}, Tool)


@pytest.mark.parametrize(
    ("checked", "today", "freshness"),
    [
        (None, date(2026, 11, 26), "not-checked-yet"),
        (None, date(2027, 11, 25), "not-checked-yet"),
        (None, date(2027, 11, 26), "stale"),
        (date(2027, 3, 31), date(2027, 11, 26), "checked"),
        (date(2027, 3, 31), date(2028, 3, 30), "checked"),
        (date(2027, 3, 31), date(2028, 3, 31), "stale"),
    ],
)
def test_an_entry_goes_stale_a_year_after_its_check_or_its_writing(
    checked: date | None, today: date, freshness: str
) -> None:
    assert STALE_AFTER_MONTHS == 12
    assert dated(date(2026, 11, 26), checked).freshness(today) == freshness


def test_free_tools_come_first_whatever_the_order_of_the_files() -> None:
    order = in_order(TOOLS.values())
    assert [tool.cost for tool in order] == sorted(
        (tool.cost for tool in TOOLS.values()), key=["free", "free-to-start", "paid"].index
    )
    assert order == in_order(reversed(TOOLS.values()))
    skills = ["beginner", "some", "advanced"]
    free = [(skills.index(tool.skill), not tool.open_source) for tool in order if tool.cost == "free"]
    assert free == sorted(free)


def test_the_first_three_answer_three_needs_and_every_tool_for_them_follows() -> None:
    advice = [
        Advice("security-basics", ("protection",)),
        Advice("customer-file", ("customer-list",)),
        Advice("digital-payment", ("payments",)),
    ]
    fitting = that_fit(TOOLS.values(), advice)
    assert [step.key in tool.needs for step, tool in zip(advice, fitting, strict=False)] == [True] * 3
    assert {tool.key for tool in fitting} == {
        tool.key for tool in TOOLS.values() if {step.key for step in advice} & {*tool.needs}
    }
    assert because(TOOLS["nextcloud"], advice) == ["protection", "customer-list"]


def test_one_need_alone_still_brings_three_tools_where_there_are_three() -> None:
    fitting = that_fit(TOOLS.values(), [Advice("order-and-book", ("distance-orders",))])
    assert [tool.cost for tool in fitting[:3]] == ["free", "free-to-start", "free-to-start"]
    assert that_fit(TOOLS.values(), []) == []

"""The texts of reports are complete, or the service does not start."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.assessment.reports.words import FOLDER, load, load_regional

WORDS = (FOLDER / "words.yaml").read_text(encoding="utf-8")


def written(folder: Path, text: str) -> Path:
    file = folder / "words.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_missing_language_is_named_by_its_field(tmp_path: Path) -> None:
    without = WORDS.replace("year: {fr: Année, nl: Jaar, de: Jahr, en: Year}", "year: {fr: Année}")
    with pytest.raises(ValueError, match=r"words\.yaml.*\$\.year"):
        load(written(tmp_path, without))


def test_a_column_without_a_description_is_named(tmp_path: Path) -> None:
    head, _, tail = WORDS.partition("  percent:\n    fr: Leur part")
    without = head + "  rest:\n    fr: Leur part" + tail
    with pytest.raises(ValueError, match="no words for 'percent'"):
        load(written(tmp_path, without))


def test_a_figure_of_the_region_needs_a_source(tmp_path: Path) -> None:
    text = (FOLDER / "regional.yaml").read_text(encoding="utf-8")
    file = tmp_path / "regional.yaml"
    file.write_text("\n".join(line for line in text.splitlines() if "source:" not in line), encoding="utf-8")
    with pytest.raises(ValueError, match=r"regional\.yaml.*source"):
        load_regional(file)

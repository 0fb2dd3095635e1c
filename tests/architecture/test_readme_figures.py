"""The README's figures are those of the last measurement, and were copied by nobody."""

from __future__ import annotations

import pytest

from bench.readme import README, faults_table, speed_table, with_figures
from bench.screening import laid_out, precision_and_recall


def test_the_readme_shows_what_was_measured() -> None:
    assert README.read_text() == with_figures(README.read_text()), "run: python -m bench.readme"


def test_a_missed_target_is_said() -> None:
    row = {"measure": "m", "against": "a", "ours": 5.0, "theirs": 10.0, "ratio": 0.5, "better": "higher"}
    assert "missed" in speed_table({"rows": [row | {"target": 0.6}]})
    assert "missed" not in speed_table({"rows": [row | {"target": 0.5}]})
    assert "missed" in speed_table({"rows": [row | {"target": 0.4, "better": "lower"}]})


def test_where_nothing_could_be_measured_no_figure_is_shown() -> None:
    row = {"measure": "m", "against": "a", "ours": None, "theirs": 1.0, "ratio": None, "target": None}
    assert "| m | a | – | 1 | – |  |" in speed_table({"rows": [row | {"better": "higher"}]})
    reviews = laid_out(0)
    assert precision_and_recall(reviews, [False] * len(reviews)) == (None, 0.0)
    assert precision_and_recall(reviews, [review.dishonest for review in reviews]) == (1.0, 1.0)


def test_what_was_lost_is_said() -> None:
    row = {"fault": "f", "injected": 1, "accepted": 10, "lost": 3, "doubled": 0, "note": "seen"}
    assert "| f | 1 | 10 | 3 | 0 | seen |" in faults_table({"rows": [row]})


def test_a_readme_without_the_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="no marks"):
        with_figures("# CoCoCity")

"""The report on paper: in four languages, whatever the campaign is called."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from uuid import uuid4

import pytest
from pypdf import PdfReader
from reportlab.graphics.charts.linecharts import HorizontalLineChart
from reportlab.graphics.shapes import Drawing

from chassis.catalogues import compiled
from services.campaigns.evaluation.domain import Figure
from services.campaigns.study import words
from services.campaigns.study.beside import Beside
from services.campaigns.study.domain.answer import Verdict, answered
from services.campaigns.study.domain.funnel import funnel
from services.campaigns.study.domain.outcomes import Outcome
from services.campaigns.study.paper import _flowables, drawn
from services.campaigns.study.report import Report
from tests.support.catalogues import faults_of
from tests.unit.campaigns.test_study_answer import PLAN, panel

HOSTILE = "<b>Noël</b> & <img src='http://localhost/x'> \u202e"


def report(weeks_over: int = 4, effect: float = 4.0) -> Report:
    answer = answered(Outcome.ASSESSMENT, PLAN, panel(effect), weeks_over, solicited=False)
    reached = dict.fromkeys((uuid4() for _ in range(6)), date(2026, 9, 7))
    return Report(
        uuid4(), uuid4(), HOSTILE, date(2026, 9, 7), True, PLAN, weeks_over, [answer],
        dict.fromkeys(Figure, 12), funnel(reached, ()), [Beside(uuid4(), HOSTILE, 7, None)],
    )  # fmt: skip


def text_of(pdf: bytes) -> str:
    pages = PdfReader(BytesIO(pdf)).pages
    assert len(pages) <= 2
    return " ".join(" ".join(page.extract_text() for page in pages).split())


@pytest.mark.parametrize("language", ["fr", "nl", "de", "en"])
def test_it_leads_with_the_answer_in_the_readers_language(language: str) -> None:
    text = text_of(drawn(report(), language))
    verdict, week = words.said(words.VERDICTS[Verdict.ROSE], language), words.said(words.WEEK, language)
    assert text.index(" ".join(verdict.split())) < text.index(week)
    told = words.FEW, words.WITH, words.COMPARED, words.FUNNEL, words.IN_ORDER, words.DONE
    for each in (*told, *words.FIGURES.values()):
        assert " ".join(words.said(each, language).split()) in text
    assert "<b>Noël</b> & <img" in text


def test_a_chart_shows_each_groups_mean_of_each_week() -> None:
    told = report()
    (answer,) = told.answers
    (drawing,) = [each for each in _flowables(told, "en") if isinstance(each, Drawing)]
    (chart,) = [each for each in drawing.contents if isinstance(each, HorizontalLineChart)]
    assert chart.data == [
        tuple(each / (group.merchants or 1) for each in group.weekly or ())
        for group in (answer.campaign, answer.comparison)
    ]
    assert len(chart.data[0]) == len(chart.data[1]) == PLAN.weeks_before + 4
    assert chart.data[0] != chart.data[1]


def test_where_nothing_is_claimed_there_is_no_interval() -> None:
    text = text_of(drawn(report(weeks_over=2), "en"))
    assert "too early" in text
    assert "95 %" not in text


def test_what_could_not_be_seen_is_said() -> None:
    text = text_of(drawn(report(effect=0.0), "en"))
    assert "No effect was shown" in text
    assert "four cases of five" in text
    assert "it would take" in text


@pytest.mark.parametrize("language", ["fr", "nl", "de"])
def test_everything_is_translated(language: str) -> None:
    assert faults_of(words.FOLDER, language, words.DOMAIN) == []
    sentences = [*words.VERDICTS.values(), *words.OUTCOMES.values(), *words.STEPS.values()]
    sentences += [each for name, each in vars(words).items() if name.isupper() and isinstance(each, str)]
    catalogue = compiled(words.FOLDER, language, words.DOMAIN)
    assert [each for each in {*sentences} - {words.DOMAIN} if each not in catalogue._catalog] == []


def test_every_verdict_outcome_and_step_has_its_words() -> None:
    assert {*words.VERDICTS} == {*Verdict}
    assert {*words.OUTCOMES} == {*Outcome}

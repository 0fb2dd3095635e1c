"""A report as a sheet and on paper says what it says as JSON, in four languages."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from random import Random
from typing import Any

import httpx
import pytest
import pytest_asyncio
from pypdf import PdfReader

from chassis.service import Service
from services.assessment.reports.closing import close_units
from services.assessment.reports.sheet import safe
from services.assessment.reports.words import load
from tests.integration.assessment.conftest import CITY, token
from tests.integration.assessment.populations import CATALOGUE, CLOSED, hand_in, held_session, some

REPORTS = "/api/v1/reports"
WHO = token({"role": "city_officer", "city": str(CITY)})
ASKED = {"city": str(CITY), "language": "en", "first_month": "2026-03"}


@pytest_asyncio.fixture
async def told(service: Service, client: httpx.AsyncClient) -> Any:
    """A report of one session, as JSON."""
    async with service.database.transaction() as tx:
        session = await held_session(tx)
    await hand_in(service, some(Random(1), 24, session=session))
    await close_units(service.database, CATALOGUE, CLOSED)
    return (await client.get(REPORTS, params=ASKED, headers=WHO)).json()


async def test_every_figure_has_its_row_in_the_sheet(client: httpx.AsyncClient, told: Any) -> None:
    answer = await client.get(f"{REPORTS}/sheet.csv", params=ASKED, headers=WHO)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="report-2026-03.csv"'
    assert answer.text.startswith("\ufeff")
    rows = [*csv.DictReader(StringIO(answer.text.removeprefix("\ufeff")))]

    def of(section: str) -> dict[str, dict[str, str]]:
        return {row["key"]: row for row in rows if row["section"] == section}

    assert (of("report")["participants"]["count"], of("report")["sessions"]["count"]) == ("24", "1")
    assert of("report")["participants"]["mean"] == str(told["mean"])
    for name in ("share_50_or_more", "share_above_70", "asked_for_training"):
        assert of("report")[name]["percent"] == str(told[name]["percent"])
    for section in ("recommendations", "wishes"):
        assert {key: int(row["count"]) for key, row in of(section).items()} == {
            each["key"]: each["count"] for each in told[section]
        }
    assert {key: float(row["mean"]) for key, row in of("dimensions").items()} == {
        each["key"]: each["mean"] for each in told["dimensions"]
    }
    assert [int(row["count"]) for row in of("distribution").values()] == [
        each["count"] for each in told["distribution"]
    ]
    assert {key: int(row["count"]) for key, row in of("kinds").items()} == {
        each["kind"] or "not_shown": each["participants"] for each in told["kinds"]
    }
    assert of("kinds_50_or_more").keys() == of("kinds_above_70").keys() == of("kinds").keys()
    assert of("left_out")["small_units"]["count"] == "0"


async def test_the_sheet_names_the_description_of_its_columns(client: httpx.AsyncClient, told: Any) -> None:
    answer = await client.get(f"{REPORTS}/sheet.csv", params=ASKED, headers=WHO)
    assert answer.headers["link"] == '</api/v1/reports/columns>; rel="describedby"'
    described = (await client.get(f"{REPORTS}/columns", params={"language": "nl"})).json()["items"]
    columns = answer.text.removeprefix("\ufeff").splitlines()[0].split(",")
    assert [each["column"] for each in described] == columns
    assert described[-1]["meaning"] == "Het gemiddelde van hun scores, van 0 tot 100"


@pytest.mark.parametrize("cell", ["=1+1", "+32", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_a_cell_that_a_spreadsheet_would_compute_is_only_text(cell: str) -> None:
    assert safe(cell) == f"'{cell}"
    assert [safe("Chez Paul"), safe(-1), safe(None)] == ["Chez Paul", -1, None]


@pytest.mark.parametrize("language", ["fr", "nl", "de", "en"])
async def test_the_paper_has_charts_and_every_table_in_the_readers_language(
    client: httpx.AsyncClient, told: Any, language: str
) -> None:
    asked = ASKED | {"language": language}
    answer = await client.get(f"{REPORTS}/paper.pdf", params=asked, headers=WHO)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-language"] == language
    shown = (await client.get(REPORTS, params=asked, headers=WHO)).json()
    pages = PdfReader(BytesIO(answer.content)).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    words = load()
    for word in (
        "title", "distribution", "dimensions", "recommendations", "wishes", "kinds", "regional", "left_out",
    ):  # fmt: skip
        assert words.said(word, language) in text
    for section in ("dimensions", "recommendations", "wishes", "kinds"):
        assert all(each["text"] in text for each in shown[section]), section
    assert shown["rule"] in text
    assert shown["regional"][0]["source"] in text
    drawn = b"".join(page.get_contents().get_data() for page in pages)  # type: ignore[union-attr]
    assert drawn.count(b" re") >= len(told["distribution"]) + len(told["recommendations"]), "no bars"


async def test_a_report_of_nobody_is_a_paper_that_says_so(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{REPORTS}/paper.pdf", params=ASKED, headers=WHO)
    (page,) = PdfReader(BytesIO(answer.content)).pages
    assert "No group of at least five persons is closed yet." in page.extract_text()


async def test_the_region_is_shown_with_source_and_years(client: httpx.AsyncClient) -> None:
    (region,) = (await client.get(REPORTS, params=ASKED, headers=WHO)).json()["regional"]
    assert [(each["year"], each["mean"]) for each in region["means"]] == [
        (2015, 21), (2018, 25), (2020, 30), (2025, 29),
    ]  # fmt: skip
    assert region["source"]
    assert "landmark" in region["caution"]

"""The page of a shop's letter: figures in a table, in four languages, for whoever has the letter."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.integration.portal.stand_ins import StandIn
from tests.integration.portal.test_pages import words

SECRET = "A-secret_of_a_letter_012"
PATH = f"/api/v1/merchants/audience-pages/{SECRET}"


def told(**changed: Any) -> dict[str, Any]:
    return {
        "merchant_name": "Boulangerie Rigaux",
        "kind": "shop=bakery",
        "totals": {"review": 12, "share": 7},
        "since": "2026-09-03",
        "as_of": "2026-11-25T10:00:00Z",
        "expires_at": "2027-02-23T10:00:00Z",
        "attribution": "© OpenStreetMap contributors, ODbL 1.0",
    } | changed


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "Since 3 September 2026"),
        ("fr", "Depuis le 3 septembre 2026"),
        ("nl", "Sinds 3 september 2026"),
        ("de", "Seit dem 3. September 2026"),
    ],
)
async def test_it_shows_the_figures_and_is_kept_by_nobody(
    client: httpx.AsyncClient, town: dict[str, StandIn], language: str, expected: str
) -> None:
    town["directory"].answers[PATH] = told()
    answer = await client.get(f"/audience/{SECRET}?lang={language}")
    shown = words(answer.text)
    assert answer.status_code == 200
    for each in (expected, "Boulangerie Rigaux", "12", "7", "OpenStreetMap"):
        assert each in shown
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in answer.headers


async def test_a_shop_without_name_or_audience_is_shown_as_such(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    town["directory"].answers[PATH] = told(merchant_name=None, totals={}, since=None, attribution=None)
    shown = words((await client.get(f"/audience/{SECRET}")).text)
    assert "bakery" in shown
    assert "Nobody has spoken for this shop yet." in shown


async def test_a_page_that_is_gone_is_404_and_one_that_cannot_be_asked_for_503(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    for path in (f"/audience/{SECRET}", "/audience/short"):
        gone = await client.get(path)
        assert (gone.status_code, "withdrawn" in gone.text) == (404, True)
    town["directory"].answers[PATH] = {"nonsense": 1}
    assert (await client.get(f"/audience/{SECRET}")).status_code == 503


async def test_a_name_is_never_markup(client: httpx.AsyncClient, town: dict[str, StandIn]) -> None:
    town["directory"].answers[PATH] = told(merchant_name="<script>alert(1)</script>")
    assert "<script>alert" not in (await client.get(f"/audience/{SECRET}")).text

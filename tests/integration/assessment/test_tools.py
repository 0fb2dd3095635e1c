"""Tools and trainings are there for everybody, in their language, in an order that nobody can buy."""

from __future__ import annotations

from datetime import UTC, date, datetime

import httpx
import pytest

from chassis.service import Service


async def keys_of(client: httpx.AsyncClient, path: str) -> list[str]:
    answer = await client.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.text
    return [item["key"] for item in answer.json()["items"]]


async def test_all_tools_are_listed_free_ones_first_with_the_rule_in_words(client: httpx.AsyncClient) -> None:
    body = (await client.get("/api/v1/tools", headers={"Accept-Language": "nl"})).json()
    assert len(body["items"]) >= 30
    costs = [item["cost"]["key"] for item in body["items"]]
    assert costs == sorted(costs, key=["free", "free-to-start", "paid"].index)
    assert body["order"].endswith("Niemand kan een plaats kopen.")


async def test_tools_are_filtered_by_dimension_need_and_cost_together(client: httpx.AsyncClient) -> None:
    assert await keys_of(client, "tools?dimension=security&cost=free") == [
        "safeonweb",
        "keepassxc",
        "safeonweb-at-work",
    ]
    assert set(await keys_of(client, "tools?need=order-and-book&dimension=website&cost=paid")) == {
        "woocommerce"
    }
    assert await keys_of(client, "tools?need=win-the-lottery") == []


async def test_one_tool_says_what_it_is_not_for_and_that_nobody_checked_it_yet(
    client: httpx.AsyncClient, service: Service
) -> None:
    service.clock = lambda: datetime(2026, 12, 1, tzinfo=UTC)
    answer = await client.get("/api/v1/tools/google-alerts", params={"language": "de"})
    assert answer.headers["content-language"] == "de"
    tool = answer.json()
    assert tool["not_for"].startswith("Bewertungen und soziale Netze verfolgen")
    assert (tool["checked"], tool["freshness"]["text"]) == (None, "Noch nicht geprüft")
    assert tool["sources"] == []
    assert tool["data_kept"] == {"key": "unknown", "text": "Das wissen wir nicht"}


async def test_pages_that_bore_out_a_part_are_shown_without_a_claim_of_a_check(
    client: httpx.AsyncClient, service: Service
) -> None:
    service.clock = lambda: datetime(2026, 12, 1, tzinfo=UTC)
    tool = (await client.get("/api/v1/tools/apple-business-connect", params={"language": "en"})).json()
    assert tool["checked"] is None
    assert tool["freshness"] == {"key": "not-checked-yet", "text": "Not checked yet"}
    assert "https://business.apple.com/docs/onboarding-guide/place-card" in tool["sources"]


async def test_a_tool_that_was_checked_says_when_and_on_which_pages(
    client: httpx.AsyncClient, service: Service
) -> None:
    service.clock = lambda: datetime(2026, 12, 1, tzinfo=UTC)
    tool = (await client.get("/api/v1/tools/keepassxc", params={"language": "en"})).json()
    assert date.fromisoformat(tool["checked"]) >= date.fromisoformat(tool["written"])
    assert tool["freshness"] == {"key": "checked", "text": "Checked"}
    assert "https://keepassxc.org/docs/" in tool["sources"]


async def test_an_entry_that_nobody_looked_at_for_a_year_shows_as_stale(
    client: httpx.AsyncClient, service: Service
) -> None:
    service.clock = lambda: datetime(2028, 1, 1, tzinfo=UTC)
    tool = (await client.get("/api/v1/tools/wix", params={"language": "en"})).json()
    assert tool["freshness"] == {"key": "stale", "text": "To be checked again"}


async def test_tools_are_compared_side_by_side(client: httpx.AsyncClient) -> None:
    asked = {"tool": ["keepassxc", "bitwarden"], "language": "en"}
    body = (await client.get("/api/v1/tools/comparison", params=asked)).json()
    assert [tool["key"] for tool in body["tools"]] == ["keepassxc", "bitwarden"]
    fields = {each["field"]: each for each in body["fields"]}
    assert fields["data_kept"]["values"] == ["On your own device", "Where you choose"]
    assert (fields["data_kept"]["title"], fields["data_kept"]["differs"]) == ("Where data are kept", True)
    assert fields["open_source"]["differs"] is False
    assert fields["languages"]["values"] == ["fr, nl, de, en"] * 2


@pytest.mark.parametrize(
    "tools",
    [
        [],
        ["wix"],
        ["wix", "wix"],
        ["wix", "hammer"],
        ["wix", "pix", "canva", "odoo", "brevo"],
        ["wix", "\x00"],
    ],
)
async def test_what_cannot_be_compared_is_refused_by_field(
    client: httpx.AsyncClient, tools: list[str]
) -> None:
    answer = await client.get("/api/v1/tools/comparison", params={"tool": tools})
    assert answer.status_code == 422
    assert answer.json()["field"].startswith("tool")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("dimension=magic", "dimension"),
        ("cost=cheap", "cost"),
        ("need=%00", "need"),
        ("language=xx", "language"),
    ],
)
async def test_a_filter_that_does_not_exist_is_refused_by_field(
    client: httpx.AsyncClient, query: str, field: str
) -> None:
    answer = await client.get(f"/api/v1/tools?{query}")
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_trainings_are_listed_by_the_dimension_they_move(client: httpx.AsyncClient) -> None:
    assert await keys_of(client, "trainings?dimension=customers") == ["customer-file-and-mailing"]
    assert await keys_of(client, "trainings?need=answer-reviews") == ["reputation-watch"]
    assert len(await keys_of(client, "trainings")) == 9
    shown = (await client.get("/api/v1/trainings/free-visibility", params={"language": "fr"})).json()
    assert shown["title"] == "Les outils gratuits pour être visible"
    assert shown["level"] == {"key": "1", "text": "Pour débuter"}


@pytest.mark.parametrize("path", ["tools/hammer", "trainings/juggling"])
async def test_what_is_not_there_is_404(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(f"/api/v1/{path}")).status_code == 404

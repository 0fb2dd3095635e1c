"""A merchant is shown the tools that fit and a plan, with the answers that led to each."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from pypdf import PdfReader

from chassis.ids import new_id
from tests.integration.assessment.conftest import ANSWERS, owner_of, submission, token

Submit = Callable[..., Any]


@pytest_asyncio.fixture
async def path(submit: Submit, merchant: UUID) -> str:
    """Of an assessment of the merchant."""
    answer = await submit(submission(merchant), owner_of(merchant))
    return f"/api/v1/assessments/{answer.json()['id']}"


async def test_three_tools_fit_then_all_and_each_names_the_answers_that_led_to_it(
    client: httpx.AsyncClient, path: str, merchant: UUID
) -> None:
    asked = {"language": "en"}
    body = (await client.get(f"{path}/tools", params=asked, headers=owner_of(merchant))).json()
    first, others = body["first"], body["others"]
    assert len(first) == 3
    assert first[0]["tool"]["key"] == "google-business-profile"
    assert first[0]["because"][0] == {
        "key": "maps-profile",
        "text": "What do people find when they look for your shop on Google Maps?",
    }
    assert all({because["key"] for because in each["because"]} <= {*ANSWERS} for each in [*first, *others])
    assert all(each["because"] for each in [*first, *others])
    assert len({each["tool"]["key"] for each in [*first, *others]}) == len(first) + len(others)
    assert body["order"].endswith("Nobody can pay for a place.")


async def test_a_plan_says_what_to_do_first_on_monday_and_what_the_score_would_be(
    client: httpx.AsyncClient, path: str, merchant: UUID
) -> None:
    asked: dict[str, Any] = {"hours_per_week": 10, "budget": 0, "language": "fr"}
    answer = await client.get(f"{path}/plan", params=asked, headers=owner_of(merchant))
    assert answer.status_code == 200, answer.text
    plan = answer.json()
    assert plan["score"] == 29 < plan["score_after"] <= 100
    first = plan["actions"][0]
    assert first["gain"] > 0
    assert (first["first_week"], first["because"][0]["key"] in ANSWERS) == (1, True)
    assert first["monday"].endswith(".")
    assert plan["hours"] <= 10 * plan["weeks"]
    assert plan["euros"] == 0
    assert {each["reason"]["text"] for each in plan["later"]} == {"Plus que le budget restant"}
    assert "comme si l'action était faite" in plan["as_if_done"]
    profile = next(each for each in plan["actions"] if each["key"] == "claim-google-profile")
    assert profile["tool"] == {"key": "google-business-profile", "text": "Google Business Profile"}
    assert [training["key"] for training in profile["trainings"]] == ["free-visibility"]


async def test_tools_in_use_are_built_upon(client: httpx.AsyncClient, path: str, merchant: UUID) -> None:
    async def customer_file(*uses: str) -> dict[str, Any]:
        asked: dict[str, Any] = {"hours_per_week": 10, "uses": [*uses]}
        plan = (await client.get(f"{path}/plan", params=asked, headers=owner_of(merchant))).json()
        return next(dict(each) for each in plan["actions"] if each["key"] == "customer-file")

    assert (await customer_file())["tool"]["key"] == "libreoffice"
    with_odoo = await customer_file("odoo")
    assert with_odoo["tool"]["key"] == "odoo"
    assert with_odoo["hours"] < (await customer_file())["hours"]


async def test_a_tool_that_its_reader_could_not_read_is_not_the_one_that_is_named(
    client: httpx.AsyncClient, path: str, merchant: UUID
) -> None:
    async def for_training(language: str) -> str:
        asked: dict[str, Any] = {"hours_per_week": 40, "language": language}
        plan = (await client.get(f"{path}/plan", params=asked, headers=owner_of(merchant))).json()
        return next(str(each["tool"]["key"]) for each in plan["actions"] if each["key"] == "training")

    assert await for_training("en") == "pix"
    assert await for_training("fr") in {"pix", "digital-wallonia"}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("hours_per_week=0", "hours_per_week"),
        ("hours_per_week=1.5", "hours_per_week"),
        ("hours_per_week=99999999999999999999", "hours_per_week"),
        ("budget=-1", "budget"),
        ("budget=NaN", "budget"),
        ("uses=hammer", "uses"),
        ("uses=%00", "uses.0"),
        ("&".join(["uses=wix"] * 51), "uses"),
    ],
)
async def test_means_that_make_no_sense_are_refused_by_field(
    client: httpx.AsyncClient, path: str, merchant: UUID, query: str, field: str
) -> None:
    answer = await client.get(f"{path}/plan?{query}", headers=owner_of(merchant))
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_the_plan_is_printed_on_one_page_in_the_readers_language(
    client: httpx.AsyncClient, path: str, merchant: UUID
) -> None:
    asked: dict[str, Any] = {"hours_per_week": 10, "language": "nl"}
    answer = await client.get(f"{path}/plan.pdf", params=asked, headers=owner_of(merchant))
    assert answer.headers["content-type"] == "application/pdf"
    assert (answer.headers["content-language"], answer.headers["cache-control"]) == ("nl", "no-store")
    (page,) = PdfReader(BytesIO(answer.content)).pages
    text = page.extract_text()
    plan = (await client.get(f"{path}/plan", params=asked, headers=owner_of(merchant))).json()
    assert f"29/100 · Alsof alles gedaan is: {plan['score_after']}/100" in text
    assert all(each["title"] in " ".join(text.split()) for each in [*plan["actions"], *plan["later"]])


@pytest.mark.parametrize("what", ["tools", "plan", "plan.pdf"])
async def test_advice_is_for_those_alone_who_may_read_the_assessment(
    client: httpx.AsyncClient, path: str, what: str
) -> None:
    assert (await client.get(f"{path}/{what}")).status_code == 401
    for stranger in (owner_of(new_id()), token({"role": "consultant", "city": str(new_id())})):
        assert (await client.get(f"{path}/{what}", headers=stranger)).status_code in {403, 404}
    everywhere = token({"role": "consultant"})
    assert (await client.get(f"{path}/{what}", headers=everywhere)).status_code == 200
    missing = f"/api/v1/assessments/{new_id()}/{what}"
    assert (await client.get(missing, headers=everywhere)).status_code == 404

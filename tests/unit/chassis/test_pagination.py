import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI, Request, Response
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from chassis import problems
from chassis.ids import new_id
from chassis.pagination import Paging, decode_cursor, encode_cursor, page
from chassis.problems import Problem

PLACE: type[tuple[datetime, UUID]] = tuple[datetime, UUID]


def test_a_cursor_leads_back_to_its_place() -> None:
    place = (datetime(2026, 11, 23, 10, 0, 0, 5000, tzinfo=UTC), new_id())
    assert decode_cursor(encode_cursor(place), PLACE) == place


@given(st.text(max_size=80))
def test_nothing_that_is_no_cursor_is_more_than_a_400(cursor: str) -> None:
    with pytest.raises(Problem) as refused:
        decode_cursor(cursor, PLACE)
    assert (refused.value.status, refused.value.field) == (400, "cursor")


@pytest.mark.parametrize("place", [[1, 2], {"a": 1}, ["2026-11-23T10:00:00Z", "no id"], [[]] * 400])
def test_a_cursor_of_another_list_is_refused(place: Any) -> None:
    with pytest.raises(Problem):
        decode_cursor(encode_cursor(place), PLACE)


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        (2**63, int),
        (-(2**63) - 1, int),
        (10**30, int),
        ((10**30, "a"), tuple[int, str]),
        ("a\0", str),
        (("0001-01-01T00:00:00+14:00", "a"), tuple[datetime, str]),
        (("9999-12-31T23:59:59-14:00", "a"), tuple[datetime, str]),
        (("2026-11-23T10:00:00", "a"), tuple[datetime, str]),
        (("2026-11-23T10:00:00Z", "\0"), tuple[datetime, str]),
    ],
)
def test_a_place_that_no_database_can_be_asked_for_is_refused(place: Any, kind: Any) -> None:
    with pytest.raises(Problem) as refused:
        decode_cursor(urlsafe_b64encode(json.dumps(place).encode()).decode(), kind)
    assert (refused.value.status, refused.value.field) == (400, "cursor")


def test_deep_nesting_is_refused_and_not_recursed_into() -> None:
    with pytest.raises(Problem):
        decode_cursor(urlsafe_b64encode(b"[" * 100_000).decode(), PLACE)


def _client() -> TestClient:
    app = FastAPI()
    problems.install(app)

    @app.get("/numbers")
    async def numbers(request: Request, response: Response, paging: Paging, city: str = "") -> dict[str, Any]:
        after = paging.after(tuple[int])
        first = after[0] + 1 if after else 0
        rows = list(range(first, min(first + paging.limit + 1, 7)))
        return page(request, response, rows, paging.limit, lambda row: (row,))

    return TestClient(app)


def test_the_pages_together_are_the_list_and_the_links_lead_through_it() -> None:
    client, path, seen = _client(), "/numbers?city=Habay%20%26%20co&limit=3", []
    for _ in range(3):
        answer = client.get(path)
        seen.append(answer.json()["items"])
        path = answer.links["next"]["url"] if "next" in answer.links else ""
    assert seen == [[0, 1, 2], [3, 4, 5], [6]]
    assert path == ""


def test_a_link_keeps_the_other_parameters() -> None:
    answer = _client().get("/numbers?city=Habay%20%26%20co&limit=3")
    assert answer.links["next"]["url"].startswith("/numbers?city=Habay+%26+co&limit=3&cursor=")
    assert answer.json()["next"] in answer.links["next"]["url"]


@pytest.mark.parametrize("limit", ["0", "101", "many", "9" * 30])
def test_a_limit_is_between_1_and_100(limit: str) -> None:
    answer = _client().get(f"/numbers?limit={limit}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "limit"

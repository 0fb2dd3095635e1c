from collections.abc import Callable
from typing import Annotated, Any

import asyncpg
import pytest
import structlog
from fastapi import APIRouter, FastAPI, Header, Path, Query
from sqlalchemy.exc import IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.testclient import TestClient

from chassis import problems
from chassis.http import BigInt, Body, LongText, Moment, ShortText
from chassis.preconditions import IfMatch
from chassis.problems import Problem, conflict, forbidden, invalid, not_found


class Review(Body):
    title: ShortText
    text: LongText = ""
    rating: BigInt = 5
    at: Moment | None = None
    share: float = 0.5


def _app() -> FastAPI:
    app = FastAPI()
    problems.install(app)

    @app.post("/reviews")
    async def post(review: Review) -> dict[str, Any]:
        return review.model_dump(mode="json")

    @app.get("/raise/{kind}")
    async def fail(kind: Annotated[str, Path()]) -> None:
        raise RAISED[kind]()

    @app.get("/search")
    async def search(q: Annotated[ShortText, Query()], x: Annotated[str | None, Header()] = None) -> str:
        return q

    @app.post("/large", max_body_size=3 << 20)
    async def large(body: dict[str, str]) -> int:
        return len(body["text"])

    @app.put("/edited")
    async def edit(expected: IfMatch) -> str:
        expected.check(7)
        return "done"

    return app


def _integrity_error() -> Exception:
    row = asyncpg.UniqueViolationError("Key (email)=(marc@example.org) already exists.")
    return IntegrityError("INSERT INTO person VALUES ($1)", {"email": "marc@example.org"}, row)


RAISED: dict[str, Callable[[], Exception]] = {
    "not-found": lambda: not_found("merchant"),
    "forbidden": forbidden,
    "conflict": lambda: conflict("already-reviewed", "Once is enough.", review="r1"),
    "invalid": lambda: invalid("ends_at", "is before the start"),
    "bug": lambda: ZeroDivisionError("of marc@example.org"),
    "broken-connection": lambda: ConnectionResetError("peer"),
    "no-connection-left": PoolTimeout,
    "database-bug": _integrity_error,
}


@pytest.fixture
def client() -> TestClient:
    return TestClient(_app())


def _problem(answer: Any, status: int, slug: str) -> dict[str, Any]:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["type"] == f"urn:cococity:problem:{slug}"
    assert document["status"] == status
    assert document["title"]
    return document


@pytest.mark.parametrize(
    ("kind", "status", "slug"),
    [
        ("not-found", 404, "not-found"),
        ("forbidden", 403, "forbidden"),
        ("conflict", 409, "already-reviewed"),
        ("invalid", 422, "invalid"),
        ("broken-connection", 503, "unavailable"),
        ("no-connection-left", 503, "unavailable"),
        ("bug", 500, "internal-error"),
        ("database-bug", 500, "internal-error"),
    ],
)
def test_every_error_is_a_problem_document(client: TestClient, kind: str, status: int, slug: str) -> None:
    _problem(client.get(f"/raise/{kind}"), status, slug)


def test_a_problem_carries_what_it_was_given(client: TestClient) -> None:
    assert _problem(client.get("/raise/conflict"), 409, "already-reviewed")["review"] == "r1"
    refused = _problem(client.get("/raise/invalid"), 422, "invalid")
    assert refused["field"] == "ends_at"
    assert refused["errors"] == [{"field": "ends_at", "detail": "is before the start"}]


def test_an_infrastructure_error_says_when_to_come_again(client: TestClient) -> None:
    assert client.get("/raise/broken-connection").headers["retry-after"] == "2"


@pytest.mark.parametrize("kind", ["bug", "database-bug"])
def test_a_mistake_of_ours_is_told_without_its_details(client: TestClient, kind: str) -> None:
    assert "marc" not in client.get(f"/raise/{kind}").text


def test_a_database_error_is_logged_without_the_row_it_quotes(client: TestClient) -> None:
    with structlog.testing.capture_logs() as lines:
        client.get("/raise/database-bug")
    assert lines[0]["error"].startswith("UniqueViolationError")
    assert lines[0]["statement"] == "INSERT INTO person VALUES ($1)"
    assert "marc@" not in str(lines)


def test_unknown_paths_and_methods_are_problems(client: TestClient) -> None:
    _problem(client.get("/nowhere"), 404, "not-found")
    answer = client.delete("/reviews")
    _problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "POST"


def test_a_refused_method_is_told_all_that_the_path_takes() -> None:
    app, below = FastAPI(), APIRouter(prefix="/things")
    problems.install(app)

    @below.get("/{thing}")
    async def read(thing: str) -> str:
        return thing

    @below.delete("/{thing}")
    async def take_away(thing: str) -> str:
        return thing

    app.include_router(below)
    assert TestClient(app).post("/things/7").headers["allow"] == "GET, DELETE"


def test_every_field_at_fault_is_named(client: TestClient) -> None:
    document = _problem(client.post("/reviews", json={"rating": "x", "colour": "red"}), 422, "invalid")
    assert {each["field"] for each in document["errors"]} == {"title", "rating", "colour"}


HOSTILE: list[tuple[bytes, int]] = [
    (b"{", 400),
    (b"\xff\xfe", 400),
    (b'{"title": "' + b"\xc3\x28" + b'"}', 400),
    (b"[" * 100_000, 400),
    (b'{"title": "a", "rating": ' + b"9" * 5000 + b"}", 400),
    (b'{"title": "a\\u0000b"}', 422),
    (b'{"title": "\\ud800"}', 422),
    (b'{"title": "a", "\\ud800": 1}', 422),
    (b'{"title": "a", "' + b"k" * 10_000 + b'": 1}', 422),
    (b'{"title": "a", "rating": 9223372036854775808}', 422),
    (b'{"title": "a", "rating": 1e400}', 422),
    (b'{"title": "a", "share": NaN}', 422),
    (b'{"title": "a", "at": "0001-01-01T00:00:00+14:00"}', 422),
    (b'{"title": "a", "at": "9999-12-31T23:59:59-14:00"}', 422),
    (b'{"title": "a", "at": 1e300}', 422),
    (b'{"title": "a", "at": "2026-01-01T00:00:00"}', 422),
    (b'{"title": "' + b"a" * 201 + b'"}', 422),
    (b'{"title": "  "}', 422),
    (b'{"title": "a\\nb"}', 422),
    (b"null", 422),
    (b"", 422),
    (b'{"title": "' + b"a" * (1 << 20) + b'"}', 413),
]


@pytest.mark.parametrize(("body", "status"), HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_in_a_body_is_more_than_a_4xx(client: TestClient, body: bytes, status: int) -> None:
    answer = client.post("/reviews", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.content) < 5_000


def test_a_body_without_a_length_is_bounded_too(client: TestClient) -> None:
    chunks = (b"a" * 65_536 for _ in range(20))
    answer = client.post("/reviews", content=chunks, headers={"content-type": "application/json"})
    _problem(answer, 413, "content-too-large")


def test_a_route_may_take_larger_bodies(client: TestClient) -> None:
    assert client.post("/large", json={"text": "a" * (2 << 20)}).json() == 2 << 20
    _problem(client.post("/large", json={"text": "a" * (3 << 20)}), 413, "content-too-large")


@pytest.mark.parametrize("query", ["q=%00", "q=%ff%fe", "q=", "", "q=" + "a" * 5000])
def test_nothing_in_a_query_is_more_than_a_4xx(client: TestClient, query: str) -> None:
    assert client.get(f"/search?{query}").status_code in {200, 422}


@pytest.mark.parametrize("text", ["\u202egnp.exe", "a\u2066b\u2069", "\u202aabc\u202c"])
def test_text_that_reads_differently_from_what_it_is_is_refused(client: TestClient, text: str) -> None:
    document = _problem(client.post("/reviews", json={"title": text}), 422, "invalid")
    assert document["field"] == "title"


def test_right_to_left_text_and_joined_emoji_are_text(client: TestClient) -> None:
    for text in ("مخبز", "👩\u200d🍳", "\u200fמאפייה"):
        assert client.post("/reviews", json={"title": text}).status_code == 200


def test_text_is_stripped_and_brought_to_one_form(client: TestClient) -> None:
    sent = {"title": "  Pa\u0302tisserie ", "text": "one\r\ntwo", "at": "2026-11-23T10:00:00.123456+01:00"}
    answer = client.post("/reviews", json=sent)
    assert answer.json()["title"] == "Pâtisserie"
    assert answer.json()["text"] == "one\ntwo"
    assert answer.json()["at"] == "2026-11-23T09:00:00.123000Z"


def test_an_edit_without_if_match_is_told_to_send_it(client: TestClient) -> None:
    _problem(client.put("/edited"), 428, "if-match-required")


@pytest.mark.parametrize("tag", ['"6"', 'W/"7"', "7", ""])
def test_an_edit_of_another_version_is_refused_with_the_present_one(client: TestClient, tag: str) -> None:
    answer = client.put("/edited", headers={"If-Match": tag})
    _problem(answer, 412, "version-changed")
    assert answer.headers["etag"] == '"7"'


@pytest.mark.parametrize("tag", ['"7"', '"6", "7"', "*"])
def test_an_edit_of_the_version_that_was_read_is_done(client: TestClient, tag: str) -> None:
    assert client.put("/edited", headers={"If-Match": tag}).status_code == 200


def test_a_problem_says_what_it_is_in_a_log(client: TestClient) -> None:
    assert str(Problem(404, "not-found", "Not found", "No.")) == "404 not-found: No."

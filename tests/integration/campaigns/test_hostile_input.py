"""Whatever is sent, it is stored as plain text or refused: never a 500."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest

from tests.support.campaigns import Campaigns

TEXTS = [
    "<script>alert(1)</script>",
    "'; DROP TABLE review; --",
    "{{7*7}} ${7*7} %s %(x)s :merchant_id",
    "nul \x00 inside",
    "\u202etxet desrever",
    "\x1b[31mred\x07",
    "a" * 4000,
    "Z\u0351\u036b\u0343" * 500,
    "\U0001fae8\U0001f469\u200d\U0001f373 \U0010ffff",
    "",
]
IDS: list[Any] = ["", "x", 1, None, [], {}, "00000000-0000-0000-0000-000000000000", "%00", "9" * 5000]


@pytest.mark.parametrize("written", TEXTS)
async def test_any_text_is_stored_as_plain_text(campaigns: Campaigns, written: str) -> None:
    merchant, author = await campaigns.a_merchant(), uuid4()
    posted = await campaigns.review(merchant, author, text=written, language=None)
    assert posted.status_code == 201, posted.text
    own = campaigns.as_person(author)  # some of it is held
    shown = await campaigns.client.get("/api/v1/contributions/mine", headers=own)
    assert shown.headers["content-type"] == "application/json"
    (item,) = shown.json()["items"]
    assert item["text"] == posted.json()["text"]
    assert not {"\x00", "\x1b", "\u202e"} & set(item["text"])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"\xff\xfe",
        b'{"merchant_id": "' + b"a" * 100_000 + b'"}',
        b"[" * 100_000,
        b'{"rating": 1e999}',
        b'{"rating": NaN}',
        b'{"text": "\\ud800"}',
    ],
)
async def test_a_body_that_is_none_is_refused(campaigns: Campaigns, body: bytes) -> None:
    headers = {**campaigns.as_officer(), "Idempotency-Key": "k", "Content-Type": "application/json"}
    for path in ("contributions/reviews", "contributions/shares", "campaigns"):
        answer = await campaigns.client.post(f"/api/v1/{path}", content=body, headers=headers)
        assert answer.status_code in {400, 422}
        assert answer.headers["content-type"] == "application/problem+json"


async def test_fields_that_make_no_sense_are_named(campaigns: Campaigns) -> None:
    merchant, person = await campaigns.a_merchant(), uuid4()
    for more in (
        {"rating": 0},
        {"rating": 6},
        {"rating": True},
        {"rating": "5"},
        {"rating": 4.5},
        {"rating": 10**30},
        {"text": "a" * 4001},
        {"text": 5},
        {"text": "\ud800"},
        {"language": "xx"},
        {"tie": "friend"},
        {"points": 5},
    ):
        body = {"merchant_id": str(merchant), "rating": 4} | more
        headers = {**campaigns.as_person(person), "Idempotency-Key": "k", "Content-Type": "application/json"}
        answer = await campaigns.client.post(
            "/api/v1/contributions/reviews", content=json.dumps(body), headers=headers
        )
        assert (answer.status_code, answer.json()["field"]) == (422, next(iter(more))), more
    assert await campaigns.recorded() == []


@pytest.mark.parametrize("wrong", IDS)
async def test_ids_that_are_none_are_refused(campaigns: Campaigns, wrong: Any) -> None:
    headers = campaigns.as_person(uuid4())
    review = await campaigns.post("contributions/reviews", headers, {"merchant_id": wrong, "rating": 4})
    share = await campaigns.post("contributions/shares", headers, {"merchant_id": wrong, "channel": "mail"})
    assert (review.status_code, share.status_code) == (422, 422)
    if isinstance(wrong, str) and wrong:
        for method, path in (
            ("GET", f"/api/v1/campaigns/{wrong}"),
            ("GET", f"/api/v1/contributions/{wrong}"),
            ("GET", f"/api/v1/contributions?merchant={wrong}&cursor={wrong}"),
            ("GET", f"/api/v1/campaigns?cursor={wrong}"),
            ("DELETE", f"/api/v1/contributions/{wrong}"),
        ):
            answer = await campaigns.client.request(method, path, headers=headers)
            assert 400 <= answer.status_code < 500, (method, path)


@pytest.mark.parametrize(
    "moment",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-10-25T02:30:00",
        "now",
        10**400,
        -1,
        "infinity",
    ],
)
async def test_times_beyond_the_calendar_are_refused(campaigns: Campaigns, moment: Any) -> None:
    plan = {"city_id": str(campaigns.city), "name": "x", "starts_at": moment, "ends_at": moment}
    assert (await campaigns.post("campaigns", campaigns.as_officer(), plan)).status_code == 422


async def test_hostile_plans_are_stored_as_text_or_refused(campaigns: Campaigns) -> None:
    for name in TEXTS:
        draft = {"name": name[:200], "description": name}
        now = campaigns.clock()
        times = {"starts_at": now.isoformat(), "ends_at": now.replace(year=now.year + 1).isoformat()}
        body = {"city_id": str(campaigns.city)} | draft | times
        answer = await campaigns.post("campaigns", campaigns.as_officer(), body)
        assert answer.status_code in {201, 422}, answer.text

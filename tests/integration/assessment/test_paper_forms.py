"""Forms on paper: entered many at once, all or none of them, dated when they were filled in."""

from __future__ import annotations

import asyncio
import csv
import io
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from chassis.clock import utc_now
from chassis.ids import new_id
from chassis.service import Service
from contracts.envelope import encode
from services.assessment.main import HISTORY
from tests.integration.assessment.conftest import owner_of
from tests.integration.assessment.hall import ANSWERS, SCORE, Hall, consultant
from tests.integration.assessment.test_session_forms import rows
from tests.integration.assessment.test_submission import decoder, outbox_bodies

HEADER = ["completed_at", "merchant_kind", *ANSWERS]


WHO = consultant()


async def enter(hall: Hall, *forms: dict[str, Any], key: str | None = None) -> httpx.Response:
    headers = {**WHO, "Idempotency-Key": key or str(new_id())}
    return await hall.client.post(f"{hall.path}/forms", json={"forms": list(forms)}, headers=headers)


async def import_sheet(hall: Hall, body: bytes, key: str | None = None) -> httpx.Response:
    headers = {**consultant(), "Idempotency-Key": key or str(new_id()), "Content-Type": "text/csv"}
    return await hall.client.post(f"{hall.path}/forms/sheet", content=body, headers=headers)


def sheet(*lines: list[str], delimiter: str = ";", encoding: str = "utf-8") -> bytes:
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter).writerows([HEADER, *lines])
    return file.getvalue().encode(encoding)


def line(**changes: str) -> list[str]:
    cells = {"completed_at": "", "merchant_kind": "", **{key: str(each) for key, each in ANSWERS.items()}}
    return [(cells | changes)[name] for name in HEADER]


async def test_forms_are_entered_at_once_and_dated_when_they_were_filled_in(
    hall: Hall, service: Service, merchant: UUID
) -> None:
    at = utc_now() - timedelta(minutes=2)
    answer = await enter(
        hall,
        {"answers": ANSWERS, "merchant_kind": "food"},
        {"answers": ANSWERS, "merchant_id": str(merchant), "completed_at": at.isoformat()},
    )
    assert answer.status_code == 201, answer.text
    assert answer.json()["entered"] == 2
    columns = "id::text, completed_at, merchant_kind, score, session_id::text"
    query = f"SELECT {columns} FROM assessments ORDER BY id"
    begins = type(at).fromisoformat(hall.session["starts_at"])
    ids, session = answer.json()["assessment_ids"], hall.session["id"]
    assert await rows(service, query) == [
        (ids[0], begins, "food", SCORE, session),
        (ids[1], at, None, SCORE, session),
    ]
    (body,) = await outbox_bodies(service)
    event = decoder.decode(body)
    assert event is not None
    assert event.time == at


async def test_history_tells_forms_by_the_time_at_which_they_were_filled_in(
    hall: Hall, service: Service, merchant: UUID
) -> None:
    earlier = (utc_now() - timedelta(minutes=3)).isoformat()
    await hall.hand_in(owner_of(merchant), merchant_id=str(merchant))
    await enter(hall, {"answers": ANSWERS, "merchant_id": str(merchant), "completed_at": earlier})
    async with service.database.connection() as connection:
        told = [event async for event in HISTORY(connection)]
    assert [event.time for event in told] == sorted(event.time for event in told)
    assert sorted(map(encode, told)) == sorted(await outbox_bodies(service))


async def test_one_wrong_form_keeps_all_out_and_every_fault_is_named_by_row_and_field(
    hall: Hall, service: Service, merchant: UUID
) -> None:
    answer = await enter(
        hall,
        {"answers": ANSWERS},
        {"answers": ANSWERS | {"ease": 9}},
        {"answers": ANSWERS, "merchant_kind": "circus"},
        {"answers": {}},
        {"answers": ANSWERS, "completed_at": (utc_now() - timedelta(days=2)).isoformat()},
        {"answers": ANSWERS, "completed_at": (utc_now() + timedelta(minutes=5)).isoformat()},
        {"answers": ANSWERS, "merchant_id": str(new_id())},
    )
    assert answer.status_code == 422, answer.text
    assert [each["field"] for each in answer.json()["errors"]] == [
        "forms.1.answers.ease",
        "forms.2.merchant_kind",
        "forms.3.answers",
        "forms.4.completed_at",
        "forms.5.completed_at",
        "forms.6.merchant_id",
    ]
    assert await rows(service, "SELECT count(*) FROM assessments") == [(0,)]


async def test_entering_twice_with_one_key_enters_once(hall: Hall, service: Service) -> None:
    key, forms = str(new_id()), [{"answers": ANSWERS}] * 3
    answers = await asyncio.gather(*(enter(hall, *forms, key=key) for _ in range(3)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({str(answer.json()) for answer in answers}) == 1
    assert await rows(service, "SELECT count(*) FROM assessments") == [(3,)]


async def test_forms_are_entered_days_later_but_not_before_the_session_nor_after_its_end(hall: Hall) -> None:
    hall.at(utc_now() + timedelta(days=20))
    assert (await enter(hall, {"answers": ANSWERS})).status_code == 201
    hall.at(utc_now() - timedelta(hours=1))
    assert (await enter(hall, {"answers": ANSWERS})).status_code == 409
    hall.at(utc_now())
    await hall.post("/cancel")
    assert (await enter(hall, {"answers": ANSWERS})).status_code == 409


async def test_only_a_consultant_of_the_city_enters_forms(hall: Hall, merchant: UUID) -> None:
    for who in (owner_of(merchant), consultant(new_id())):
        headers = {**who, "Idempotency-Key": str(new_id())}
        forms = f"{hall.path}/forms"
        typed = await hall.client.post(forms, headers=headers, json={"forms": [{"answers": ANSWERS}]})
        imported = await hall.client.post(f"{forms}/sheet", headers=headers, content=sheet(line()))
        assert (typed.status_code, imported.status_code) == (403, 403)
        looked = await hall.client.post(f"{forms}/sheet/preview", headers=headers, content=sheet(line()))
        assert looked.status_code == 403
        for path in ("", "/template.csv"):
            assert (await hall.client.get(f"{forms}{path}", headers=who)).status_code == 403


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
async def test_a_sheet_is_read_as_offices_write_it(
    hall: Hall, service: Service, delimiter: str, encoding: str
) -> None:
    at = (utc_now() - timedelta(minutes=1)).isoformat()
    lines = [line(merchant_kind="food"), ["" for _ in HEADER], line(completed_at=at, posts="")]
    answer = await import_sheet(hall, sheet(*lines, delimiter=delimiter, encoding=encoding))
    assert answer.status_code == 201, answer.text
    stored = "SELECT merchant_kind, answers ? 'posts' FROM assessments ORDER BY id"
    assert await rows(service, stored) == [("food", True), (None, False)]


async def test_a_wrong_row_of_a_sheet_is_named_as_a_spreadsheet_numbers_it(
    hall: Hall, service: Service
) -> None:
    lines = [line(), line(ease="9"), line(maps_profile="x"), line(completed_at="yesterday")]
    answer = await import_sheet(hall, sheet(line(), line(ease="9"), *lines[3:]))
    assert answer.status_code == 422, answer.text
    assert [each["field"] for each in answer.json()["errors"]] == ["line 4, completed_at"]
    answer = await import_sheet(hall, sheet(line(), line(ease="9"), line(website="castle")))
    assert [each["field"] for each in answer.json()["errors"]] == ["line 3, ease", "line 4, website"]
    assert await rows(service, "SELECT count(*) FROM assessments") == [(0,)]


async def test_a_preview_says_row_by_row_what_would_come_of_it_and_stores_nothing(
    hall: Hall, service: Service
) -> None:
    headers = {**consultant(), "Content-Type": "text/csv"}
    body = sheet(line(), line(ease="9"), line(completed_at="yesterday"), line(merchant_kind="circus"))
    answer = await hall.client.post(f"{hall.path}/forms/sheet/preview", content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.json()["refused"] == 3
    seen = [
        (each["line"], each["score"], [f["field"] for f in each["faults"]]) for each in answer.json()["forms"]
    ]
    assert seen == [
        (2, SCORE, []),
        (3, None, ["ease"]),
        (4, None, ["completed_at"]),
        (5, None, ["merchant_kind"]),
    ]
    assert await rows(service, "SELECT count(*) FROM assessments") == [(0,)]
    await enter(hall, {"answers": ANSWERS})
    paper = (await hall.client.get(f"{hall.path}/forms?language=nl", headers=consultant())).json()
    assert paper["forms"] == 1
    assert [each["key"] for each in paper["questionnaire"]["questions"]] == list(ANSWERS)
    assert "food" in [each["key"] for each in paper["merchant_kinds"]]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "no row with the names"),
        (b"\x00\x01\xff", "no question has that name"),
        (b"shoe-size;ease\n44;2\n", "no question has that name"),
        (b"ease;ease\n2;2\n", "same name"),
        (b"ease;posts\n2;2;2\n", "more cells"),
        (b"ease;posts\n2;" + b"2" * 2_001, "more than 2000 characters"),
        (b"\xff\xfe\x00", "neither UTF-8"),
    ],
)
async def test_what_is_no_sheet_of_the_form_is_refused_with_the_reason(
    hall: Hall, body: bytes, why: str
) -> None:
    answer = await import_sheet(hall, body)
    assert answer.status_code == 422, answer.text
    assert why in answer.json()["detail"]


async def test_the_template_is_filled_in_and_imported_as_it_is(hall: Hall, service: Service) -> None:
    template = await hall.client.get(f"{hall.path}/forms/template.csv?language=nl", headers=consultant())
    assert template.headers["content-type"] == "text/csv; charset=utf-8"
    text = template.content.decode("utf-8-sig")
    header, *explained = csv.reader(io.StringIO(text), delimiter=";")
    assert header == ["completed_at", "merchant_kind", "merchant_id", *ANSWERS]
    about = {each[0].removeprefix("# "): each[1:] for each in explained}
    assert about["ease"][1] == "1–5"
    assert about["maps-profile"][1].startswith("managed: ") or ":" in about["maps-profile"][1]
    filled = ";".join(["", "other", "", *map(str, ANSWERS.values())])
    answer = await import_sheet(hall, template.content + filled.encode())
    assert answer.status_code == 201, answer.text
    assert await rows(service, "SELECT merchant_kind, score FROM assessments") == [("other", SCORE)]

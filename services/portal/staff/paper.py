"""Forms on paper, as a consultant enters them: by numbers, one after the other, or as rows of a sheet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

import msgspec
from msgspec import Struct

from services.portal.neighbours import Answer, NotThere, Unanswered
from services.portal.staff.town_sessions import LOCAL, SESSIONS, TownSession, local_time
from services.portal.visitors import Visitor

ASKED = "q-"
"""Before a question's key, in the name of its field."""
_BETWEEN = re.compile(r"[\s,;.+/-]+")
_SINGLE_DIGITS = 9
"""With so many options at most, each digit is one of them, and nothing has to be typed between."""


class Option(Struct):
    key: str
    text: str


class Range(Struct):
    lowest: int
    highest: int
    low: str | None
    high: str | None
    unit: str | None


class Question(Struct):
    key: str
    text: str
    kind: str
    options: list[Option]
    range: Range | None

    def answer(self, typed: str) -> list[str | int]:
        """What the numbers that were typed stand for. Raises ValueError where they stand for nothing here."""
        parts = [part for part in _BETWEEN.split(typed) if part]
        if self.range is not None:
            (number,) = parts
            return [int(number)]
        if len(parts) == 1 and len(self.options) <= _SINGLE_DIGITS:
            parts = list(parts[0])
        places = list(dict.fromkeys(int(part) for part in parts))
        if not all(1 <= place <= len(self.options) for place in places):
            raise ValueError("no such option")
        if self.kind == "single" and len(places) != 1:
            raise ValueError("one option only")
        return [self.options[place - 1].key for place in places]


class Questionnaire(Struct):
    title: str
    questions: list[Question]


class Paper(Struct):
    questionnaire: Questionnaire
    merchant_kinds: list[Option]
    forms: int
    participants: int | None


class Fault(Struct):
    field: str
    detail: str


class Row(Struct):
    line: int
    score: int | None
    faults: list[Fault]


class Preview(Struct):
    forms: list[Row]
    refused: int


@dataclass(frozen=True)
class Looked:
    """At a sheet: what would come of its rows, or why it is none."""

    preview: Preview | None = None
    fault: str = ""
    detail: str = ""


def path_of(session_id: UUID) -> str:
    return f"{SESSIONS}/{session_id}/forms"


async def enter_form(
    visitor: Visitor, session: TownSession, paper: Paper, form: Mapping[str, str]
) -> dict[str, str]:
    """What hinders it, by field; nothing once it is entered. Raises NotThere, Unanswered."""
    given: dict[str, list[str | int]] = {}
    faults: dict[str, str] = {}
    for question in paper.questionnaire.questions:
        name = ASKED + question.key
        if not (typed := form.get(name, "").strip()):
            continue
        try:
            given[question.key] = question.answer(typed)
        except ValueError:
            faults[name] = "number"
    if faults:
        return faults
    body: dict[str, object] = {"answers": given}
    if kind := form.get("kind"):
        body["merchant_kind"] = kind
    if shop := form.get("shop"):
        body["merchant_id"] = shop
    if at := form.get("at"):
        day = session.starts_at.astimezone(LOCAL).date().isoformat()
        if (completed_at := local_time(day, at)) is None:
            return {"at": "at"}
        body["completed_at"] = completed_at
    attempt = form.get("attempt", "") or "form"
    answer = await visitor.write(
        "POST", "assessment", path_of(session.id), {"forms": [body]}, attempt=attempt
    )
    return _faults_of(answer)


_FIELDS = {"completed_at": "at", "merchant_kind": "kind", "merchant_id": "shop"}


def _faults_of(answer: Answer) -> dict[str, str]:
    if answer.status in {401, 403, 404}:
        raise NotThere(f"assessment: HTTP {answer.status}")
    if answer.status == 409:
        return {"": "not held"}
    if answer.status < 400:
        return {}
    faults: dict[str, str] = {}
    for each in answer.body.get("errors") or [answer.body]:
        _, _, field = str(each.get("field") or "").removeprefix("forms.").partition(".")
        name = _FIELDS.get(field, field)
        is_question = name.startswith("answers.")
        faults[ASKED + name.removeprefix("answers.") if is_question else name] = (
            "number" if is_question else name or "refused"
        )
    if "answers" in faults:
        return {"": "empty"}
    return faults


async def look_at_sheet(visitor: Visitor, session_id: UUID, rows: str) -> Looked:
    """What entering these rows would come to. Raises NotThere, Unanswered."""
    answer = await _sent(visitor, f"{path_of(session_id)}/sheet/preview", rows)
    if answer.status == 200:
        try:
            return Looked(msgspec.convert(answer.body, Preview))
        except msgspec.ValidationError as error:
            raise Unanswered(f"assessment: {error}") from error
    return _refused(answer)


async def enter_sheet(visitor: Visitor, session_id: UUID, rows: str) -> tuple[int, Looked]:
    """How many forms were entered, or why none was; the same rows again enter nothing. Raises as above."""
    key = sha256(f"{session_id}\n{rows}".encode()).hexdigest()
    answer = await _sent(visitor, f"{path_of(session_id)}/sheet", rows, key)
    if answer.status == 201:
        return int(answer.body["entered"]), Looked()
    return 0, _refused(answer)


async def _sent(visitor: Visitor, path: str, rows: str, key: str = "") -> Answer:
    headers = {"Content-Type": "text/csv", **({"Idempotency-Key": key} if key else {})}
    token = visitor.session.token
    answer = await visitor.neighbours.pass_on("assessment", path, rows.encode(), headers, token)
    if answer.status in {401, 403, 404}:
        raise NotThere(f"assessment: HTTP {answer.status}")
    return answer


def _refused(answer: Answer) -> Looked:
    if answer.status == 409:
        return Looked(fault="not held")
    return Looked(fault="sheet", detail=str(answer.body.get("detail") or "").removeprefix("body: "))

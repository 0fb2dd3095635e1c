"""Forms on paper over HTTP: entered by a consultant, many at once, typed or as a CSV file."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import Field, TypeAdapter, ValidationError

from chassis.access import Access
from chassis.database import Transaction
from chassis.http import Body, Db, Moment, Now, Shown, Token
from chassis.idempotency import Answer, Attempt
from chassis.languages import ReadersLanguage
from chassis.openapi import problems
from chassis.problems import Problem, invalid, several_invalid
from services.assessment.questionnaires.catalogue import Catalogue
from services.assessment.questionnaires.given import GivenAnswers
from services.assessment.sessions import storage
from services.assessment.sessions.api import PATH, TAGS, Consultant, find_of_consultant
from services.assessment.sessions.domain import Session
from services.assessment.sessions.paper import MOST_FORMS, PaperForm, enter, scored
from services.assessment.sessions.sheet import NoSheet, SheetRow, rows_of, template_of
from services.assessment.sessions.shown import ShownPaper, paper_shown

CSV = "text/csv"
_CSV_BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {CSV: {"schema": {"type": "string"}}}}
}


class EnteredForm(Body):
    """One form, as it lies on the table."""

    answers: GivenAnswers
    merchant_kind: Token | None = None
    merchant_id: UUID | None = None
    completed_at: Moment | None = None
    """When it was filled in, on the day of the session; its beginning where that is left out."""


Forms = Annotated[list[EnteredForm], Field(min_length=1, max_length=MOST_FORMS)]


class EnteredForms(Body):
    forms: Forms


class ShownEntry(Shown):
    entered: int
    assessment_ids: list[UUID]
    """In the order of the forms."""


class ShownFault(Shown):
    field: str
    detail: str


class PreviewedForm(Shown):
    """A row of a file, as it would be entered."""

    line: int
    """As a spreadsheet numbers it, from 1."""
    score: int | None
    """None where it would be refused."""
    faults: list[ShownFault]


class SheetPreview(Shown):
    forms: list[PreviewedForm]
    refused: int
    """How many of them would keep all others out."""


def router(catalogue: Catalogue) -> APIRouter:
    """The routes, over these published questionnaires."""
    routes = APIRouter(prefix=PATH + "/{town_session_id}/forms", tags=[*TAGS])
    _add_showing(routes, catalogue)
    _add_typed(routes, catalogue)
    _add_sheet(routes, catalogue)
    _add_preview(routes, catalogue)
    return routes


def _add_showing(routes: APIRouter, catalogue: Catalogue) -> None:
    @routes.get("", responses=problems(404))
    async def show_paper(
        town_session_id: UUID, who: Consultant, database: Db, language: ReadersLanguage
    ) -> ShownPaper:
        """The session's questionnaire, and how many forms there are so far (a consultant of the city)."""
        async with database.connection() as connection:
            session = await find_of_consultant(connection, town_session_id, who, change=False)
            forms = await storage.forms_of(connection, session.id)
        return paper_shown(session, catalogue, language, forms)


def _add_typed(routes: APIRouter, catalogue: Catalogue) -> None:
    @routes.post("", status_code=201, response_model=ShownEntry)
    async def enter_forms(
        *,
        town_session_id: UUID,
        given: EnteredForms,
        who: Consultant,
        attempt: Attempt,
        now: Now,
    ) -> Response:
        """Enter forms on paper, all or none of them (a consultant of the city). Safe to repeat."""

        async def work(tx: Transaction) -> Answer:
            session = await find_of_consultant(tx, town_session_id, who, change=False)
            return await _entered(tx, catalogue, session, given.forms, who=who, now=now())

        return await attempt.once(work)


def _add_sheet(routes: APIRouter, catalogue: Catalogue) -> None:
    @routes.post("/sheet", status_code=201, response_model=ShownEntry, openapi_extra=_CSV_BODY)
    async def enter_sheet(
        town_session_id: UUID, request: Request, who: Consultant, attempt: Attempt, now: Now
    ) -> Response:
        """Enter forms from a CSV file, all or none of them (a consultant of the city); see its template.

        An error names the row of the file as a spreadsheet numbers it: `line 7, ease`.
        """
        body = await request.body()

        async def work(tx: Transaction) -> Answer:
            session = await find_of_consultant(tx, town_session_id, who, change=False)
            rows = _rows(body, session, catalogue)
            try:
                return await _entered(tx, catalogue, session, _forms(rows), who=who, now=now())
            except Problem as problem:
                raise _by_line(problem, rows) from problem

        return await attempt.once(work)

    @routes.get(
        "/template.csv",
        response_class=Response,
        responses={200: {"content": {CSV: {}}}, **problems(404)},
    )
    async def show_template(
        town_session_id: UUID, who: Consultant, database: Db, language: ReadersLanguage
    ) -> Response:
        """The CSV file to fill in: a column for each question, with what it takes (a consultant)."""
        async with database.connection() as connection:
            session = await find_of_consultant(connection, town_session_id, who, change=False)
        known = catalogue.published(session.questionnaire, session.questionnaire_version)
        headers = {
            "Content-Disposition": f'attachment; filename="{known.name}.csv"',
            "Content-Language": language,
        }
        return Response(template_of(known, language), media_type=f"{CSV}; charset=utf-8", headers=headers)


def _add_preview(routes: APIRouter, catalogue: Catalogue) -> None:
    @routes.post("/sheet/preview", responses=problems(404, 409), openapi_extra=_CSV_BODY)
    async def preview_sheet(
        town_session_id: UUID, request: Request, who: Consultant, database: Db, now: Now
    ) -> SheetPreview:
        """What entering a CSV file would come to, row by row; nothing is stored (their consultant)."""
        body = await request.body()
        async with database.connection() as connection:
            session = await find_of_consultant(connection, town_session_id, who, change=False)
            rows = _rows(body, session, catalogue)
            if len(rows) > MOST_FORMS:
                raise invalid("body", f"has more than {MOST_FORMS} forms: enter them in parts")
            forms: list[PreviewedForm] = []
            for row in rows:
                try:
                    (given,) = _papers(_forms([row]))
                    score = await scored(connection, catalogue, session, given, by=who, now=now())
                    forms.append(PreviewedForm(line=row.line, score=score, faults=[]))
                except Problem as problem:
                    if problem.status == 409:
                        raise
                    forms.append(PreviewedForm(line=row.line, score=None, faults=_faults(problem)))
        return SheetPreview(forms=forms, refused=sum(each.score is None for each in forms))


def _faults(problem: Problem) -> list[ShownFault]:
    """Of one row: which columns, and why."""
    named = problem.extra.get("errors") or [{"field": problem.field or "", "detail": problem.detail}]
    return [
        ShownFault(
            field=".".join(
                part for part in each["field"].split(".") if part not in {"forms", "0", "answers"}
            ),
            detail=each["detail"].removeprefix(f"{each['field']}: "),
        )
        for each in named
    ]


async def _entered(
    tx: Transaction,
    catalogue: Catalogue,
    session: Session,
    forms: list[EnteredForm],
    *,
    who: Access,
    now: datetime,
) -> Answer:
    entered = await enter(tx, catalogue, session, _papers(forms), by=who, now=now)
    ids = [each.id for each in entered]
    return Answer(201, ShownEntry(entered=len(ids), assessment_ids=ids).model_dump(mode="json"))


def _papers(forms: list[EnteredForm]) -> list[PaperForm]:
    return [
        PaperForm(each.answers, each.merchant_kind, each.merchant_id, each.completed_at) for each in forms
    ]


def _rows(body: bytes, session: Session, catalogue: Catalogue) -> list[SheetRow]:
    known = catalogue.published(session.questionnaire, session.questionnaire_version)
    try:
        return list(rows_of(body, known))
    except NoSheet as error:
        raise invalid("body", str(error)) from error


_FORMS: TypeAdapter[list[EnteredForm]] = TypeAdapter(Forms)


def _forms(rows: list[SheetRow]) -> list[EnteredForm]:
    try:
        return _FORMS.validate_python([{**row.about, "answers": row.answers} for row in rows])
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise several_invalid(
            [(".".join(map(str, ("forms", *each["loc"]))), each["msg"]) for each in found]
        ) from error


def _by_line(problem: Problem, rows: list[SheetRow]) -> Problem:
    """The same, with lines of the file instead of forms: `forms.0.answers.ease` is `line 2, ease`."""
    named = [(_named(each["field"], rows), each["detail"]) for each in problem.extra.get("errors", [])]
    return several_invalid(named) if named else problem


def _named(field: str, rows: list[SheetRow]) -> str:
    parts = field.split(".")
    if parts[0] != "forms" or len(parts) < 2 or not parts[1].isdigit():
        return field
    rest = [part for part in parts[2:] if part != "answers"]
    return ", ".join([f"line {rows[int(parts[1])].line}", *rest[:1]])

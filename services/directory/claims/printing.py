"""A run becomes a PDF when it is asked for: nothing that is secret is kept between two times."""

import asyncio
import hmac
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.problems import Problem, conflict, invalid, not_found
from services.directory.cities import storage as cities
from services.directory.cities.communes import communes
from services.directory.claims import codes, letters, runs
from services.directory.claims.audience import Figures
from services.directory.claims.letter_words import Issuer, Paper
from services.directory.claims.runs import State
from services.directory.claims.tables import invitation_run
from services.directory.kinds.names import names_of

PAGE_PATH = "/audience/"


async def pdf_of(
    connection: AsyncConnection, city_id: UUID, run_id: UUID, part: int, *, key: bytes, public_url: str
) -> bytes:
    """A part of the letters of a run, from 1 on.

    Raises 404, 409 while the run is not prepared or nothing of the part is left, 410 once it was sent.
    """
    run = invitation_run.c
    wanted = select(invitation_run).where(run.id == run_id, run.city_id == city_id)
    row = (await connection.execute(wanted)).first()
    if row is None:
        raise not_found("run")
    if row.sent_at is not None or row.state == State.REVOKED:
        raise Problem(410, "letters-gone", "Gone", "These letters were sent or revoked: begin another run.")
    if row.state not in {State.DONE, State.FAILED}:
        raise conflict("not-prepared", f"{row.done} of {row.total} letters are prepared. Ask again.")
    if part > runs.parts_of(row.total):
        raise invalid("part", f"the run has {runs.parts_of(row.total)}")
    found = await runs.to_print(connection, run_id, part)
    papers = [_paper(each, row.language, key, public_url) for each in found]
    if not papers:
        raise conflict("nothing-to-print", "Every shop of it is closed or claimed by now, or objects.")
    issuer = issuer_of(await cities.city_by_id(connection, city_id), row.language, public_url)
    return await asyncio.to_thread(letters.drawn, papers, issuer, row.language, row.form)


def _paper(row: Row[Any], language: str, key: bytes, public_url: str) -> Paper:
    code = codes.claim_code(key, row.invitation_id)
    if not hmac.compare_digest(codes.code_digest(row.id, code), bytes(row.code_digest)):
        raise conflict(
            "signing-key-changed", "The signing key was changed since: revoke this run and begin another."
        )
    return Paper(
        name=row.names.get(language) or row.name or names_of(row.kind)[language],
        address=_address(row),
        figures=Figures.of_json(row.figures),
        code=code,
        objection_code=codes.objection_code(key, row.invitation_id) if row.objection_digest else None,
        page=f"{public_url}{PAGE_PATH}{codes.page_secret(key, row.invitation_id)}",
        expires_at=row.expires_at,
        source=row.source,
    )


def _address(row: Row[Any]) -> Sequence[str]:
    street = " ".join(filter(None, (row.street, row.house_number)))
    place = " ".join(filter(None, (row.postcode, row.place)))
    return [line for line in (street, place) if line]


def issuer_of(city: Any, language: str, public_url: str) -> Issuer:
    """The city as its letters in a language call it: in German, where German is spoken there."""
    names = communes()[city["nis_code"]].names if city["nis_code"] in communes() else {}
    known = {"fr": city["name_fr"], "nl": city["name_nl"], **names}
    name = known.get(language, city["name_fr"])
    responsible = city["responsible_name"]
    if responsible is not None:
        responsible = f"{responsible}, {city['responsible_role']}"
    return Issuer(name, responsible, public_url)

"""Whoever has a session's code fills in its form, with or without an account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chassis import limits
from chassis.access import Access
from chassis.database import Database, Transaction
from chassis.limits import Limit
from chassis.problems import conflict, invalid, not_found
from services.assessment.assessments.attaching import let_attach, secret_of
from services.assessment.assessments.submission import Assessment, Handed, completed_with, merchant_of, store
from services.assessment.kinds.catalogue import merchant_kinds
from services.assessment.questionnaires.catalogue import Catalogue
from services.assessment.questionnaires.domain.questions import Raw
from services.assessment.sessions import storage
from services.assessment.sessions.domain import Session, read_code

WRONG_CODES = Limit("wrong join codes of a network", 100, timedelta(minutes=10))
"""A hall is one network, and of three hundred people some mistype. At this pace, day and night, one network
hits one of ten open codes after some five years; and what it finds is a form to fill in."""
FORMS = Limit("forms of sessions from a network", 2_000, timedelta(hours=1))
"""The largest hall. More than that is a machine that fills in forms."""


async def joined(database: Database, typed: str, network: str, now: datetime) -> Session:
    """The session that this code opens now.

    Raises Problem: 404 for a wrong code, 429 after too many of them from this network, 409 for a right one
    that is too early or too late. Right ones are not counted, and three hundred telephones do not wait for
    each other.
    """
    code = read_code(typed)
    async with database.connection() as connection:
        await limits.check(connection, WRONG_CODES, network, now)
        session = await storage.by_code(connection, code) if code else None
    if session is None:
        await limits.count(database, WRONG_CODES, network, now)
        raise not_found("session with this code")
    if not session.takes_forms(now):
        opens, closes = session.forms_from.isoformat(), session.forms_until.isoformat()
        detail = "Forms are taken from shortly before the session until some hours after it."
        raise conflict("forms-closed", detail, opens=opens, closes=closes)
    return session


@dataclass(frozen=True)
class FilledIn:
    """A form as somebody filled it in."""

    answers: Mapping[str, Raw]
    merchant_kind: str | None = None
    merchant_id: UUID | None = None


async def hand_in(
    tx: Transaction,
    catalogue: Catalogue,
    session: Session,
    form: FilledIn,
    *,
    by: Access | None,
    person_id: UUID | None,
    key: UUID,
    now: datetime,
) -> Assessment:
    """Score and store a form of a session; one without a shop can be given to one by `secret_of(key, …)`.

    Raises Problem: 422 naming the field; 403 for a shop that `by` may not hand in for.
    """
    city_id = await city_of_form(tx, session, form, by)
    completed = completed_with(
        catalogue.published(session.questionnaire, session.questionnaire_version),
        form.answers,
        Handed(
            city_id,
            now,
            form.merchant_id,
            person_id,
            session_id=session.id,
            merchant_kind=form.merchant_kind,
        ),
    )
    await store(tx, completed)
    if form.merchant_id is None:
        await let_attach(tx, completed, secret_of(key, completed.id), now)
    return completed


async def city_of_form(tx: Transaction, session: Session, form: FilledIn, by: Access | None) -> UUID:
    """Where a form belongs: its shop may lie in the neighbouring city. Raises Problem as `hand_in` does."""
    if form.merchant_kind is not None and form.merchant_kind not in merchant_kinds():
        raise invalid("merchant_kind", "is no kind of shop that the form offers")
    if form.merchant_id is None:
        return session.city_id
    assert by is not None, "asked by the route"
    return (await merchant_of(tx, form.merchant_id, by)).city_id

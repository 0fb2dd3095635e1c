"""Answers are saved on the way, without an account, and handed in for a shop by who has both.

A draft belongs to whoever holds its secret, which is given once and kept as a hash. It says nothing about who
that is, nor about which shop it is: an assessment comes of it only by somebody who may hand one in for the
shop, so that no stranger's answers become a shop's by its being claimed.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from chassis.database import Transaction
from chassis.ids import new_id
from chassis.problems import invalid, not_found
from services.assessment.drafts.tables import drafts
from services.assessment.questionnaires.catalogue import Catalogue
from services.assessment.questionnaires.domain.answers import as_json, check_answers, from_json
from services.assessment.questionnaires.domain.mapping import Edition
from services.assessment.questionnaires.domain.questions import Answers, InvalidAnswer, Raw

KEPT = timedelta(days=30)
"""After the last save. Less than the 35 days that readers of events remember."""
_SECRET_BYTES = 32


@dataclass(frozen=True)
class Draft:
    id: UUID
    questionnaire: str
    questionnaire_version: int
    answers: Answers
    version: int
    saved_at: datetime

    @property
    def expires_at(self) -> datetime:
        return self.saved_at + KEPT

    @property
    def raw(self) -> dict[str, Raw]:
        """The answers as they were sent."""
        stored = as_json(self.answers)
        return {key: [given] if isinstance(given, int) else given for key, given in stored.items()}


async def start(
    tx: Transaction, catalogue: Catalogue, asked: Edition, given: Mapping[str, Raw], at: datetime
) -> tuple[Draft, str]:
    """A new draft and its secret, which is told this once. Raises a 422 Problem naming the field."""
    name, version = asked.name, asked.version
    if catalogue.find(name, version) is None:
        raise invalid("version" if catalogue.find(name) else "questionnaire", "no such questionnaire exists")
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    answers = _checked(catalogue, name, version, given)
    draft = Draft(new_id(), name, version, answers, 1, at)
    row = {**vars(draft), "answers": as_json(answers), "secret_hash": _hash(secret)}
    await tx.execute(insert(drafts), row)
    return draft, secret


async def find(tx: Transaction, draft_id: UUID, secret: str, now: datetime, *, lock: bool = False) -> Draft:
    """The draft. Raises the same 404 Problem for one that is over, never was, or has another secret."""
    query = select(drafts).where(drafts.c.id == draft_id, drafts.c.saved_at > now - KEPT)
    row = (await tx.execute(query.with_for_update() if lock else query)).mappings().one_or_none()
    if row is None or not hmac.compare_digest(bytes(row["secret_hash"]), _hash(secret)):
        raise not_found("draft")
    kept: dict[str, Any] = {str(key): value for key, value in row.items() if key != "secret_hash"}
    return Draft(**{**kept, "answers": from_json(row["answers"])})


async def save(
    tx: Transaction, catalogue: Catalogue, draft: Draft, given: Mapping[str, Raw], at: datetime
) -> Draft:
    """The draft, locked before, with these answers instead. Raises a 422 Problem naming the field."""
    answers = _checked(catalogue, draft.questionnaire, draft.questionnaire_version, given)
    saved = replace(draft, answers=answers, version=draft.version + 1, saved_at=at)
    changed = {"answers": as_json(answers), "version": saved.version, "saved_at": at}
    await tx.execute(update(drafts).where(drafts.c.id == draft.id).values(changed))
    return saved


async def keep(tx: Transaction, draft: Draft, at: datetime) -> None:
    """The draft, locked before, is kept as long as one that was saved at that time."""
    await tx.execute(update(drafts).where(drafts.c.id == draft.id).values(saved_at=at))


async def discard(tx: Transaction, draft: Draft) -> None:
    await tx.execute(delete(drafts).where(drafts.c.id == draft.id))


def _checked(catalogue: Catalogue, name: str, version: int, given: Mapping[str, Raw]) -> Answers:
    try:
        return check_answers(catalogue.published(name, version), given)
    except InvalidAnswer as error:
        raise invalid(f"answers.{error.field}", error.detail) from error


def _hash(secret: str) -> bytes:
    return sha256(secret.encode()).digest()

"""The author, and a reporter, ask once for a second decision, by somebody who did not decide before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from chassis.database import Transaction
from chassis.ids import new_id
from chassis.problems import conflict, forbidden
from services.campaigns.contributions.domain import Contribution
from services.campaigns.contributors import known_contributor
from services.campaigns.moderation import storage
from services.campaigns.moderation.domain import (
    APPEAL_DUE,
    Case,
    Decision,
    Party,
    Refused,
    check_may_appeal,
)
from services.campaigns.moderation.tables import moderation_case, moderation_decision


@dataclass(frozen=True)
class Appealed:
    """An appeal that waits, and who can decide it."""

    case: Case
    deputy_city_id: UUID | None
    """Its officers may decide it too."""
    colleague_known: bool
    """Whether another officer of the city than the first has ever decided. Where not, and no deputy is named,
    it is not sure that there is anybody."""


async def appeal(tx: Transaction, about: Contribution, party: Party, text: str, now: datetime) -> Appealed:
    """Open a case against the last decision about a locked contribution. Raises Refused and a 409 Problem."""
    if about.withdrawn_at is not None:
        raise Refused("nothing-to-appeal", "It was withdrawn: no decision would change anything.")
    decisions = (await storage.decisions_about(tx, [about.id]))[about.id]
    against = check_may_appeal(decisions[-1] if decisions else None, party, now)
    new = Case(
        id=new_id(),
        city_id=about.city_id,
        contribution_id=about.id,
        reasons=(against.ground,),
        opened_at=now,
        due_at=now + APPEAL_DUE,
        appeal_of=against.id,
        appellant=party,
        appeal_text=text,
    )
    row = vars(new) | {"reasons": list(new.reasons), "appellant": party.value}
    try:
        async with tx.begin_nested():
            await tx.execute(insert(moderation_case).values(row))
    except IntegrityError as error:
        detail = "An appeal was made before, or a case about this is open. Each side appeals once."
        raise conflict("already-appealed", detail) from error
    deputy = await storage.deputy_of(tx, about.city_id)
    return Appealed(new, deputy, await _has_colleague(tx, against))


async def check_author(tx: Transaction, about: Contribution, person_id: UUID) -> None:
    """Raise the problem 403 for who is not its author."""
    if await known_contributor(tx, person_id) != about.contributor_id:
        raise forbidden("Only its author can appeal for a contribution.")


async def _has_colleague(tx: Transaction, against: Decision) -> bool:
    others = select(moderation_decision.c.id).where(
        moderation_decision.c.city_id == against.city_id,
        moderation_decision.c.person_id != against.person_id,
    )
    return await tx.scalar(others.limit(1)) is not None

"""A draft's shop over HTTP: proposed, and what became of it, by the draft's secret."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import StringConstraints

from chassis import limits
from chassis.access import PUBLIC
from chassis.http import Body, Db, Now, ShortText, Shown
from chassis.limits import Limit
from chassis.network import Network
from chassis.openapi import problems
from chassis.problems import not_found
from services.assessment.drafts import use_cases as drafts
from services.assessment.drafts.api import NOT_KEPT, PATH, Secret
from services.assessment.proposals import use_cases
from services.assessment.proposals.use_cases import Proposal, Shop, State

PROPOSED_IN_AN_HOUR = Limit("shops proposed in an hour, by network", 60, timedelta(hours=1))
PROPOSED_IN_A_DAY = Limit("shops proposed in a day, by network", 200, timedelta(days=1))
"""A hall is one network; most of the shops in it are listed. Officers read each."""

Line = Annotated[ShortText, StringConstraints(max_length=120)]
Postcode = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{3}$")]
"""Belgian."""
Kind = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{1,20}=[a-z0-9][a-z0-9_:-]{0,49}$")]
"""A tag of OpenStreetMap, such as shop=bakery; which of them are kinds of shops, the directory knows."""

router = APIRouter(prefix="/api/v1", tags=["assessments"])


class ProposeShop(Body):
    city_id: UUID
    name: ShortText
    street: Line
    house_number: Line | None = None
    postcode: Postcode
    kind: Kind


class ShownProposal(Shown):
    id: UUID
    state: State
    merchant_id: UUID | None
    """For which the draft is handed in, once it is listed."""
    reason: str | None
    """A code that says why it is refused."""
    proposed_at: datetime
    decided_at: datetime | None
    shop: dict[str, Any]


@router.put(f"{PATH}/{{draft_id}}/proposal", responses=problems(404, 409, 429), dependencies=[PUBLIC])
async def propose_shop(
    *,
    draft_id: UUID,
    asked: ProposeShop,
    secret: Secret,
    database: Db,
    clock: Now,
    network: Network,
    response: Response,
) -> ShownProposal:
    """Propose the shop, which the directory does not list yet; its city's officers decide. One at a time."""
    for limit in (PROPOSED_IN_AN_HOUR, PROPOSED_IN_A_DAY):
        await limits.count(database, limit, network, clock())
    async with database.transaction() as tx:
        draft = await drafts.find(tx, draft_id, secret, clock(), lock=True)
        made = await use_cases.propose(tx, draft, Shop(**asked.model_dump()), clock())
    response.headers.update(NOT_KEPT)
    return _shown(made)


@router.get(f"{PATH}/{{draft_id}}/proposal", responses=problems(404), dependencies=[PUBLIC])
async def show_proposal(
    draft_id: UUID, secret: Secret, database: Db, clock: Now, response: Response
) -> ShownProposal:
    """What became of it. Once it is listed, the draft is handed in for its merchant."""
    async with database.connection() as connection:
        draft = await drafts.find(connection, draft_id, secret, clock())
        found = await use_cases.of_draft(connection, draft.id)
    if found is None:
        raise not_found("proposal")
    response.headers.update(NOT_KEPT)
    return _shown(found)


def _shown(proposal: Proposal) -> ShownProposal:
    return ShownProposal(
        id=proposal.id,
        state=proposal.state,
        merchant_id=proposal.merchant_id,
        reason=proposal.reason,
        proposed_at=proposal.proposed_at,
        decided_at=proposal.decided_at,
        shop={name: value for name, value in vars(proposal.shop).items() if value is not None},
    )

"""Claiming a shop over HTTP: with its code, or confirmed by somebody who knows."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import StringConstraints

from chassis.access import MAY_PERSON, Access
from chassis.http import Body, Db, Now, ShortText
from chassis.identity import Principal, Role
from chassis.languages import ReadersLanguage
from chassis.network import Network
from chassis.openapi import problems
from chassis.problems import invalid, not_found
from services.directory.claims import use_cases
from services.directory.claims.disputes_api import DisputeShown, dispute_shown
from services.directory.claims.domain import Dispute, How, Proof
from services.directory.claims.tries import Try
from services.directory.merchants import storage as merchant_rows
from services.directory.merchants.domain import Merchant
from services.directory.merchants.shown import MerchantShown, shown

router = APIRouter(prefix="/api/v1/merchants", tags=["claims"])

CONFIRMED_BY = {
    How.VISIT: frozenset({Role.city_officer, Role.consultant}),
    How.ENTERPRISE_NUMBER: frozenset({Role.city_officer}),
}
_Typed = Annotated[ShortText, StringConstraints(max_length=40)]


class ClaimMerchant(Body):
    """Either the code of the shop's letter, or a person and how it was seen that the shop is theirs."""

    code: _Typed | None = None
    person_id: UUID | None = None
    how: How = How.VISIT


@router.post(
    "/{merchant_id}/claim",
    response_model=MerchantShown,
    responses={
        202: {"model": DisputeShown, "description": "Somebody runs it already: the city decides."},
        **problems(409, 410),
    },
)
async def claim_merchant(
    *,
    merchant_id: UUID,
    asked: ClaimMerchant,
    principal: Annotated[Principal, MAY_PERSON],
    network: Network,
    db: Db,
    now: Now,
    language: ReadersLanguage,
) -> MerchantShown | Response:
    """Run a merchant's account from now on (whoever has its code; others by its officers and consultants).

    Needs no Idempotency-Key: asked again for the same person it changes nothing.
    """
    if (asked.code is None) == (asked.person_id is None):
        raise invalid("code", "send either the code of the letter, or the person whose shop it is")
    at = now()
    if asked.code is not None:
        tried = Try(merchant_id, principal.person_id, network)
        settled = await use_cases.claim_with_code(db, tried, asked.code, at)
        return _answer(settled, language, at)
    assert asked.person_id is not None
    who = Access(principal, CONFIRMED_BY.get(asked.how, frozenset()))
    async with db.transaction() as tx:
        found = await merchant_rows.lock_one(tx, merchant_id)
        if found is None:
            raise not_found("merchant")
        who.within(city_id=found.city_id)
        if not found.is_public:
            raise merchant_rows.gone()
        proof = Proof(asked.how, confirmed_by=principal.person_id)
        settled = await use_cases.settle(tx, found, asked.person_id, proof, at)
    return _answer(settled, language, at)


def _answer(settled: Merchant | Dispute, language: str, at: datetime) -> MerchantShown | Response:
    if isinstance(settled, Merchant):
        return shown(settled, language, at)
    return Response(dispute_shown(settled).model_dump_json(), 202, media_type="application/json")

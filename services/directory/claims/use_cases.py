"""Somebody claims a shop: they run it from now on, or a dispute begins with whoever runs it."""

from datetime import datetime
from uuid import UUID

from chassis import limits, outbox
from chassis.database import Database, Transaction
from chassis.identity import Grant, Role
from chassis.problems import conflict, invalid, not_found
from services.directory.audit import use_cases as audit
from services.directory.audit.domain import Action, Detail
from services.directory.claims import codes, mails, storage
from services.directory.claims.domain import Decision, Dispute, How, Outcome, Proof
from services.directory.claims.tries import Try
from services.directory.merchants import use_cases as merchants
from services.directory.merchants.domain import Merchant
from services.directory.people import storage as people
from services.directory.roles import use_cases as roles


async def claim_with_code(database: Database, tried: Try, code: str, at: datetime) -> Merchant | Dispute:
    """The person who holds the shop's code claims it. Raises 422 for a wrong code, 429 after too many.

    A code that is mistyped by its own check character is told so and not counted as a try.
    """
    try:
        digest = codes.code_digest(tried.merchant_id, code)
    except ValueError as error:
        raise invalid("code", str(error)) from None
    async with database.transaction() as tx:
        taken = await limits.take(tx, tried.limits(), at)
        found = await merchants.open_merchant(tx, tried.merchant_id)
        known = await storage.code_of(tx, found.id, digest)
        if known is not None and not known.is_revoked:
            await taken.give_back(tx)
            refused = known.refusal(at, has_owner=bool(await people.owners_of(tx, found.id)))
            if refused is not None:
                raise invalid("code", refused)
            proof = Proof(How.CODE, invitation_id=known.invitation_id)
            return await settle(tx, found, tried.person_id, proof, at)
    # Behind the commit: a wrong try stays counted.
    raise invalid("code", "is not the code of this shop")


async def settle(
    tx: Transaction, merchant: Merchant, person_id: UUID, proof: Proof, at: datetime
) -> Merchant | Dispute:
    """A claim that was shown to be one, of a merchant that is locked. Asked twice, it stays as it is."""
    if await people.person_by_id(tx, person_id) is None:
        raise invalid("person_id", "there is no such person")
    owners = await people.owners_of(tx, merchant.id)
    if person_id in owners:
        return merchant
    if not owners:
        return await _give(tx, merchant, person_id, proof, by=proof.confirmed_by or person_id, at=at)
    dispute = await storage.open_dispute(tx, merchant, person_id, proof, at)
    if dispute.claimant_id != person_id:
        raise conflict(
            "claim-disputed", "Somebody else disputes this shop already. Its city decides; ask there."
        )
    if dispute.opened_at == at:  # not where it is asked again
        await outbox.record(tx, dispute.event())
        await mails.tell(tx, {person_id, *owners}, merchant, at)
    return dispute


async def decide(tx: Transaction, merchant_id: UUID, dispute_id: UUID, decision: Decision) -> Dispute:
    """An officer decides a dispute. Raises 404, 409 where it was decided before, 410 for a closed shop."""
    merchant = await merchants.open_merchant(tx, merchant_id)
    dispute = await storage.dispute_by_id(tx, merchant_id, dispute_id, lock=True)
    if dispute is None:
        raise not_found("dispute")
    if dispute.outcome is not None:
        raise conflict("already-decided", f"It was decided before: {dispute.outcome}.")
    owners = await people.owners_of(tx, merchant_id)
    if decision.outcome is Outcome.SHOP_CHANGES_HANDS:
        owned = Grant(Role.merchant, merchant.city_id, merchant_id)
        for owner in sorted(owners):
            await roles.take(tx, owner, owned, by=decision.by, at=decision.at)
        await _give(tx, merchant, dispute.claimant_id, dispute.proof, by=decision.by, at=decision.at)
    await audit.record(
        tx,
        Action.DISPUTE_DECIDED,
        dispute_id,
        by=decision.by,
        city_id=merchant.city_id,
        at=decision.at,
        details={"merchant": merchant_id, "outcome": decision.outcome},
    )
    await mails.tell(tx, {dispute.claimant_id, *owners}, merchant, decision.at, decision)
    return await storage.decide_dispute(tx, dispute_id, decision)


async def _give(
    tx: Transaction, merchant: Merchant, person_id: UUID, proof: Proof, *, by: UUID, at: datetime
) -> Merchant:
    details: dict[str, Detail] = {"person": person_id, "how": proof.how}
    claimed = await merchants.claim_merchant(tx, merchant, by=by, at=at, details=details)
    await roles.dismiss_staff(tx, merchant.city_id, merchant.id, new_owner=person_id, by=by, at=at)
    await roles.give(tx, person_id, Grant(Role.merchant, merchant.city_id, merchant.id), by=by, at=at)
    await storage.add_claim(tx, merchant, person_id, proof, at)
    if proof.invitation_id is not None:
        await storage.use_code(tx, proof.invitation_id, person_id, at)
    return claimed

"""What the roles of somebody say of their tie to a shop."""

from uuid import UUID

from chassis.identity import Principal, Role
from services.campaigns.contributions.domain import Tie


def known_tie(principal: Principal, merchant_id: UUID) -> Tie:
    """Nobody must be able to make an audience for their own shop, the first thing one might try."""
    if principal.has(Role.merchant, merchant_id=merchant_id):
        return Tie.OWNER
    return Tie.STAFF if principal.has(Role.merchant_staff, merchant_id=merchant_id) else Tie.NONE

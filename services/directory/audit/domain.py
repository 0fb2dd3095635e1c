"""What the audit log holds: ids, codes and counts."""

from enum import StrEnum
from uuid import UUID

Detail = UUID | StrEnum | bool | int | None
"""What an entry may hold beside its subject. No text: what people type has no place in a log that is kept."""


class Action(StrEnum):
    """What was done. The subject is named behind it."""

    CITY_JOINED = "city_joined"
    """The city."""
    COMMUNE_MERGED = "commune_merged"
    """The city."""
    RESPONSIBLE_NAMED = "responsible_named"
    """The city."""
    DEPUTY_NAMED = "deputy_named"
    """The city."""
    DEPUTY_WITHDRAWN = "deputy_withdrawn"
    """The city, which has none from then on."""
    DISTRICT_DRAWN = "district_drawn"
    DISTRICT_REDRAWN = "district_redrawn"
    DISTRICT_REMOVED = "district_removed"
    """The district."""
    MERCHANTS_IMPORTED = "merchants_imported"
    """The city."""
    MERCHANT_CLAIMED = "merchant_claimed"
    """The merchant."""
    MERCHANT_RELEASED = "merchant_released"
    """The merchant, whose last owner was erased; somebody else may claim it."""
    DISPUTE_DECIDED = "dispute_decided"
    """The dispute over a merchant that two people claim."""
    INVITATIONS_BEGUN = "invitations_begun"
    """The run that letters or cards are printed in."""
    INVITATIONS_SENT = "invitations_sent"
    """The run."""
    INVITATIONS_REVOKED = "invitations_revoked"
    """The run."""
    LETTER_REVOKED = "letter_revoked"
    """The merchant whose letter of a run it was."""
    MERCHANT_LISTED = "merchant_listed"
    """The merchant, by hand."""
    MERCHANT_PROPOSAL_DECIDED = "merchant_proposal_decided"
    """The proposal; which merchant it became, or why it is refused."""
    CORRECTION_ACCEPTED = "correction_accepted"
    CORRECTION_REFUSED = "correction_refused"
    CORRECTION_REVERTED = "correction_reverted"
    """The merchant; which correction that somebody suggested, and of what."""
    MERCHANT_CLOSED = "merchant_closed"
    """The merchant: it exists no more."""
    MERCHANTS_MERGED = "merchants_merged"
    """The merchant that stays; `other` was it, too."""
    MERCHANTS_KEPT_APART = "merchants_kept_apart"
    """One of the two."""
    MERCHANT_KEPT = "merchant_kept"
    """The merchant that its source has no more."""
    INVITATION_SENT = "invitation_sent"
    """The invitation; again where it was sent again."""
    INVITATION_WITHDRAWN = "invitation_withdrawn"
    """The invitation."""
    INVITATION_ACCEPTED = "invitation_accepted"
    INVITATION_DECLINED = "invitation_declined"
    MERCHANT_DELISTED = "merchant_delisted"
    """The merchant: not to be listed."""
    MERCHANT_RELISTED = "merchant_relisted"
    """The merchant."""
    MERCHANT_OBJECTED = "merchant_objected"
    """The merchant, by the code of a letter."""
    ROLE_GIVEN = "role_given"
    """The person who has it from then on."""
    ROLE_WITHDRAWN = "role_withdrawn"
    """The person who had it."""
    CONTACTS_LOOKED_UP = "contacts_looked_up"
    """The service that asked for addresses; how many merchants, how many addresses, and what for."""
    KEY_MADE = "key_made"
    """The key of one of the city's own systems."""
    KEY_REVOKED = "key_revoked"
    """The key."""
    IDENTITY_CONNECTED = "identity_connected"
    """The person, who signs in at their city's identity provider from then on."""
    FACTOR_ADDED = "factor_added"
    """The member of staff who has a second factor from then on; which kind."""
    FACTOR_REMOVED = "factor_removed"
    """The member of staff who had it."""
    RECOVERY_CODES_MADE = "recovery_codes_made"
    """The member of staff; their former codes are worth nothing."""
    RECOVERY_CODE_USED = "recovery_code_used"
    """The member of staff who gave one; how many are left."""
    FACTORS_RESET = "factors_reset"
    """The member of staff who had lost all second factors; the actor saw to it that it was them."""


def as_code(value: Detail) -> str | int:
    """The value as it is stored. Raises TypeError for text, because it could be somebody's name."""
    match value:
        case UUID():
            return str(value)
        case StrEnum():
            return value.value
        case int():
            return value
        case _:
            raise TypeError(f"the audit log holds ids, codes and counts, not {type(value).__name__}")

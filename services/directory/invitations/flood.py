"""Every mail of an invitation is counted, the first and those sent again.

Nobody is flooded by an officer, nor by whoever stole an officer's session.
"""

from datetime import datetime, timedelta
from uuid import UUID

from chassis import limits
from chassis.database import Transaction
from chassis.limits import Limit

DAY = timedelta(days=1)
OF_A_SENDER = Limit("mails of invitations, by sender", 50, DAY)
"""A city's officers are some, a shop's staff a few."""
OF_A_SENDER_TO_AN_ADDRESS = Limit("mails of invitations, by sender and address", 5, DAY)
TO_AN_ADDRESS = Limit("mails of invitations, by address", 20, DAY)
"""Whoever they come from. The narrower one before it: one sender keeps no other from inviting somebody."""


async def count_mail(tx: Transaction, by: UUID, email: str, at: datetime) -> None:
    """One more mail to that address. Raises a 429 Problem where it is one too many, and then counts none."""
    tried = [(OF_A_SENDER, str(by)), (OF_A_SENDER_TO_AN_ADDRESS, f"{by} {email}"), (TO_AN_ADDRESS, email)]
    await limits.take(tx, tried, at)

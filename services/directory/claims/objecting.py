"""An owner objects to being listed, with the code of a printed letter and without an account.

The right to object does not end (GDPR art. 21): the code is good until its letter is revoked, also when the
code to claim has expired or a later letter has come. Used again it changes nothing and answers the same.
Once the shop has an owner, who signs in to decide, whoever finds an old letter decides nothing any more.
"""

from datetime import datetime, timedelta

from chassis import limits
from chassis.database import Database
from chassis.limits import Limit
from chassis.problems import invalid
from services.directory.claims import codes, storage
from services.directory.merchants import objections

TRIES = Limit("codes to object with, by network", 50, timedelta(days=1))
"""A town hall or a café is one network for many people; a guess hits once in 2^75."""


async def object_with_code(database: Database, code: str, network: str, at: datetime) -> None:
    """The shop of this code is delisted at once, and for good.

    Raises 422 for a wrong code, 429 after many, 409 where the shop has an owner. A code that is mistyped by
    its own check character is told so and not counted as a try.
    """
    try:
        digest = codes.objection_digest(code)
    except ValueError as error:
        raise invalid("code", str(error)) from None
    await limits.count(database, TRIES, network, at)
    async with database.transaction() as tx:
        merchant_id = await storage.shop_of_objection(tx, digest)
        if merchant_id is None:
            raise invalid("code", "is not a code to object with: a letter holds it beside the way to object")
        await objections.object_to_listing(tx, merchant_id, at)

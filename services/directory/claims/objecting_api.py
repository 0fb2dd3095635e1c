"""Objecting to being listed, over HTTP: with the code of a letter, without an account."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import StringConstraints

from chassis.access import PUBLIC
from chassis.http import Body, Db, Now, ShortText
from chassis.network import Network
from chassis.openapi import problems
from services.directory.claims.objecting import object_with_code

router = APIRouter(prefix="/api/v1/merchants/objections", tags=["letters"], dependencies=[PUBLIC])


class Objection(Body):
    """The code to object with, of the letter that told the shop it is listed."""

    code: Annotated[ShortText, StringConstraints(max_length=40)]


@router.post("", status_code=204, responses=problems(409, 429))
async def object_to_listing(asked: Objection, network: Network, db: Db, now: Now) -> Response:
    """The shop that got this code in a letter is delisted at once, and for good. No account is needed.

    A shop that has an account by now is not: its owner decides there.
    Needs no Idempotency-Key: used again, the code changes nothing more.
    """
    await object_with_code(db, asked.code, network, now())
    return Response(status_code=204)

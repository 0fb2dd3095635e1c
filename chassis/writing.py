"""Whether something may still be written in a person's name: not once they were erased.

A token lasts for minutes more than its person. Asking takes a lock of the person's own, shared, until the
transaction ends; an erasure takes it alone (chassis/erasure.py): what was written before is found by it, and
what comes later is refused here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from chassis.problems import unauthorised

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from chassis.problems import Problem

_MAY_STILL_WRITE = text("SELECT may_still_write(:principal)")


async def may_still_write(connection: AsyncConnection, subject: str) -> bool:
    """Whether whoever a token speaks for is not erased; waits for an erasure that is under way."""
    return bool(await connection.scalar(_MAY_STILL_WRITE, {"principal": subject}))


async def refuse_the_erased(connection: AsyncConnection, subject: str) -> None:
    """Return where they may still write; raise a 401 Problem otherwise."""
    if not await may_still_write(connection, subject):
        raise erased()


def erased() -> Problem:
    """The answer to somebody who was erased."""
    return unauthorised("This person's data were erased. Nothing is kept for them any more.")

"""The usual FastStream way: one message for each call of the handler, a session of SQLAlchemy for each.

It does what ours does: remembers the event, keeps the contribution, counts it, commits, acknowledges.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime
from uuid import UUID

import uvloop
from faststream import AckPolicy
from faststream.nats import JStream, NatsBroker, PullSub
from faststream.security import SASLPlaintext
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from bench.contestants import signals
from bench.contestants.statements import CONTRIBUTION, FIGURE, INBOX
from chassis.settings import ServiceSettings, load
from contracts.streams import inbox_prefix
from services.notifications.contributions.domain import local_day


class Data(BaseModel):
    """Of both kinds of event."""

    city_id: UUID
    contribution_id: UUID
    merchant_id: UUID


class Posted(BaseModel):
    """A contribution that was posted."""

    id: UUID
    type: str
    time: datetime
    data: Data


async def main() -> None:
    """Consume until killed, with so many handlers at once."""
    at_once = int(sys.argv[1])
    settings = load(ServiceSettings)
    engine = create_async_engine(settings.sqlalchemy_url(), pool_size=at_once, max_overflow=0)
    sessions = async_sessionmaker(engine)
    broker = NatsBroker(
        settings.nats_url,
        security=SASLPlaintext(settings.nats_user, settings.nats_password.get_secret_value()),
        inbox_prefix=inbox_prefix(settings.nats_user),
        logger=None,
    )
    inbox, contribution, figure = text(INBOX), text(CONTRIBUTION), text(FIGURE)

    @broker.subscriber(
        "campaigns.>",
        durable="usual",
        stream=JStream("CAMPAIGNS", declare=False),
        pull_sub=PullSub(batch_size=500),
        ack_policy=AckPolicy.NACK_ON_ERROR,
        max_workers=at_once,
    )
    async def count(event: Posted) -> None:
        async with sessions() as session:
            new = await session.scalar(inbox, {"id": event.id, "consumer": "usual"})
            if new is not None:
                values = {
                    "merchant": event.data.merchant_id,
                    "contribution": event.data.contribution_id,
                    "city": event.data.city_id,
                    "kind": "review" if "review" in event.type else "share",
                    "day": local_day(event.time),
                }
                await session.execute(contribution, values)
                del values["contribution"]
                await session.execute(figure, values)
            await session.commit()

    async with engine.connect():
        pass
    await signals.ready()
    await broker.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())

"""What POST a review is measured against: a FastAPI handler that checks the token and inserts the rows.

`rows`: the same token check and the same four rows through the same ORM in one transaction, nothing else:
no rule, no look-up, no idempotent repetition. `bare`: one insert, no token.
"""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import uvicorn
import uvloop
from fastapi import FastAPI, Request
from pydantic import BaseModel
from sqlalchemy import Column, DateTime, Integer, LargeBinary, MetaData, Table, Text, Uuid, insert
from sqlalchemy.dialects.postgresql import JSONB

from chassis import garbage
from chassis.clock import utc_now
from chassis.database import Database
from chassis.identity import SignedIn, Verifier
from chassis.ids import new_id
from chassis.settings import ServiceSettings, load
from chassis.signing_keys import FetchedKeys
from services.campaigns.contributions.tables import contribution, review

CITY = UUID("01890000-0000-7000-8000-00000000c17e")
_chassis = MetaData()
outbox = Table("outbox", _chassis, Column("id", Uuid), Column("subject", Text), Column("body", LargeBinary))
idempotency = Table(
    "idempotency",
    _chassis,
    Column("principal", Text),
    Column("route", Text),
    Column("key", Text),
    Column("body_hash", LargeBinary),
    Column("status", Integer),
    Column("body", JSONB),
    Column("headers", JSONB),
    Column("created_at", DateTime(timezone=True)),
)


class ReviewWritten(BaseModel):
    """As ours takes it."""

    merchant_id: UUID
    rating: int
    text: str
    language: str


def application(settings: ServiceSettings) -> FastAPI:
    """Both handlers."""
    app = FastAPI()
    database = Database(settings)
    app.state.verifier = Verifier(FetchedKeys(settings))

    @app.post("/api/v1/contributions/reviews", status_code=201)
    async def rows(body: ReviewWritten, principal: SignedIn, request: Request) -> dict[str, Any]:
        now, made = utc_now(), new_id()
        answer = {
            "id": str(made),
            "merchant_id": str(body.merchant_id),
            "rating": body.rating,
            "text": body.text,
        }
        event = {**answer, "type": "campaigns.ambassador-review-posted.v1", "city_id": str(CITY)}
        async with database.engine.begin() as tx:
            await tx.execute(insert(contribution), _contribution(made, principal.person_id, body, now))
            await tx.execute(
                insert(review),
                {
                    "contribution_id": made,
                    "rating": body.rating,
                    "text": body.text,
                    "language": body.language,
                    "tie": "none",
                },
            )
            subject = f"campaigns.ambassador-review-posted.v1.{CITY}.00"
            await tx.execute(
                insert(outbox), {"id": made, "subject": subject, "body": msgspec.json.encode(event)}
            )
            await tx.execute(
                insert(idempotency),
                {
                    "principal": principal.subject,
                    "route": "POST /api/v1/contributions/reviews",
                    "key": request.headers["idempotency-key"],
                    "body_hash": b"0" * 32,
                    "status": 201,
                    "body": answer,
                    "headers": {},
                    "created_at": now,
                },
            )
        return answer

    @app.post("/bare", status_code=201)
    async def bare(body: ReviewWritten) -> dict[str, Any]:
        async with database.engine.begin() as tx:
            await tx.execute(insert(contribution), _contribution(new_id(), new_id(), body, utc_now()))
        return {"merchant_id": body.merchant_id}

    return app


def _contribution(made: UUID, person: UUID, body: ReviewWritten, now: datetime) -> dict[str, Any]:
    return {
        "id": made,
        "city_id": CITY,
        "merchant_id": body.merchant_id,
        "contributor_id": person,
        "kind": "review",
        "slot": "review",
        "campaign_id": None,
        "reason": "no-campaign",
        "counts_for_audience": True,
        "posted_at": now,
        "withdrawn_at": None,
        "standing": "published",
        "standing_version": 1,
        "published_at": now,
    }


async def main() -> None:
    """Serve until killed."""
    settings = load(ServiceSettings)
    config = uvicorn.Config(
        application(settings), port=int(sys.argv[1]), http="httptools", access_log=False, log_config=None
    )
    garbage.settle()
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    uvloop.run(main())

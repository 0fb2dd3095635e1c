"""What POST an assessment is measured against: a FastAPI handler that checks the token and writes the rows.

`rows`: the same token check and the same three rows through the same ORM in one transaction, ready-made, the
kept answer as long as ours; no rule, no score, no look-up, no idempotent repetition. `bare`: the assessment
and its event over asyncpg itself, no token.
"""

from __future__ import annotations

import sys
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import uvicorn
import uvloop
from fastapi import FastAPI, Request
from pydantic import BaseModel
from sqlalchemy import insert

from bench.contestants.same_rows import idempotency, outbox
from chassis import garbage
from chassis.clock import utc_now
from chassis.database import Database
from chassis.identity import SignedIn, Verifier
from chassis.ids import new_id
from chassis.settings import ServiceSettings, load
from chassis.signing_keys import FetchedKeys
from services.assessment.assessments.tables import assessments

CITY = UUID("01890000-0000-7000-8000-00000000c17e")
DIMENSIONS = {"visibility": 10, "reputation": 20, "customers": 50, "website": 50, "social": 40, "skills": 25}
STEPS = ["claim-google-profile", "e-reputation-watch", "seo-basics", "training", "first-newsletter"]
ASSESSMENT = """
    INSERT INTO assessments (id, city_id, merchant_id, questionnaire, questionnaire_version, answers, score,
                             dimensions, recommendations, completed_at, completed_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
SUBJECT = f"assessment.assessment-completed.v1.{CITY}.00"
TEXTS = "x" * 5_900
"""What ours tells of the answers: bands, reasons and first steps, in one language."""
OUTBOX = "INSERT INTO outbox (id, subject, body) VALUES ($1, $2, $3)"


class Submission(BaseModel):
    """As ours takes it."""

    merchant_id: UUID
    questionnaire: str
    version: int
    answers: dict[str, Any]


def application(settings: ServiceSettings) -> FastAPI:
    """Both handlers."""
    app = FastAPI()
    database = Database(settings)
    app.state.verifier = Verifier(FetchedKeys(settings))
    pool: asyncpg.Pool | None = None

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        nonlocal pool
        if pool is None:
            pool = await asyncpg.create_pool(settings.database_url, min_size=10, max_size=10)
        return {"status": "alive"}

    @app.post("/api/v1/assessments", status_code=201)
    async def rows(body: Submission, principal: SignedIn, request: Request) -> dict[str, Any]:
        row, event = _row(body, principal.person_id), _event(body)
        answer = {**event, "texts": TEXTS}
        async with database.engine.begin() as tx:
            await tx.execute(insert(assessments), row)
            await tx.execute(
                insert(outbox), {"id": row["id"], "subject": SUBJECT, "body": msgspec.json.encode(event)}
            )
            await tx.execute(
                insert(idempotency),
                {
                    "principal": principal.subject,
                    "route": "POST /api/v1/assessments",
                    "key": request.headers["idempotency-key"],
                    "body_hash": b"0" * 32,
                    "status": 201,
                    "body": answer,
                    "headers": {},
                    "created_at": row["completed_at"],
                },
            )
        return answer

    @app.post("/bare", status_code=201)
    async def bare(body: Submission) -> dict[str, Any]:
        row, event = _row(body, new_id()), _event(body)
        values = [msgspec.json.encode(each).decode() if isinstance(each, dict | list) else each
                  for each in row.values()]  # fmt: skip
        assert pool is not None
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(ASSESSMENT, *values)
            await connection.execute(OUTBOX, row["id"], SUBJECT, msgspec.json.encode(event))
        return event

    return app


def _row(body: Submission, person: UUID) -> dict[str, Any]:
    return {
        "id": new_id(),
        "city_id": CITY,
        "merchant_id": body.merchant_id,
        "questionnaire": body.questionnaire,
        "questionnaire_version": body.version,
        "answers": body.answers,
        "score": 33,
        "dimensions": DIMENSIONS,
        "recommendations": STEPS,
        "completed_at": utc_now(),
        "completed_by": person,
    }


def _event(body: Submission) -> dict[str, Any]:
    return {"merchant_id": str(body.merchant_id), "score": 33, "dimensions": DIMENSIONS, "steps": STEPS}


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

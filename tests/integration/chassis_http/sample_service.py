"""A smallest service on the chassis, run as a process of its own by the tests beside it."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter
from fastapi.responses import Response, StreamingResponse

from chassis import outbox
from chassis.access import PUBLIC
from chassis.clock import utc_now
from chassis.database import Database, Transaction
from chassis.http import Body, Db, Stopping
from chassis.idempotency import Answer, Attempt
from chassis.identity import SignedIn
from chassis.service import Job, Service, run
from chassis.settings import ServiceSettings
from tests.support.one_service import a_review

routes = APIRouter(prefix="/api/v1", dependencies=[PUBLIC])


class Settings(ServiceSettings):
    service_name: str = "campaigns"


class NewReview(Body):
    rating: int
    wait: float = 0


@routes.post("/reviews", status_code=201)
async def post_review(review: NewReview, attempt: Attempt) -> Response:
    """Records an event, as a use case does."""

    async def work(tx: Transaction) -> Answer:
        event = a_review()
        await outbox.record(tx, event)
        await asyncio.sleep(review.wait)
        return Answer(201, {"id": event.fact.contribution_id, "posted_at": utc_now()})

    return await attempt.once(work)


@routes.get("/me")
async def me(principal: SignedIn) -> dict[str, str]:
    """Who is asking."""
    return {"person_id": str(principal.person_id)}


@routes.get("/stream")
async def stream(stopping: Stopping, database: Db) -> StreamingResponse:
    """Goes on until the process ends."""

    async def lines() -> AsyncIterator[str]:
        yield "begun\n"
        await stopping.wait()
        yield "ended\n"

    return StreamingResponse(lines())


class BadStart:
    """A job that dies twice before it works."""

    def __init__(self) -> None:
        self._deaths = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Until it is told to stop."""
        if self._deaths < 2:
            self._deaths += 1
            raise RuntimeError("died")
        await stop.wait()


def build(settings: Settings) -> Service:
    """The composition root."""
    return Service(
        "campaigns",
        settings,
        Database(settings),
        routers=[routes],
        jobs=[Job("bad-start", BadStart().run)],
        description="A sample.",
    )


if __name__ == "__main__":
    run(build, Settings)

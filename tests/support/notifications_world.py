"""What notifications depends on and does not own: a directory that knows contacts."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import uvicorn
from fastapi import FastAPI, Response

from tests.support.servers import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID


class QuietServer(uvicorn.Server):
    """uvicorn in the process of the test, whose signals are not its business."""

    def install_signal_handlers(self) -> None: ...

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Its base URL, while it serves."""
        task = asyncio.create_task(self._serve())
        while not self.started:
            if task.done():
                task.result()
            await asyncio.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{self.config.port}"
        finally:
            # As the chassis does on SIGTERM: streams that never end by themselves are told to.
            stopping = getattr(self.config.app.state, "stopping", None)  # type: ignore[union-attr]
            if stopping is not None:
                stopping.set()
            self.should_exit = True
            await task


def serve(app: FastAPI) -> QuietServer:
    return QuietServer(
        uvicorn.Config(
            app,
            port=free_port(),
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=5,
            timeout_keep_alive=75,  # as services do: a slow test would find its connection closed
        )
    )


@dataclass
class DirectoryOfContacts:
    """The routes of the directory that notifications asks, and the one of campaigns."""

    contacts: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    people: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    contributors: dict[UUID, UUID] = field(default_factory=dict)
    """Pseudonyms and whose they are."""
    holders: list[dict[str, str]] = field(default_factory=list)
    """Of roles: `city_id`, `role`, `person_id`."""
    away: bool = False
    asked: int = 0

    def knows(self, merchant: UUID, name: str, email: str, language: str) -> None:
        self.contacts[merchant] = {
            "merchant_id": str(merchant),
            "merchant_name": name,
            "email": email,
            "language": language,
        }

    def knows_person(self, person: UUID, email: str, language: str) -> None:
        self.people[person] = {
            "person_id": str(person),
            "person_name": None,
            "email": email,
            "language": language,
        }

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/api/v1/tokens/service")
        async def token() -> dict[str, str]:
            return {"token": "of-a-service", "expires_at": "2099-01-01T00:00:00Z"}

        @app.post("/api/v1/people/contacts")
        async def look_up(body: dict[str, Any], response: Response) -> dict[str, Any]:
            assert body["purpose"] == "merchant_mail"
            self.asked += 1
            if self.away:
                response.status_code = 503
                return {}
            found = [self.contacts[each] for each in self.contacts if str(each) in body["merchant_ids"]]
            return {"items": found}

        @app.post("/api/v1/contributors/people")
        async def behind(body: dict[str, Any], response: Response) -> dict[str, Any]:
            if self.away:
                response.status_code = 503
                return {}
            return {
                "items": [
                    {"contributor_id": str(each), "person_id": str(person)}
                    for each, person in self.contributors.items()
                    if str(each) in body["contributor_ids"]
                ]
            }

        @app.post("/api/v1/people/holders")
        async def in_roles(body: dict[str, Any]) -> dict[str, Any]:
            return {
                "items": [
                    each
                    for each in self.holders
                    if each["city_id"] in body["city_ids"] and each["role"] in body["roles"]
                ]
            }

        @app.post("/api/v1/people/addresses")
        async def of_people(body: dict[str, Any]) -> dict[str, Any]:
            assert body["purpose"] == "person_mail"
            return {"items": [self.people[each] for each in self.people if str(each) in body["person_ids"]]}

        return app

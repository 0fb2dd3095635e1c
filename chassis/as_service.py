"""Speaks with a neighbour as this service: with a token of the directory, renewed before it ends."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

import httpx
from pydantic import SecretStr, field_validator

from chassis.http_client import neighbour_client
from chassis.settings import ServiceSettings

DEADLINE_SECONDS = 3.0
_RENEW_SECONDS = 60.0
"""A token is asked for again this long before it expires."""
_LONGEST_SECONDS = 900.0


class AskingSettings(ServiceSettings):
    """What a service that asks the directory is told."""

    directory_url: str = "http://127.0.0.1:8101"
    service_secret: SecretStr = SecretStr("")
    """What this service proves to the directory that it is this service with."""

    @field_validator("directory_url")
    @classmethod
    def _has_no_slash_at_its_end(cls, value: str) -> str:
        return value.rstrip("/")


class Unreachable(Exception):
    """A neighbour is away, does not know us, or says what cannot be read. Asking later helps."""


class AsService:
    """One service's way to the directory, or to the neighbour at `url`. Whoever makes it closes it."""

    def __init__(self, settings: AskingSettings, url: str | None = None) -> None:
        self._name = settings.service_name
        self._secret = settings.service_secret.get_secret_value()
        self._directory = neighbour_client(base_url=settings.directory_url, timeout=DEADLINE_SECONDS)
        self._asked = neighbour_client(base_url=url, timeout=DEADLINE_SECONDS) if url else self._directory
        self._token = ""
        self._renew_at = 0.0

    async def post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        """What is answered, refusals too. Raises Unreachable where nothing is."""
        return await self._ask("POST", path, body)

    async def put(self, path: str, body: dict[str, Any]) -> httpx.Response:
        """As `post`."""
        return await self._ask("PUT", path, body)

    async def _ask(self, method: str, path: str, body: dict[str, Any]) -> httpx.Response:
        answer = await self._ask_once(method, path, body)
        if answer.status_code == httpx.codes.UNAUTHORIZED:  # the directory has changed its keys
            self._renew_at = 0.0
            answer = await self._ask_once(method, path, body)
        return answer

    async def _ask_once(self, method: str, path: str, body: dict[str, Any]) -> httpx.Response:
        headers = {"Authorization": f"Bearer {await self._service_token()}"}
        try:
            return await self._asked.request(method, path, json=body, headers=headers)
        except httpx.HTTPError as error:
            raise Unreachable(f"{self._asked.base_url.host}: {type(error).__name__}") from error

    async def _service_token(self) -> str:
        if time.time() >= self._renew_at:
            try:
                answer = await self._directory.post("/api/v1/tokens/service", auth=(self._name, self._secret))
            except httpx.HTTPError as error:
                raise Unreachable(f"directory: {type(error).__name__}") from error
            said = object_of(answer)
            self._token = str(said.get("token", ""))
            self._renew_at = time.time() + _lifetime(said.get("expires_at")) - _RENEW_SECONDS
        return self._token

    async def close(self) -> None:
        await self._directory.aclose()
        await self._asked.aclose()


def object_of(answer: httpx.Response) -> dict[str, Any]:
    """The JSON object that was answered. Raises Unreachable for a refusal, and for anything else."""
    if not answer.is_success:
        raise Unreachable(f"{answer.url.host} answered {answer.status_code}")
    try:
        body = answer.json()
    except ValueError as error:
        raise Unreachable("the answer is no JSON") from error
    if not isinstance(body, dict):
        raise Unreachable("the answer is no object")
    return body


def _lifetime(expires: Any) -> float:
    """Seconds, by our own clock: the two machines' clocks may differ."""
    try:
        left = datetime.fromisoformat(expires).timestamp() - time.time()
    except (TypeError, ValueError):
        left = 0.0
    return min(max(left, 0.0), _LONGEST_SECONDS)

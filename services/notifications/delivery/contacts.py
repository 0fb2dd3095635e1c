"""Addresses are the directory's: asked for when a mail is sent, and forgotten afterwards."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import httpx

from chassis.http_client import neighbour_client
from chassis.smtp import Unreachable
from services.notifications.settings import NotificationsSettings

DEADLINE_SECONDS = 3.0
PURPOSE = "merchant_mail"
"""What the directory gives this service addresses for, and logs with each look-up."""
_RENEW_SECONDS = 60.0
"""A token is asked for again this long before it expires."""


class Contact(NamedTuple):
    """Whom to write to about a merchant."""

    merchant_name: str
    email: str
    language: str | None


class Contacts:
    """The directory's contact look-up, as this service."""

    def __init__(self, settings: NotificationsSettings) -> None:
        self._name = settings.service_name
        self._secret = settings.service_secret.get_secret_value()
        self._client = neighbour_client(base_url=settings.directory_url, timeout=DEADLINE_SECONDS)
        self._token = ""
        self._renew_at = 0.0

    async def of(self, merchants: Sequence[UUID]) -> Mapping[UUID, Contact]:
        """The contacts of those merchants who have one. Raises Unreachable."""
        body = {"purpose": PURPOSE, "merchant_ids": sorted({str(merchant) for merchant in merchants})}
        answer = await self._post("/api/v1/people/contacts", body)
        if answer.status_code == httpx.codes.UNAUTHORIZED:  # the directory has changed its keys
            self._renew_at = 0.0
            answer = await self._post("/api/v1/people/contacts", body)
        try:
            items = _json(answer)["items"]
            found: dict[UUID, Contact] = {}
            for item in items:
                contact = Contact(str(item["merchant_name"]), str(item["email"]), item.get("language"))
                # A merchant with several owners is written to at its first one's.
                found.setdefault(UUID(item["merchant_id"]), contact)
            return found
        except (KeyError, TypeError, ValueError) as error:
            raise Unreachable("the directory's contacts cannot be read") from error

    async def _post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        headers = {"Authorization": f"Bearer {await self._service_token()}"}
        try:
            return await self._client.post(path, json=body, headers=headers)
        except httpx.HTTPError as error:
            raise Unreachable(f"directory: {type(error).__name__}") from error

    async def _service_token(self) -> str:
        if time.time() >= self._renew_at:
            try:
                answer = await self._client.post("/api/v1/tokens/service", auth=(self._name, self._secret))
            except httpx.HTTPError as error:
                raise Unreachable(f"directory: {type(error).__name__}") from error
            self._token = str(_json(answer).get("token", ""))
            self._renew_at = time.time() + _lifetime(answer) - _RENEW_SECONDS
        return self._token

    async def close(self) -> None:
        await self._client.aclose()


def _json(answer: httpx.Response) -> dict[str, Any]:
    if not answer.is_success:
        raise Unreachable(f"directory answered {answer.status_code}")
    try:
        body = answer.json()
    except ValueError as error:
        raise Unreachable("the directory's answer is no JSON") from error
    if not isinstance(body, dict):
        raise Unreachable("the directory's answer is no object")
    return body


def _lifetime(answer: httpx.Response) -> float:
    """Seconds, by our own clock: the two machines' clocks may differ."""
    expires = answer.json().get("expires_at")
    try:
        left = datetime.fromisoformat(expires).timestamp() - time.time()
    except (TypeError, ValueError):
        left = 0.0
    return min(max(left, 0.0), 900.0)

"""Speaks to the gateway as persons of the demo, patiently: what is away for a moment is asked again.

A request that got no answer may have had its effect all the same. It is therefore repeated with the same
Idempotency-Key until the answer is known, which is what makes "accepted" and "refused" exact numbers.
"""

from __future__ import annotations

import asyncio
import base64
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

import aiohttp
import msgspec

PASSING = frozenset({429, 500, 502, 503, 504})
"""Answers that decide nothing: the same request may be decided later. 500 too: the key tells the truth."""
LONGEST_PAUSE_SECONDS = 2.0
REFRESH_BEFORE_SECONDS = 120
ANSWER_SECONDS = 15
"""Longer than the gateway waits for a service to be reached, shorter than anybody's patience."""
NETWORK_ERRORS = (
    aiohttp.ClientConnectionError,
    aiohttp.ClientPayloadError,
    aiohttp.ClientResponseError,
    TimeoutError,
)


class NoAnswer(Exception):
    """The deadline passed and it is not known what became of the request. Says what happened last."""


class Refused(Exception):
    """The answer was a refusal. `slug` is the stable part of its problem type."""

    def __init__(self, answer: Answer) -> None:
        self.status = answer.status_code
        self.slug, self.detail = problem_of(answer)
        super().__init__(f"{answer.request}: {self.status} {self.detail}")


@dataclass(frozen=True)
class Answer:
    """What came back, read to its end."""

    request: str
    """Method and path of what was asked."""
    status_code: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status_code < 300

    @property
    def text(self) -> str:
        return self.content.decode(errors="replace")

    def json(self) -> Any:
        """Raises ValueError where it is none."""
        return msgspec.json.decode(self.content)


@dataclass(frozen=True)
class Token:
    """A signed-in person of the demo."""

    token: str
    person_id: str
    expires_at: datetime

    @property
    def merchants(self) -> list[str]:
        """The merchants whose account this person runs."""
        payload = self.token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return [grant["merchant"] for grant in claims.get("grants", ()) if grant["role"] == "merchant"]

    def ends_soon(self) -> bool:
        return (self.expires_at - datetime.now(UTC)).total_seconds() < REFRESH_BEFORE_SECONDS


class Gateway:
    """A client of the gateway for any number of persons at once. Made and used within one event loop."""

    def __init__(self, url: str, *, connections: int = 24) -> None:
        self.client = aiohttp.ClientSession(
            url,
            connector=aiohttp.TCPConnector(limit=connections),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(ANSWER_SECONDS),
        )
        # Waiting for a connection is no part of waiting for an answer.
        self._at_once = asyncio.Semaphore(connections)
        self.disturbances: Counter[str] = Counter()
        """What was not an answer, by name: statuses and network errors."""
        self._tokens: dict[str, Token] = {}
        self._signing_in: dict[str, asyncio.Lock] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.close()

    async def token_of(self, person: str, *, patience: float = 30) -> Token:
        """A token of a person of the demo that does not end soon. Raises Refused outside a demo."""
        async with self._signing_in.setdefault(person, asyncio.Lock()):
            known = self._tokens.get(person)
            if known is None or known.ends_soon():
                body = {"person": person}
                answer = await self.ask("POST", "/api/v1/tokens/demo", json=body, patience=patience)
                found = accepted(answer)
                expires_at = datetime.fromisoformat(found["expires_at"])
                known = self._tokens[person] = Token(found["token"], found["person_id"], expires_at)
            return known

    def forget_token_of(self, person: str) -> None:
        """Sign in anew next time: roles changed, or the keys did."""
        self._tokens.pop(person, None)

    async def ask(
        self,
        method: str,
        path: str,
        *,
        person: str | None = None,
        key: str | None = None,
        patience: float = 30,
        headers: Mapping[str, str] | None = None,
        **request: Any,
    ) -> Answer:
        """The answer, whatever it decides. Raises NoAnswer after `patience` seconds without one."""
        deadline = asyncio.get_running_loop().time() + patience
        attempt, signed_in_anew = 0, False
        while True:
            attempt += 1
            try:
                own = await self._headers(person, key, max(deadline - _now(), 0.001))
                answer = await self._once(method, path, {**(headers or {}), **own}, request)
            except NETWORK_ERRORS as error:
                disturbance, pause = type(error).__name__, _pause(attempt)
            else:
                if answer.status_code == 401 and person is not None and not signed_in_anew:
                    signed_in_anew = True
                    self.forget_token_of(person)
                    continue
                if not _is_passing(answer):
                    return answer
                disturbance, pause = str(answer.status_code), _pause(attempt, answer)
            self.disturbances[disturbance] += 1
            if _now() + pause > deadline:
                raise NoAnswer(f"{method} {path}: {disturbance} after {attempt} attempts")
            await asyncio.sleep(pause)

    async def _once(
        self, method: str, path: str, headers: dict[str, str], request: Mapping[str, Any]
    ) -> Answer:
        async with self._at_once, self.client.request(method, path, headers=headers, **request) as came:
            return Answer(f"{method} {came.url.path}", came.status, came.headers, await came.read())

    async def _headers(self, person: str | None, key: str | None, patience: float) -> dict[str, str]:
        headers = {"Idempotency-Key": key} if key else {}
        if person is not None:
            token = await self.token_of(person, patience=patience)
            headers["Authorization"] = f"Bearer {token.token}"
        return headers

    async def read(self, path: str, *, person: str | None = None, **asked: Any) -> Any:
        """What a GET answers. Raises Refused."""
        return accepted(await self.ask("GET", path, person=person, params=asked))

    async def read_all(self, path: str, *, person: str | None = None, **asked: Any) -> AsyncIterator[Any]:
        """Every item of a list, page after page. Raises Refused."""
        cursor: Mapping[str, Any] = {}
        while True:
            page = await self.read(path, person=person, limit=100, **asked, **cursor)
            for item in page["items"]:
                yield item
            if page["next"] is None:
                return
            cursor = {"cursor": page["next"]}


def accepted(answer: Answer) -> Any:
    """The body of an answer that is no refusal. Raises Refused."""
    if not answer.is_success:
        raise Refused(answer)
    return answer.json() if answer.content else None


def problem_of(answer: Answer) -> tuple[str, str]:
    """Slug and detail of a problem document, or what can be said of any other answer."""
    try:
        document = answer.json()
        return str(document["type"]).rpartition(":")[2], str(document.get("detail", ""))
    except (ValueError, KeyError, TypeError):
        return f"status-{answer.status_code}", answer.text[:200]


def _is_passing(answer: Answer) -> bool:
    if answer.status_code in PASSING:
        return True
    return answer.status_code == 409 and problem_of(answer)[0] == "try-again"


def _pause(attempt: int, answer: Answer | None = None) -> float:
    """Seconds until the next attempt: as told, else growing; scattered, so that not all come back at once."""
    told = answer.headers.get("Retry-After", "") if answer is not None else ""
    if told.isdigit():
        return min(float(told), 30.0) + random.random() * 0.5
    return min(0.05 * 2.0 ** min(attempt, 10), LONGEST_PAUSE_SECONDS) * (0.5 + random.random())


def _now() -> float:
    return asyncio.get_running_loop().time()

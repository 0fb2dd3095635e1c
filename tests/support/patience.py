"""A client of a service under test that does what a 503 asks of everybody: it sends the same request again.

On a machine that is busy enough, opening a connection to the database takes longer than a service waits.
"""

from __future__ import annotations

import asyncio

import httpx

ATTEMPTS = 8
PAUSE_SECONDS = 1.0


class PatientTransport(httpx.ASGITransport):
    """Takes no 503 of ours (`chassis.problems.unavailable`: nothing was decided) for an answer, at first."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()  # a body that can be sent again
        for _ in range(ATTEMPTS - 1):
            response = await super().handle_async_request(request)
            if response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                return response
            await response.aread()
            if b"urn:cococity:problem:unavailable" not in response.content:
                return response
            await asyncio.sleep(PAUSE_SECONDS)
        return await super().handle_async_request(request)

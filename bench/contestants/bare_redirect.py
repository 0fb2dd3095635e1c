"""A redirect with the same framework and server, and nothing else: no cache, no visits, no one asked.

`bare_redirect <port>`; codes lead to the pages they name.
"""

from __future__ import annotations

import sys

import uvicorn
from fastapi import FastAPI
from fastapi.responses import RedirectResponse

app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)


@app.get("/s/{code}")
async def follow(code: str) -> RedirectResponse:
    return RedirectResponse(f"http://127.0.0.1:8080/merchants/{code}", 302)


@app.get("/healthz")
async def healthy() -> dict[str, str]:
    return {"status": "ok"}


if __name__ == "__main__":
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_keep_alive=75,
    )

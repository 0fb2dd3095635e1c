"""Reads a form with files as it comes in, and little of it at a time into memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from chassis.problems import Problem, invalid
from services.campaigns.photos.forms import FILES, MOST_BYTES, MOST_PHOTOS

AT_ONCE = 8
"""Uploads that a process reads at the same time; more wait, and the gateway holds what they send."""
SECONDS = 60.0
"""For the whole of one. The gateway has all of it before it passes anything on."""
_LISTS = frozenset({"alt"})
_MOST_FIELDS = 20
_CHUNK = 1 << 20
_turns = asyncio.Semaphore(AT_ONCE)


@dataclass(frozen=True)
class Upload:
    """What was sent. The files lie on the disk of the process, until the upload is over."""

    fields: dict[str, Any]
    files: list[UploadFile]
    digest: bytes
    """Of all that was said, however it was divided into parts: a browser that sends it again chooses another
    boundary."""


@asynccontextmanager
async def uploaded(request: Request) -> AsyncIterator[Upload]:
    """The form of the request. Raises 400 where it is none, 408, 413 and 422 for too much of it."""
    async with _turns:
        try:
            async with asyncio.timeout(SECONDS):
                form = await request.form(max_files=MOST_PHOTOS, max_fields=_MOST_FIELDS, max_part_size=8192)
        except TimeoutError:
            raise Problem(408, "timeout", "Too slow", "The photos did not arrive in time.") from None
        try:
            yield await _upload(form)
        finally:
            await form.close()


async def _upload(form: FormData) -> Upload:
    fields: dict[str, Any] = {}
    files: list[UploadFile] = []
    digest = sha256()
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            if name != FILES:
                raise invalid(name[:50], f"is a file; photos come as `{FILES}`")
            files.append(value)
            digest.update(await _digest(value))
        elif name in _LISTS:
            fields.setdefault(name, []).append(value)
        elif name in fields:
            raise invalid(name[:50], "is given twice")
        else:
            fields[name] = value
    digest.update(repr(sorted(fields.items())).encode("utf-8", "replace"))
    if not files:
        raise invalid(FILES, f"send 1 to {MOST_PHOTOS} photos as multipart/form-data")
    return Upload(fields, files, digest.digest())


async def _digest(file: UploadFile) -> bytes:
    if (file.size or 0) > MOST_BYTES:
        detail = f"A photo may have {MOST_BYTES >> 20} MiB at most."
        raise Problem(413, "content-too-large", "Content too large", detail, field=FILES)
    found = sha256()
    while chunk := await file.read(_CHUNK):
        found.update(chunk)
    await file.seek(0)
    return found.digest()

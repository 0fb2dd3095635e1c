"""Makes of what somebody sent the two pictures that are kept, without trusting it."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import structlog

from services.campaigns.photos import encoder

PROCESSES = 2
"""That read photos at the same time, in one process of the service: each takes a core and much memory."""
SECONDS = 30.0
"""Then it is ended, whatever it does."""
_PROGRAM = str(Path(encoder.__file__).resolve())
_turns = asyncio.Semaphore(PROCESSES)

log = structlog.get_logger(__name__)


class Refused(Exception):
    """It is no photo that is taken. The reason is one of REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


REASONS = {
    "not-a-photo": "is no JPEG, PNG or WebP picture",
    "broken": "cannot be read to its end",
    "animated": "moves: send a still picture",
    "too-small": f"has fewer than {encoder.LEAST_SIDE} pixels on a side",
    "too-many-pixels": f"has more than {encoder.MOST_PIXELS // 1_000_000} million pixels",
    "also-something-else": "holds more than a picture: save it anew as JPEG",
    "too-costly": "takes too much to read: save it anew as JPEG",
}


@dataclass(frozen=True)
class Pictures:
    """The same picture in two sizes, as WebP, of pixels alone."""

    width: int
    height: int
    """Of the large one."""
    large: bytes
    small: bytes


async def encode(photo: bytes) -> Pictures:
    """The pictures of a photo. Raises Refused where it is none, or costs too much to read."""
    async with _turns:
        return _read(*await _run(photo))


async def _run(photo: bytes) -> tuple[int, bytes]:
    # Without an environment it knows no secret; -I keeps out what lies in its folder or the user's.
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", _PROGRAM),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={},
        cwd="/",
    )
    try:
        written, _ = await asyncio.wait_for(child.communicate(photo), SECONDS)
    except TimeoutError:
        raise Refused("too-costly") from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    assert child.returncode is not None
    return child.returncode, written


def _read(code: int, written: bytes) -> Pictures:
    if code == encoder.REFUSED:
        raise Refused(str(json.loads(written)["refused"]))
    if code != 0:  # out of its time or memory, or brought down by what it read
        log.warning("a photo ended the process that read it", code=code)
        raise Refused("too-costly")
    line, pictures = written.split(b"\n", 1)
    said = json.loads(line)
    assert len(pictures) == said["large"] + said["small"]
    return Pictures(said["width"], said["height"], pictures[: said["large"]], pictures[said["large"] :])

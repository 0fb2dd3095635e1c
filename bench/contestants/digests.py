"""Digests to a mail server: rendered and handed over by ours, or the same bytes by the bare library.

`digests <ours or bare> <port> <how many>`; says how many seconds it took. Both use as many connections.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import aiosmtplib
import uvloop

from bench.contestants.signals import done, ready
from chassis import garbage
from chassis.ids import new_id
from chassis.smtp import Security, SmtpRelay
from services.notifications.channels.mail import MailChannel
from services.notifications.languages import LANGUAGES
from services.notifications.mails.content import Content
from tests.support.mails import WRITER, digest

SENDER, RECIPIENT = "notifications@town.example", "zoe@shop.example"


def contents(count: int) -> Iterator[Content]:
    """Digests with all that one can hold, in all languages in turn, each of another shop."""
    made = {language: digest(language) for language in LANGUAGES}
    for number in range(count):
        content = made[LANGUAGES[number % len(LANGUAGES)]]
        assert content.chart is not None
        points = tuple((label, many * number % 89) for label, many in content.chart.points)
        chart = replace(content.chart, points=points)
        yield replace(content, id=new_id(), name=f"Chez Zoé {number}", chart=chart)


async def ours(port: int, count: int) -> float:
    relay = SmtpRelay("127.0.0.1", port, SENDER, security=Security.none)
    waiting = iter(list(contents(count)))

    async def send() -> None:
        for content in waiting:
            await relay.send(WRITER.compose(content, RECIPIENT))

    for language in LANGUAGES:  # templates are read once in a process and language
        WRITER.compose(digest(language), RECIPIENT)
    return await _timed(send)


async def bare(port: int, count: int) -> float:
    waiting = iter([WRITER.compose(content, RECIPIENT).message for content in contents(count)])

    async def send() -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as client:
            for message in waiting:
                await client.sendmail(SENDER, [RECIPIENT], message)

    return await _timed(send)


async def _timed(send: object) -> float:
    assert callable(send)
    garbage.settle()  # as a worker does
    await ready()
    began = time.perf_counter()
    await asyncio.gather(*(send() for _ in range(MailChannel.at_once)))
    return time.perf_counter() - began


async def main() -> None:
    which, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    done(await (ours if which == "ours" else bare)(port, count))


if __name__ == "__main__":
    uvloop.run(main())

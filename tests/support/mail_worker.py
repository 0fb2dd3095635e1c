"""The mail job in a process of its own, to be killed again and again: `python -m tests.support.mail_worker`.

Each line it reads, `<point> <n> <seconds>`, is one life: a child that sends what is due at a clock so far
ahead, until it is killed at that step, or until nothing is due. It answers how it ended: `killed`, or `done`.
With the point `outside` it is killed from there, after so many milliseconds.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from datetime import timedelta

from sqlalchemy import text

from chassis import crash_points, garbage
from chassis.clock import Clock, utc_now
from chassis.database import Database
from chassis.settings import load
from services.notifications.channels.mail import Addressed, MailChannel
from services.notifications.delivery.contacts import Contacts
from services.notifications.delivery.dispatch import Dispatch
from services.notifications.mails.writer import MailWriter
from services.notifications.settings import NotificationsSettings
from services.notifications.suppression.storage import Suppression

OUTSIDE = "outside"


def mail_job(settings: NotificationsSettings, database: Database, clock: Clock) -> Dispatch[Addressed]:
    """As the service puts it together."""
    channel = MailChannel(
        database,
        Contacts(settings),
        MailWriter(settings.sender, settings.public_url),
        settings.relay(),
        Suppression(database, settings.service_secret),
        bounces=settings.bounces,
    )
    return Dispatch(database, channel, clock=clock)


async def _send(settings: NotificationsSettings, ahead: timedelta) -> None:
    database, stop = Database(settings), asyncio.Event()
    running = asyncio.create_task(mail_job(settings, database, lambda: utc_now() + ahead).run(stop))
    due = text("SELECT count(*) FROM delivery WHERE due_at <= :now OR state = 'sending'")
    async with database.connection() as connection:
        while await connection.scalar(due, {"now": utc_now() + ahead}):
            await connection.rollback()
            await asyncio.sleep(0.05)
    stop.set()
    await running


def _live(settings: NotificationsSettings, point: str, number: int, ahead: timedelta) -> int:
    """Returns how it ended: a signal's number, or nought."""
    child = os.fork()
    if child == 0:
        crash_points._point, crash_points._left = point, number
        asyncio.run(_send(settings, ahead))
        os._exit(0)
    if point == OUTSIDE:
        time.sleep(number / 1000)
        os.kill(child, signal.SIGKILL)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


def main() -> None:
    """Until there are no more lines."""
    settings = load(NotificationsSettings)
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    garbage.settle()
    for line in sys.stdin:
        point, number, seconds = line.split()
        ended = _live(settings, point, int(number), timedelta(seconds=int(seconds)))
        answers.write("killed\n" if ended == signal.SIGKILL else f"done {ended}\n")


if __name__ == "__main__":
    main()

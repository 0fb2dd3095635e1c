"""The mail job over the peak of Monday morning, until nothing is due; then it says how long and how much.

Told where things are by the environment. The directory is in this process: it is not what is measured.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import uvloop
from sqlalchemy import text

from bench.contestants import signals
from chassis import garbage, logging, telemetry
from chassis.database import Database
from chassis.settings import load
from services.notifications.channels.mail import MailChannel
from services.notifications.delivery.contacts import Contact, Contacts
from services.notifications.delivery.dispatch import Dispatch
from services.notifications.mails.writer import MailWriter
from services.notifications.recipients import Recipient
from services.notifications.settings import NotificationsSettings
from services.notifications.suppression.storage import Suppression

MONDAY = datetime(2026, 11, 23, 7, tzinfo=UTC)
"""Eight on Belgian clocks: the end of the quiet hours."""
_LEFT = text("SELECT count(*) FROM delivery WHERE due_at IS NOT NULL")


class KnownContacts(Contacts):
    """Everybody has an address."""

    async def of(self, recipients: Sequence[Recipient]) -> Mapping[Recipient, Contact]:
        return {each: Contact("Chez Zoé", f"shop-{each.id}@shop.example", "fr") for each in recipients}


async def main() -> None:
    """Send all, and say the seconds and the most memory, in megabytes."""
    settings = load(NotificationsSettings)
    logging.set_up(settings)
    telemetry.set_up(settings)
    database = Database(settings)
    began = time.perf_counter()
    channel = MailChannel(
        database,
        KnownContacts(settings),
        MailWriter(settings.sender, settings.public_url),
        settings.relay(),
        Suppression(database, settings.service_secret),
        bounces=None,
    )
    job = Dispatch(database, channel, clock=lambda: MONDAY + timedelta(seconds=time.perf_counter() - began))
    async with database.connection() as connection:
        await connection.scalar(_LEFT)
    garbage.settle()
    await signals.ready()
    began, stop = time.perf_counter(), asyncio.Event()
    running = asyncio.create_task(job.run(stop))
    while await _left(database):  # noqa: ASYNC110  it asks the database
        await asyncio.sleep(0.2)
    signals.done(time.perf_counter() - began)
    stop.set()
    await running
    signals.done(signals.most_megabytes())


async def _left(database: Database) -> int:
    async with database.connection() as connection:
        return int(await connection.scalar(_LEFT) or 0)


if __name__ == "__main__":
    uvloop.run(main())

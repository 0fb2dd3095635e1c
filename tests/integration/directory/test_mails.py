"""Mails of the directory: sent once their cause is committed, tried again, and gone afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from chassis.clock import utc_now
from chassis.mail import sender_of
from chassis.smtp import SmtpRelay
from services.directory import mails
from services.directory.mails.dispatch import Dispatch
from services.directory.mails.rows import LEASE
from services.directory.mails.writing import MailWriter, Words
from tests.support.directory import DirectoryUnderTest

ZOE = "zoe@home.example"
WORDS = {"greeting": lambda data, _catalogue: Words("Hello", [f"Hello {data['name']}"])}


def dispatch_of(
    directory: DirectoryUnderTest, clock: Callable[[], datetime] = utc_now, port: int | None = None
) -> Dispatch:
    """One worker's mail job, driven by the test."""
    sender = sender_of("directory@town.example")
    relay = SmtpRelay("127.0.0.1", port or directory.mailbox.port, sender.addr_spec)
    return Dispatch(directory.database, MailWriter(sender, "https://town.example", WORDS), relay, clock=clock)


async def greet(directory: DirectoryUnderTest, **options: Any) -> None:
    async with directory.database.transaction() as tx:
        await mails.queue(
            tx, to=ZOE, language="nl", kind="greeting", data={"name": "Zoé"}, now=utc_now(), **options
        )


async def waiting(directory: DirectoryUnderTest) -> int:
    async with directory.database.connection() as connection:
        return int((await connection.execute(text("SELECT count(*) FROM mail"))).scalar_one())


def later(**span: float) -> Callable[[], datetime]:
    return lambda: utc_now() + timedelta(**span)


async def test_a_mail_is_sent_once_and_leaves_nothing_behind(directory: DirectoryUnderTest) -> None:
    await greet(directory)
    job = dispatch_of(directory)

    assert await job.send_batch() == 1
    assert await job.send_batch() == 0

    (mail,) = directory.mailbox.to(ZOE)
    assert "Hello Zoé" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert await waiting(directory) == 0


async def test_no_mail_goes_out_where_its_cause_was_rolled_back(directory: DirectoryUnderTest) -> None:
    async def queued_and_failed() -> None:
        async with directory.database.transaction() as tx:
            await mails.queue(tx, to=ZOE, language="nl", kind="greeting", data={}, now=utc_now())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await queued_and_failed()
    assert await dispatch_of(directory).send_batch() == 0


async def test_a_mail_waits_while_the_relay_is_away_and_is_tried_again(directory: DirectoryUnderTest) -> None:
    await greet(directory)
    directory.mailbox.stop()
    assert await dispatch_of(directory).send_batch() == 1
    assert await waiting(directory) == 1

    directory.mailbox.start()
    assert await dispatch_of(directory).send_batch() == 0, "not at once"
    assert await dispatch_of(directory, later(seconds=3)).send_batch() == 1
    assert len(directory.mailbox.to(ZOE)) == 1


async def test_a_mail_that_is_refused_for_now_is_taken_later_under_the_same_id(
    directory: DirectoryUnderTest,
) -> None:
    directory.mailbox.refuse[ZOE] = ["451 later", "452 full"]
    await greet(directory)
    for seconds in (0, 3, 8):
        assert await dispatch_of(directory, later(seconds=seconds)).send_batch() == 1
    assert len(directory.mailbox.to(ZOE)) == 1
    assert await waiting(directory) == 0


async def test_a_mail_that_is_refused_for_good_is_given_up(directory: DirectoryUnderTest) -> None:
    directory.mailbox.refuse[ZOE] = ["550 nobody here"]
    await greet(directory)
    await dispatch_of(directory).send_batch()
    assert await waiting(directory) == 0
    assert directory.mailbox.raw == []


async def test_what_lies_in_the_queue_expires_with_what_it_holds(directory: DirectoryUnderTest) -> None:
    await greet(directory, good_for=timedelta(minutes=10))
    assert await dispatch_of(directory, later(minutes=11)).send_batch() == 0
    assert await waiting(directory) == 0
    assert directory.mailbox.raw == []


async def test_a_mail_that_cannot_be_written_does_not_hold_up_the_others(
    directory: DirectoryUnderTest,
) -> None:
    async with directory.database.transaction() as tx:
        await mails.queue(tx, to=ZOE, language="nl", kind="of-tomorrow", data={}, now=utc_now())
    await greet(directory)
    await dispatch_of(directory).send_batch()
    assert len(directory.mailbox.to(ZOE)) == 1
    assert await waiting(directory) == 1


async def test_a_mail_whose_worker_died_is_sent_by_another(directory: DirectoryUnderTest) -> None:
    await greet(directory)
    async with directory.database.transaction() as tx:
        await tx.execute(text("UPDATE mail SET attempts = 1, due_at = :t"), {"t": utc_now() + LEASE})
    assert await dispatch_of(directory).send_batch() == 0
    assert await dispatch_of(directory, lambda: utc_now() + LEASE + LEASE).send_batch() == 1
    assert len(directory.mailbox.to(ZOE)) == 1

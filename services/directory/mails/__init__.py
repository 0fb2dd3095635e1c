"""Mails of the directory to persons: queued with what causes them, sent by the worker, gone once sent.

    await mails.queue(tx, to=email, language="nl", kind="invitation", data={"path": …}, now=now, good_for=DAY)

The row is written in the use case's own transaction, so that a mail goes out exactly if its cause was
committed (at least once, see decision 0004). The noun that queues a kind also writes its words: a function
from `data` and a catalogue to `Words`, listed in its `WORDS` and added to those in the service's `main.py`.
Texts go into `locales/<language>/LC_MESSAGES/directory.po`.

`data` is JSON. It may hold a secret, such as a link that signs somebody in: the row is deleted as soon as
the mail was taken, refused for good or is past `good_for`, which is never longer than the secret is valid.
"""

from services.directory.mails.rows import queue
from services.directory.mails.writing import Link, Words, Writer

__all__ = ["Link", "Words", "Writer", "queue"]

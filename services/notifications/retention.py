"""How long notifications keeps what is over."""

from datetime import timedelta

from chassis.retention import Rule, older
from services.notifications.addressing.tables import unaddressed
from services.notifications.audience.slots import Slot
from services.notifications.delivery.tables import decision, delivery, replay_log
from services.notifications.devices.tables import delivery_device, device
from services.notifications.suppression.tables import mailed, suppression

MAILS_KEPT = timedelta(days=400)
"""A year and a month: a merchant who asks what was sent a year ago gets an answer."""
BOUNCES_AWAITED = timedelta(days=30)
"""Servers give a mail up within five days; some tell a few days later."""
UNUSED = timedelta(days=400)
"""Push services say that a browser is gone only when something is sent there."""
BROWSERS_TRIED = timedelta(days=30)
"""Longer than any message is tried, with all that holds it back."""
SUPPRESSED = timedelta(days=730)
"""Then one mail tries whether somebody has the mailbox again."""
READERS_SOUGHT = timedelta(days=30)
"""Whoever is told later than that is told no news."""

RULES = (
    Rule(
        "news for people whom another service knows",
        "unaddressed",
        READERS_SOUGHT,
        "it was to be told; deleted as soon as it is",
        "telling them",
        older(unaddressed.c.created_at, READERS_SOUGHT),
    ),
    Rule(
        "what became of mails",
        "delivery",
        MAILS_KEPT,
        "they were sent, failed or cancelled",
        "answering for what was sent, and when",
        older(delivery.c.finished_at, MAILS_KEPT),
    ),
    Rule(
        "which mail went to which address, as a hash",
        "mailed",
        BOUNCES_AWAITED,
        "it was begun",
        "knowing whose mailbox is gone when a bounce comes",
        older(mailed.c.begun_at, BOUNCES_AWAITED),
    ),
    Rule(
        "addresses that no mail goes to, as hashes",
        "suppression",
        SUPPRESSED,
        "a mail to it bounced or was refused",
        "writing to nobody who is not there",
        older(suppression.c.since, SUPPRESSED),
    ),
    Rule(
        "browsers that somebody is told in",
        "device",
        UNUSED,
        "a message was last taken for it, or it was last asked for",
        "telling people where they asked for it",
        older(device.c.used_at, UNUSED),
    ),
    Rule(
        "which message arrived in which browser",
        "delivery_device",
        BROWSERS_TRIED,
        "it did, or was refused there",
        "sending it again to the others alone",
        older(delivery_device.c.at, BROWSERS_TRIED),
    ),
    Rule(
        "what was decided about mails",
        "decision",
        MAILS_KEPT,
        "it was decided",
        "answering why a mail came, or did not",
        older(decision.c.decided_at, MAILS_KEPT),
    ),
    Rule(
        "who had mails sent again",
        "delivery_replay",
        MAILS_KEPT,
        "they were",
        "answering for what was sent, and when",
        older(replay_log.c.at, MAILS_KEPT),
    ),
)

_AUDIENCE = (
    "the audience of a shop that goes on; its authors' hashes are of nobody once their pseudonyms are deleted"
)
_ONCE = "each thing is told once, for ever; deleted with a shop that is closed with its owner"
KEPT = {
    **{f"audience_{table}_{slot}": _AUDIENCE for table in ("contribution", "visits", "day") for slot in Slot},
    "projection": "which of them is shown; about nobody",
    "milestone": _ONCE,
    "milestone_contribution": _ONCE,
    "milestone_count": _ONCE,
    "notification": _ONCE,
    "feed": _ONCE,
    "seen_elsewhere": "what campaigns knows of the shop elsewhere, as long as it does; without author",
    "judged_week": "that it was looked at for rises; about nobody",
    "campaign": "when and where it ran; about nobody",
    "merchant": "what the directory says of the shop, as long as it does",
    "advice": "until a newer assessment",
    "answer": "which reviews have an answer; deleted with a shop that is closed with its owner",
    "preference": "until it is changed; the time of a consent goes with the consent",
    "erased_merchant": "so that nothing that comes late brings the shop back",
}
"""Tables without a period, and why."""

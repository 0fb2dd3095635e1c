"""From notices to messages, in the transaction that tells them: what goes out when, and what decided.

`notify` holds the feeds of the recipients when it calls `plan`: of one recipient nobody else plans at the
same time. A worker may take up a message meanwhile. What was taken up takes nothing more: what would have
gone with it goes into the next digest, so that nothing is lost and nothing is sent twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text

from chassis.database import Transaction
from chassis.ids import deterministic_id, time_of
from services.notifications.delivery.choices import CHANNELS, MAIL, PUSH
from services.notifications.delivery.deciding import LOCAL, Decision, decide, later_digest
from services.notifications.delivery.preferences import Preference, preferences_of
from services.notifications.devices.storage import with_devices
from services.notifications.recipients import Recipient, RecipientKind, as_arrays


class Told(NamedTuple):
    """A notice that was added to a feed."""

    id: UUID
    recipient: Recipient
    city_id: UUID
    kind: str
    traceparent: str | None


class Planned(NamedTuple):
    told: Told
    channel: str
    decision: Decision


Box = tuple[Recipient, str]
"""A recipient on a channel."""


async def plan(tx: Transaction, told: Sequence[Told], now: datetime) -> None:
    """Decide for each notice and channel, and keep the messages and the decisions."""
    if not told:
        return
    recipients = sorted({each.recipient for each in told})
    preferences = await preferences_of(tx, recipients)
    reached = {MAIL: set(recipients), PUSH: await with_devices(tx, recipients)}
    days = await _days_of(tx, recipients, now)
    planned = [
        Planned(each, channel, _decided(each, channel, preferences[each.recipient], days, now))
        for each in told
        for channel in CHANNELS
        if each.recipient in reached[channel]
    ]
    kept: dict[tuple[Box, str], UUID] = {}
    while refused := await _open_windows(tx, planned, kept, now):
        planned = [_moved(each, refused, preferences[each.told.recipient], days) for each in planned]
    await _keep_decisions(tx, planned, kept, now)


def _decided(told: Told, channel: str, preference: Preference, days: _Days, now: datetime) -> Decision:
    box = (told.recipient, channel)
    decision = decide(
        told.id,
        told.kind,
        channel,
        choices=preference.choices,
        agreed=preference.mail or channel == PUSH,  # a browser is there because they asked for it
        now=now,
        sent=days.of(box),
    )
    days.add(box, decision)
    return decision


def _moved(each: Planned, refused: set[tuple[Box, str]], preference: Preference, days: _Days) -> Planned:
    """To the next digest, where its own was taken up already (the clock may have been set back)."""
    box, window = (each.told.recipient, each.channel), each.decision.window
    if window is None or (box, window) not in refused:
        return each
    if not window.startswith("digest:"):  # a notice that is told again after a restore, and was sent
        return each._replace(decision=Decision(None, None, (*each.decision.rules, "sent-before")))
    later = later_digest(preference.choices, window, days.of(box))
    days.add(box, later)
    return each._replace(decision=later._replace(rules=each.decision.rules + later.rules))


class _Days:
    """Which windows there are for each recipient and channel, by local day."""

    def __init__(self) -> None:
        self._windows: dict[Box, dict[str, date]] = {}

    def known(self, box: Box, window: str, day: date) -> None:
        self._windows.setdefault(box, {})[window] = day

    def add(self, box: Box, decision: Decision) -> None:
        if decision.window is not None and decision.due_at is not None:
            self.known(box, decision.window, decision.due_at.astimezone(LOCAL).date())

    def of(self, box: Box) -> Any:
        windows = self._windows.setdefault(box, {})

        def sent(day: date, window: str) -> int:
            return sum(on == day for other, on in windows.items() if other != window)

        return sent


async def _days_of(tx: Transaction, recipients: Sequence[Recipient], now: datetime) -> _Days:
    found = _Days()
    for kind, recipient_id, channel, window, at in await tx.execute(
        _WINDOWS, {**as_arrays(recipients), "now": now}
    ):
        box = (Recipient(RecipientKind(kind), recipient_id), channel)
        found.known(box, window, at.astimezone(LOCAL).date())
    return found


async def _open_windows(
    tx: Transaction, planned: Sequence[Planned], kept: dict[tuple[Box, str], UUID], now: datetime
) -> set[tuple[Box, str]]:
    """Make or find the messages that are planned, in key order; returns the windows that are closed."""
    wanted: dict[tuple[Box, str], Planned] = {}
    for each in planned:
        if each.decision.window is not None:
            wanted.setdefault(((each.told.recipient, each.channel), each.decision.window), each)
    missing = sorted(wanted.keys() - kept.keys())
    if not missing:
        return set()
    rows = [wanted[key] for key in missing]
    columns = {
        "ids": [message_id(each) for each in rows],
        "cities": [each.told.city_id for each in rows],
        **as_arrays([each.told.recipient for each in rows]),
        "channels": [each.channel for each in rows],
        "windows": [each.decision.window for each in rows],
        "dues": [each.decision.due_at for each in rows],
        "traceparents": [each.told.traceparent for each in rows],
        "now": now,
    }
    for identifier, kind, recipient_id, channel, window in await tx.execute(_OPEN, columns):
        kept[((Recipient(RecipientKind(kind), recipient_id), channel), window)] = identifier
    return {key for key in missing if key not in kept}


def message_id(each: Planned) -> UUID:
    """A function of what it is for: a database set back to an earlier day sends under the same id."""
    window = each.decision.window
    if window is not None and window.startswith("digest:"):
        assert each.decision.due_at is not None
        return deterministic_id(each.decision.due_at, "digest", each.told.recipient.id, each.channel, window)
    return sent_as(each.told.id, each.channel)


def sent_as(notification: UUID, channel: str) -> UUID:
    """The id under which the world hears what became of a notice on a channel."""
    return deterministic_id(time_of(notification), "delivery", notification, channel)


async def _keep_decisions(
    tx: Transaction,
    planned: Sequence[Planned],
    kept: Mapping[tuple[Box, str], UUID],
    now: datetime,
) -> None:
    columns = {
        "notifications": [each.told.id for each in planned],
        "channels": [each.channel for each in planned],
        "cities": [each.told.city_id for each in planned],
        **as_arrays([each.told.recipient for each in planned]),
        "deliveries": [
            kept.get(((each.told.recipient, each.channel), each.decision.window or "")) for each in planned
        ],
        "rules": ["\n".join(each.decision.rules) for each in planned],
        "now": now,
    }
    await tx.execute(_DECIDED, columns)


# From yesterday on: what is due, and what is done. Whatever day it is in Belgium, it is among them.
_WINDOWS = text("""
    SELECT recipient_kind, recipient_id, channel, "window", coalesce(due_at, finished_at)
    FROM delivery
    WHERE (recipient_kind, recipient_id) IN (
        SELECT * FROM unnest(CAST(:recipient_kinds AS text[]), CAST(:recipient_ids AS uuid[])))
      AND coalesce(due_at, finished_at) > CAST(:now AS timestamptz) - interval '2 days'
      AND state <> 'suppressed'
""")
_OPEN = text("""
    INSERT INTO delivery AS known (id, city_id, recipient_kind, recipient_id, channel, "window",
                                   state, due_at, attempts, created_at, traceparent)
    SELECT id, city_id, recipient_kind, recipient_id, channel, planned."window", 'pending', due_at, 0,
           CAST(:now AS timestamptz), traceparent
    FROM unnest(CAST(:ids AS uuid[]), CAST(:cities AS uuid[]), CAST(:recipient_kinds AS text[]),
                CAST(:recipient_ids AS uuid[]), CAST(:channels AS text[]), CAST(:windows AS text[]),
                CAST(:dues AS timestamptz[]), CAST(:traceparents AS text[]))
         AS planned (id, city_id, recipient_kind, recipient_id, channel, "window", due_at, traceparent)
    ON CONFLICT (recipient_kind, recipient_id, channel, "window")
    DO UPDATE SET due_at = least(known.due_at, EXCLUDED.due_at)
    WHERE known.state = 'pending' AND known.attempts = 0
    RETURNING id, recipient_kind, recipient_id, channel, "window"
""")
_DECIDED = text("""
    INSERT INTO decision (notification_id, channel, city_id, recipient_kind, recipient_id, delivery_id, rules,
                          decided_at)
    SELECT notification_id, channel, city_id, recipient_kind, recipient_id, delivery_id,
           string_to_array(rules, E'\\n'), CAST(:now AS timestamptz)
    FROM unnest(CAST(:notifications AS uuid[]), CAST(:channels AS text[]), CAST(:cities AS uuid[]),
                CAST(:recipient_kinds AS text[]), CAST(:recipient_ids AS uuid[]),
                CAST(:deliveries AS uuid[]), CAST(:rules AS text[]))
         AS made (notification_id, channel, city_id, recipient_kind, recipient_id, delivery_id, rules)
    ON CONFLICT (notification_id, channel) DO NOTHING
""")

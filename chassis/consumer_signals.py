"""What a consumer tells about its work: spans, metrics, and how long an event took to have its effect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from chassis import telemetry_names
from chassis.clock import utc_now
from chassis.telemetry import batch_span

if TYPE_CHECKING:
    from chassis.received import Message, Received


class BatchSignals:
    """Counters of one consumer."""

    def __init__(self, consumer: str) -> None:
        self._consumer = consumer
        self._size = telemetry_names.CONSUMER_BATCH_SIZE.labels(consumer)
        self._applied = telemetry_names.CONSUMER_APPLIED.labels(consumer)
        self._duplicates = telemetry_names.CONSUMER_DUPLICATES.labels(consumer)
        self._redeliveries = telemetry_names.CONSUMER_REDELIVERIES.labels(consumer)
        self._retries = telemetry_names.CONSUMER_RETRIES.labels(consumer)
        self._latency = telemetry_names.EFFECT_LATENCY.labels(consumer)
        self._dead = telemetry_names.DEAD_LETTERS.labels(consumer)

    @contextmanager
    def batch(self, messages: Sequence[Message]) -> Iterator[None]:
        """Around the work on one batch: its size, its redeliveries, and a span linked with its traces."""
        self._size.observe(len(messages))
        redelivered = sum(message.metadata.num_delivered > 1 for message in messages)
        if redelivered:
            self._redeliveries.inc(redelivered)
        traceparents = [(message.headers or {}).get("traceparent") for message in messages]
        attributes: dict[str, str | int] = {
            "consumer": self._consumer,
            "messaging.batch.message_count": len(messages),
        }
        with batch_span(
            telemetry_names.BATCH_SPAN, traceparents, each=telemetry_names.APPLY_SPAN, attributes=attributes
        ):
            yield

    def applied(self, events: Sequence[Received[Any]], claimed: int) -> None:
        """`events` took effect, out of `claimed` that were looked up in the inbox."""
        self._applied.inc(len(events))
        self._duplicates.inc(claimed - len(events))
        now = utc_now()
        for event in events:
            if not event.replayed:
                self._latency.observe((now - event.time).total_seconds())

    def retried(self) -> None:
        """The batch was put back because of the infrastructure."""
        self._retries.inc()

    def old_replays(self, count: int) -> None:
        """Replayed events from before the inbox's horizon were acknowledged unseen."""
        self._duplicates.inc(count)

    def died(self, count: int) -> None:
        """Messages became dead letters."""
        self._dead.inc(count)

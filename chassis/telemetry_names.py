"""Every metric and span name of the system, declared once: dashboards and alerts read them from here.

Units are in the names, as Prometheus asks (https://prometheus.io/docs/practices/naming/). Labels hold
names out of the code only, never ids: each value of a label is a time series.
"""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

# Spans. Those of HTTP requests are named by the framework: method and route.
RELAY_WINDOW_SPAN: Final = "relay window"
"""One window of the relay, in a trace of its own, linked with the traces of its events."""
PUBLISH_SPAN: Final = "outbox publish"
"""One event's part in a window, in the event's trace."""
BATCH_SPAN: Final = "consumer batch"
"""One batch of a consumer, in a trace of its own, linked with the traces of its events."""
APPLY_SPAN: Final = "consumer apply"
"""One event's part in a batch, in the event's trace."""
DELIVERY_SPAN: Final = "deliver"
"""One notification sent to where its recipient is (mail), in the trace that caused it."""

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_EFFECT = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 3600.0, 86_400.0)

HTTP_SECONDS = Histogram(
    "cococity_http_request_seconds",
    "Time from a request's arrival to the end of its answer.",
    ("method", "route", "status"),
    buckets=_FAST,
)

OUTBOX_AGE = Gauge("cococity_outbox_age_seconds", "Age of the oldest fresh event that is not published yet.")
OUTBOX_UNPUBLISHED = Gauge("cococity_outbox_unpublished", "Events in the outbox that are not published yet.")
STREAM_FILLED = Gauge(
    "cococity_stream_filled_ratio", "How much of its size the service's own stream takes; 1 is full."
)
RELAY_PUBLISHED = Counter("cococity_relay_published_total", "Events the bus acknowledged.")
RELAY_FAILURES = Counter(
    "cococity_relay_failures_total", "Tries to publish a window that did not succeed in full."
)

CONSUMER_LAG = Gauge(
    "cococity_consumer_lag", "Messages of the stream that a consumer has not finished yet.", ("consumer",)
)
CONSUMER_BATCH_SIZE = Histogram(
    "cococity_consumer_batch_size",
    "Messages taken at once.",
    ("consumer",),
    buckets=(1, 2, 5, 10, 25, 50, 100, 250, 500, 1000),
)
CONSUMER_APPLIED = Counter(
    "cococity_consumer_applied_total", "Events whose effect was committed.", ("consumer",)
)
CONSUMER_DUPLICATES = Counter(
    "cococity_consumer_duplicates_total", "Deliveries of events that had been applied before.", ("consumer",)
)
CONSUMER_REDELIVERIES = Counter(
    "cococity_consumer_redeliveries_total", "Messages that came for a second time or more.", ("consumer",)
)
CONSUMER_RETRIES = Counter(
    "cococity_consumer_retries_total", "Batches put back because of the infrastructure.", ("consumer",)
)
CONSUMER_PAUSED = Gauge(
    "cococity_consumer_paused", "1 while a consumer stands still and waits for an operator.", ("consumer",)
)
EFFECT_LATENCY = Histogram(
    "cococity_consumer_effect_latency_seconds",
    "From the time of an event to the commit of its effect; replayed events are left out.",
    ("consumer",),
    buckets=_EFFECT,
)

DEAD_LETTERS = Counter(
    "cococity_dead_letters_total", "Messages put aside because they cannot be applied.", ("consumer",)
)
DEAD_LETTERS_OPEN = Gauge("cococity_dead_letters_open", "Dead letters that wait for a decision.")

DELIVERIES = Counter(
    "cococity_deliveries_total",
    "Notifications and mails by channel and what became of them.",
    ("channel", "state"),
)
JOB_FAILURES = Counter(
    "cococity_job_failures_total", "Background jobs that died and were started again.", ("job",)
)

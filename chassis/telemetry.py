"""Traces: one from the citizen's click to the mail, through outbox, bus and batch.

A request's trace is continued by its `traceparent` (W3C Trace Context), which travels in outbox rows and
message headers. On the hot path a batch costs one span, plus one for each event whose trace is sampled:
a span per message through the library's middleware cut publishing to a third.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import time_ns

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import Span as RecordingSpan
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import (
    ALWAYS_OFF,
    ALWAYS_ON,
    ParentBased,
    Sampler,
    SamplingResult,
    TraceIdRatioBased,
)
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    TraceFlags,
    Tracer,
    TraceState,
)
from opentelemetry.util.types import Attributes
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import telemetry_names
from chassis.settings import ServiceSettings

_LENGTH = len("00-0123456789abcdef0123456789abcdef-0123456789abcdef-01")
_MOST_LINKS = 128
_EXPORT_SECONDS = 5
_ARGUMENTS = "url.query"


class _Tracing:
    """What this process traces with. Replaced by `set_up`; until then nothing is recorded."""

    def __init__(self, provider: TracerProvider) -> None:
        self.provider = provider
        self.tracer: Tracer = provider.get_tracer("cococity")


_tracing = _Tracing(TracerProvider(sampler=ALWAYS_OFF, shutdown_on_exit=False))


class _Roots(Sampler):
    """Keeps a share of new traces, and every batch that is linked with a trace that is kept."""

    def __init__(self, share: float) -> None:
        self._share = TraceIdRatioBased(share)

    def should_sample(  # noqa: PLR0917  the signature is the library's
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        decide = ALWAYS_ON if links else self._share
        return decide.should_sample(parent_context, trace_id, name, kind, attributes, links, trace_state)

    def get_description(self) -> str:
        return f"Roots({self._share.get_description()})"


class _WithoutArguments(SpanProcessor):
    """What somebody searched for, or a name in a link, is not kept: paths are shown without arguments."""

    def on_start(self, span: RecordingSpan, parent_context: Context | None = None) -> None:  # noqa: ARG002
        if span.attributes and _ARGUMENTS in span.attributes:
            span.set_attribute(_ARGUMENTS, "…")


def set_up(settings: ServiceSettings, exporter: SpanExporter | None = None) -> None:
    """Start tracing for this process.

    Spans go to `settings.otlp_endpoint`, or to `exporter` (tests). Without either nothing is recorded.
    Called again, it replaces what was set up before.
    """
    if exporter is None and settings.otlp_endpoint:
        url = settings.otlp_endpoint.rstrip("/") + "/v1/traces"
        exporter = OTLPSpanExporter(endpoint=url, timeout=_EXPORT_SECONDS)
    # The caller of a sampled trace counts on our part of it; only new traces are decided here.
    sampler: Sampler = ParentBased(_Roots(settings.trace_sample)) if exporter else ALWAYS_OFF
    resource = Resource.create({SERVICE_NAME: settings.service_name})
    started = TracerProvider(sampler=sampler, resource=resource, shutdown_on_exit=False)
    started.add_span_processor(_WithoutArguments())
    if exporter is not None:
        processor = BatchSpanProcessor(exporter, max_queue_size=20_000, schedule_delay_millis=1000)
        started.add_span_processor(processor)
    global _tracing  # noqa: PLW0603  one process, one tracing
    _tracing.provider.shutdown()
    _tracing = _Tracing(started)


def shut_down() -> None:
    """Send what is left. Blocks for some seconds where the receiver does not answer."""
    _tracing.provider.shutdown()


def provider() -> TracerProvider:
    """For libraries that trace on their own."""
    return _tracing.provider


def tracer() -> Tracer:
    """For spans of one's own; `with tracer().start_as_current_span(name)`."""
    return _tracing.tracer


def instrument_engine(engine: AsyncEngine) -> None:
    """A span for every SQL statement inside a trace. Costs about a tenth of a millisecond each."""
    from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor

    # The library claims not to know SQLAlchemy 2.1 and would silently instrument nothing.
    SQLAlchemyInstrumentor().instrument(
        engine=engine.sync_engine, skip_dep_check=True, tracer_provider=_tracing.provider
    )


def current_traceparent() -> str | None:
    """The `traceparent` of the current span, to be stored or sent along; None outside of any trace."""
    context = trace.get_current_span().get_span_context()
    return traceparent_of(context) if context.is_valid else None


def traceparent_of(context: SpanContext) -> str:
    """A span's context on the wire."""
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def conceal_path(shown: str) -> None:
    """Have the trace of this request show `shown` for its path: some paths are secrets."""
    trace.get_current_span().set_attribute("url.path", shown)


def span_context(traceparent: str | None) -> SpanContext | None:
    """The context a `traceparent` names, or None where it is missing or malformed."""
    if not traceparent or len(traceparent) < _LENGTH or not traceparent.isascii():
        return None
    parts = traceparent.split("-")
    if [len(part) for part in parts[:4]] != [2, 32, 16, 2]:
        return None
    try:
        trace_id, span_id, flags = (int(part, 16) for part in parts[1:4])
    except ValueError:
        return None
    context = SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(flags))
    return context if context.is_valid else None


def trace_id_of(traceparent: str | None) -> str | None:
    """The trace id in hexadecimal, for dead letters; None where it is missing or malformed."""
    context = span_context(traceparent)
    return f"{context.trace_id:032x}" if context else None


def context_from(traceparent: str | None) -> Context:
    """An OpenTelemetry context to start spans in, so that they belong to that trace."""
    context = span_context(traceparent)
    return trace.set_span_in_context(NonRecordingSpan(context)) if context else Context()


@contextmanager
def continued(
    name: str, traceparent: str | None, attributes: Mapping[str, str | int] | None = None
) -> Iterator[Span]:
    """A span in the trace of `traceparent`, current inside the block: work that was caused long before."""
    with _tracing.tracer.start_as_current_span(
        name, context=context_from(traceparent), attributes=attributes, record_exception=False
    ) as span:
        yield span


@contextmanager
def batch_span(
    name: str,
    traceparents: Sequence[str | None],
    *,
    each: str | None = None,
    attributes: Mapping[str, str | int] | None = None,
) -> Iterator[Span]:
    """One span for work on many events at once, linked with those of their traces that are sampled.

    With `each`, every sampled trace also gets a span of that name and the same duration, linked back.
    Where no trace is sampled nothing is created and the block runs under a span that records nothing.
    """
    sampled = [
        context for context in map(span_context, traceparents) if context and context.trace_flags.sampled
    ]
    if not sampled:
        yield trace.INVALID_SPAN
        return
    started = time_ns()
    # A batch belongs to none of its traces: it is the root of one of its own.
    links = [Link(context) for context in sampled[:_MOST_LINKS]]
    span = _tracing.tracer.start_span(
        name, context=Context(), links=links, attributes=attributes, start_time=started
    )
    try:
        with trace.use_span(span, end_on_exit=True, record_exception=False):
            yield span
    finally:
        if each is not None:
            ended = time_ns()
            for context in sampled:
                event_span(each, context, span.get_span_context(), started, ended, attributes=attributes)


@contextmanager
def window_span(traceparents: Sequence[str | None], size: int) -> Iterator[Span]:
    """The relay's `batch_span`: a window of `size` events, and each event's publication."""
    with batch_span(
        telemetry_names.RELAY_WINDOW_SPAN,
        traceparents,
        each=telemetry_names.PUBLISH_SPAN,
        attributes={"messaging.system": "nats", "messaging.batch.message_count": size},
    ) as span:
        yield span


def event_span(
    name: str,
    parent: SpanContext | str | None,
    link: SpanContext | None,
    start_ns: int,
    end_ns: int,
    *,
    attributes: Mapping[str, str | int] | None = None,
) -> str | None:
    """A finished span in one event's trace, linked with the batch it went through; its traceparent.

    None, and no span, where that trace is not sampled.
    """
    context = span_context(parent) if isinstance(parent, str) else parent
    if context is None or not context.trace_flags.sampled:
        return None
    span = _tracing.tracer.start_span(
        name,
        context=trace.set_span_in_context(NonRecordingSpan(context), Context()),
        links=[Link(link)] if link else None,
        attributes=attributes,
        start_time=start_ns,
    )
    span.end(end_ns)
    return traceparent_of(span.get_span_context())

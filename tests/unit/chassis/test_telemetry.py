import json
import logging as stdlib_logging
from collections.abc import Iterator

import pytest
import structlog
from fastapi import APIRouter
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.testclient import TestClient

from chassis import logging, telemetry
from chassis.access import PUBLIC
from chassis.service import Service, create_app
from chassis.settings import ServiceSettings
from tests.support.tokens import TestIssuer

TRACE, OTHER = "a" * 32, "c" * 32
SAMPLED, SAMPLED_TOO = f"00-{TRACE}-{'b' * 16}-01", f"00-{OTHER}-{'d' * 16}-01"
UNSAMPLED = f"00-{'e' * 32}-{'b' * 16}-00"


class Spans:
    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()

    def set_up(self, share: float) -> None:
        self._exporter = InMemorySpanExporter()  # the one before was shut down with its provider
        settings = ServiceSettings(service_name="campaigns", trace_sample=share)
        telemetry.set_up(settings, self._exporter)

    def named(self, name: str) -> list[ReadableSpan]:
        telemetry.provider().force_flush()
        return [span for span in self._exporter.get_finished_spans() if span.name == name]

    def one(self, name: str) -> ReadableSpan:
        (span,) = self.named(name)
        return span


@pytest.fixture
def spans() -> Iterator[Spans]:
    made = Spans()
    made.set_up(share=1)
    yield made
    telemetry.set_up(ServiceSettings(service_name="campaigns"))


def _trace_id(span: ReadableSpan) -> str:
    assert span.context is not None
    return f"{span.context.trace_id:032x}"


routes = APIRouter(dependencies=[PUBLIC])


@routes.get("/things/{thing}")
async def thing(thing: str) -> str | None:
    return telemetry.current_traceparent()


def _client(*untraced: str) -> TestClient:
    keys = TestIssuer().keys()
    service = Service("campaigns", ServiceSettings(), routers=[routes], keys=keys, untraced=untraced)
    return TestClient(create_app(service))


def test_a_request_continues_the_trace_it_came_with_and_hands_it_on(spans: Spans) -> None:
    handed_on = _client().get("/things/7", headers={"traceparent": SAMPLED}).json()
    span = spans.one("GET /things/{thing}")
    assert _trace_id(span) == TRACE
    assert span.context is not None
    assert handed_on == f"00-{TRACE}-{span.context.span_id:016x}-01"
    assert span.resource.attributes["service.name"] == "campaigns"


def test_a_trace_shows_paths_without_what_was_asked_for(spans: Spans) -> None:
    _client().get("/things/7", params={"q": "Zoé Lefèvre", "zoe": ""})
    attributes = spans.one("GET /things/{thing}").attributes or {}
    assert attributes["url.path"] == "/things/7"
    assert not [key for key, value in attributes.items() if "zo" in f"{key}={value!r}".lower()]


def test_questions_after_health_are_no_traces(spans: Spans) -> None:
    client = _client()
    for path in ("/healthz", "/readyz", "/metrics", "/things/7"):
        client.get(path)
    assert len(spans.named("GET /things/{thing}")) == 1
    assert not spans.named("GET /healthz")


def test_a_service_may_leave_requests_untraced(spans: Spans) -> None:
    assert _client("/things/").get("/things/7").status_code == 200
    assert not spans.named("GET /things/{thing}")


@pytest.mark.parametrize(
    ("share", "traceparent", "kept"), [(0, None, 0), (1, None, 1), (0, SAMPLED, 1), (1, UNSAMPLED, 0)]
)
def test_a_trace_is_kept_as_it_was_decided_where_it_began(
    share: float, traceparent: str | None, kept: int, spans: Spans
) -> None:
    spans.set_up(share)
    _client().get("/things/7", headers={"traceparent": traceparent} if traceparent else {})
    assert len(spans.named("GET /things/{thing}")) == kept


@pytest.mark.parametrize("traceparent", ["", "nonsense", "00-" + "0" * 32 + "-" + "b" * 16 + "-01", "é" * 60,
                                         f"00-{'g' * 32}-{'b' * 16}-01", SAMPLED[:-1], "-" * 55])  # fmt: skip
def test_what_is_no_traceparent_is_none(traceparent: str) -> None:
    assert telemetry.span_context(traceparent) is None
    assert telemetry.trace_id_of(traceparent) is None


def test_a_batch_is_one_span_linked_with_each_sampled_trace_and_one_in_each(spans: Spans) -> None:
    spans.set_up(share=0)
    with telemetry.batch_span("batch", [SAMPLED, None, UNSAMPLED, SAMPLED_TOO], each="apply"):
        pass
    batch, applied = spans.one("batch"), spans.named("apply")
    assert {f"{link.context.trace_id:032x}" for link in batch.links} == {TRACE, OTHER}
    assert _trace_id(batch) not in {TRACE, OTHER}
    assert {_trace_id(span) for span in applied} == {TRACE, OTHER}
    assert all(span.links[0].context == batch.context for span in applied)


def test_a_batch_without_a_sampled_trace_costs_no_span(spans: Spans) -> None:
    with telemetry.batch_span("batch", [None, UNSAMPLED], each="apply"):
        assert telemetry.current_traceparent() is None
    assert not spans.named("batch")


def test_a_batch_that_fails_is_told_of_all_the_same(spans: Spans) -> None:
    with pytest.raises(ZeroDivisionError), telemetry.batch_span("batch", [SAMPLED], each="apply"):
        raise ZeroDivisionError
    assert spans.one("batch").status.is_ok is False
    assert spans.one("apply")


def test_work_that_was_caused_long_before_belongs_to_its_trace(spans: Spans) -> None:
    with telemetry.continued("deliver", SAMPLED):
        assert (telemetry.current_traceparent() or "").startswith(f"00-{TRACE}-")
    assert _trace_id(spans.one("deliver")) == TRACE


def test_without_an_exporter_nothing_is_recorded() -> None:
    telemetry.set_up(ServiceSettings(trace_sample=1))
    with telemetry.tracer().start_as_current_span("x") as span:
        assert not span.is_recording()


def test_a_log_line_has_service_and_trace_and_none_of_the_secrets(
    spans: Spans, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stdlib_logging.getLogger(), "handlers", [])
    try:
        logging.set_up(ServiceSettings(service_name="campaigns"))
        with telemetry.continued("deliver", SAMPLED):
            structlog.get_logger().info(
                "sent", event_id="7", email="marc@example.org", token="t0k", odd="\ud800"
            )
        line = json.loads(capsys.readouterr().out)
    finally:
        structlog.reset_defaults()
    assert (line["service"], line["trace_id"], line["event_id"]) == ("campaigns", TRACE, "7")
    assert "marc" not in str(line)
    assert "t0k" not in str(line)

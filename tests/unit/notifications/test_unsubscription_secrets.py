"""The link in a mail is a secret: whoever knows it unsubscribes somebody."""

from __future__ import annotations

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.testclient import TestClient

from chassis import telemetry
from chassis.service import Service, create_app
from chassis.settings import ServiceSettings
from services.notifications.delivery.unsubscribe_api import router
from tests.support.tokens import TestIssuer

TOKEN = "A-secret-of-some-length_0123456"


@pytest.mark.parametrize("path", [TOKEN, f"{TOKEN}?from=mail"])
def test_no_trace_tells_with_what_somebody_is_unsubscribed(path: str) -> None:
    exporter, settings = InMemorySpanExporter(), ServiceSettings(service_name="notifications", trace_sample=1)
    telemetry.set_up(settings, exporter)
    service = Service("notifications", ServiceSettings(), routers=[router], keys=TestIssuer().keys())
    answer = TestClient(create_app(service)).get(f"/api/v1/notifications/unsubscribe/{path}")
    telemetry.provider().force_flush()
    telemetry.set_up(ServiceSettings(service_name="notifications"))
    assert answer.status_code == 200
    (span,) = exporter.get_finished_spans()
    assert span.attributes is not None
    assert span.attributes["url.path"] == "/api/v1/notifications/unsubscribe/…"
    assert TOKEN not in span.to_json()

"""What the demo shows of itself: the mails it sent and the traces it left."""

from __future__ import annotations

import smtplib
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import Link, SpanKind, Status, StatusCode

from deploy.one_machine.probe import status_of
from deploy.one_machine.program import Child, NotStarted, Program
from tests.support.servers import free_port

pytestmark = pytest.mark.slow


def window(root: Path, module: str, *arguments: object, ready: tuple[int, str], environment: str) -> Program:
    return Program(
        name=module,
        command=(sys.executable, "-m", f"deploy.one_machine.{module}", *map(str, arguments)),
        ready=lambda: status_of(*ready) == 200,
        log=root / f"{module}.log",
        environment={"COCOCITY_ENVIRONMENT": environment},
    )


@pytest.fixture(scope="module")
def mails(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, httpx.Client]]:
    root, smtp, page = tmp_path_factory.mktemp("mails"), free_port(), free_port()
    child = Child(
        window(root, "mail_catcher", root / "kept", smtp, page, ready=(page, "/mails/"), environment="test")
    )
    try:
        child.wait_until_ready()
        with httpx.Client(base_url=f"http://127.0.0.1:{page}") as client:
            yield smtp, client
    finally:
        child.stop()


def send(port: int, to: str, subject: str, html: str = "<p>Élan</p>") -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "city@example.org", to, subject
    message["X-Notification-Id"] = "n-1"
    message.set_content("Bonjour, votre audience grandit.")
    message.add_alternative(html, subtype="html")
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.send_message(message)


def test_a_mail_is_kept_with_both_its_parts_and_delivered_to_nobody(mails: tuple[int, httpx.Client]) -> None:
    smtp, client = mails
    send(smtp, "Boulangerie <boulangerie@example.org>", "Dix avis déjà")

    found = client.get("/mails/api/messages", params={"to": "boulangerie@example.org"}).json()["items"]
    mail = client.get(f"/mails/api/messages/{found[0]['id']}").json()

    assert [entry["subject"] for entry in found] == ["Dix avis déjà"]
    assert found[0]["headers"]["X-Notification-Id"] == "n-1"
    assert mail["text"].strip() == "Bonjour, votre audience grandit."
    assert mail["html"].strip() == "<p>Élan</p>"


def test_what_a_mail_brings_along_runs_nowhere(mails: tuple[int, httpx.Client]) -> None:
    smtp, client = mails
    send(smtp, "shop@example.org", "<script>alert(1)</script>", html="<script>alert(2)</script>")
    mail_id = client.get("/mails/api/messages?to=shop@example.org").json()["items"][0]["id"]

    assert "<script>alert(1)" not in client.get("/mails/").text
    page = client.get(f"/mails/{mail_id}").text
    assert "<script>alert" not in page
    assert "sandbox" in page
    frame = client.get(f"/mails/{mail_id}/html")
    assert "sandbox; default-src 'none'" in frame.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/mails/nothing", "/mails/..%2f..%2fnats.conf/source"])
def test_only_mails_are_shown(mails: tuple[int, httpx.Client], path: str) -> None:
    assert mails[1].get(path).status_code == 404


def test_the_mail_catcher_refuses_production(tmp_path: Path) -> None:
    program = window(
        tmp_path, "mail_catcher", tmp_path, 1, 2, ready=(free_port(), "/"), environment="production"
    )
    with pytest.raises(NotStarted, match="does not start in production"):
        Child(program).wait_until_ready()


def test_exported_traces_and_metrics_are_kept_and_shown(tmp_path: Path) -> None:
    viewer, otlp = free_port(), free_port()
    database = tmp_path / "otel.db"
    child = Child(
        window(tmp_path, "trace_store", database, viewer, otlp, ready=(otlp, "/healthz"), environment="test")
    )
    try:
        child.wait_until_ready()
        trace_id = export_something(f"http://127.0.0.1:{otlp}")
        shown = shown_trace(viewer, trace_id)
    finally:
        child.stop()

    assert {span["name"]: span["kind"] for span in shown} == {"POST": "SERVER", "publish": "INTERNAL"}
    with closing(sqlite3.connect(database)) as connection:
        links, status = connection.execute(
            "select json_extract(attributes, '$.links[0]'), status from spans where name = 'publish'"
        ).fetchone()
        points = connection.execute("select value_int from metric_points").fetchall()
    assert links.startswith(trace_id)
    assert status == "ERROR"
    assert points == [(3,)]


def export_something(endpoint: str) -> str:
    resource = Resource({"service.name": "campaigns"})
    tracers = TracerProvider(resource=resource)
    tracers.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(f"{endpoint}/v1/traces")))
    tracer = tracers.get_tracer("test")
    with tracer.start_as_current_span("POST", kind=SpanKind.SERVER) as outer:
        link = Link(outer.get_span_context())
        with tracer.start_as_current_span("publish", links=[link], attributes={"batch": 2}) as inner:
            inner.set_status(Status(StatusCode.ERROR, "no"))
    reader = PeriodicExportingMetricReader(OTLPMetricExporter(f"{endpoint}/v1/metrics"))
    meters = MeterProvider([reader], resource=resource)
    meters.get_meter("test").create_counter("effects").add(3)
    meters.shutdown()
    tracers.shutdown()
    return format(outer.get_span_context().trace_id, "032x")


def shown_trace(port: int, trace_id: str) -> list[dict[str, str]]:
    """What the viewer's own page asks for; spans are written within a second or so."""
    for _ in range(60):
        answer = httpx.get(f"http://127.0.0.1:{port}/traces/-/otel/api/traces/{trace_id}")
        if answer.status_code == 200:
            return list(answer.json()["spans"])
        time.sleep(0.1)
    raise AssertionError(f"the trace is not shown: {answer.status_code} {answer.text}")

"""The demo's traces: takes OTLP over HTTP, keeps it in SQLite, and shows it with datasette-otel-viewer.

The viewer has no receiver of its own; its schema, its inserts and its retention are used as they are.
Receiver and viewer are one process on two ports. What is kept is bounded by age and by number.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import logging
import signal
import sqlite3
import sys
import zlib
from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import uvicorn
from datasette.app import Datasette
from datasette_otel_viewer import store
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from deploy.one_machine.telemetry_rows import metric_rows, span_rows

VIEWER = {
    "self_traces": False,
    "self_metrics": False,
    "public_viewer": True,
    "retention_hours": 48,
    "max_spans": 200_000,
    "max_metric_points": 100_000,
}
BIGGEST_BACKLOG = 20_000
"""Spans waiting to be written; beyond it new ones are dropped: telemetry never grows into a problem."""

Endpoint = Callable[[Request], Awaitable[Response]]
logger = logging.getLogger("trace_store")


class Receiver:
    """Takes what services export and writes it in the background, many spans at once."""

    def __init__(self, datasette: Datasette) -> None:
        self.datasette = datasette
        self.spans: list[dict[str, Any]] = []
        self.metrics: list[dict[str, Any]] = []
        self.points: list[dict[str, Any]] = []
        self.dropped = 0

    def application(self) -> Starlette:
        return Starlette(
            routes=[
                _post("/v1/traces", self._take(ExportTraceServiceRequest, self._spans)),
                _post("/v1/metrics", self._take(ExportMetricsServiceRequest, self._metrics)),
                _post("/v1/logs", _accept),
                Route("/healthz", _accept),
            ]
        )

    def _take(self, kind: type[Any], keep: Callable[[Any], None]) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            message = kind()
            try:
                message.ParseFromString(_unpacked(await request.body(), request))
            except (DecodeError, OSError, zlib.error, EOFError):
                return Response(status_code=400)
            keep(message)
            return Response(media_type="application/x-protobuf")

        return endpoint

    def _spans(self, message: ExportTraceServiceRequest) -> None:
        rows = list(span_rows(message))
        if len(self.spans) + len(rows) > BIGGEST_BACKLOG:
            self.dropped += len(rows)
            return
        self.spans.extend(rows)

    def _metrics(self, message: ExportMetricsServiceRequest) -> None:
        metrics, points = metric_rows(message)
        if len(self.points) + len(points) <= BIGGEST_BACKLOG:
            self.metrics.extend(metrics)
            self.points.extend(points)

    async def flush(self) -> None:
        """Write what waits. The viewer's loop calls it every second and once at the end."""
        spans, self.spans = self.spans, []
        metrics, self.metrics = self.metrics, []
        points, self.points = self.points, []
        dropped, self.dropped = self.dropped, 0
        if dropped:
            logger.warning("dropped %d spans: more came than could be written", dropped)
        await store.insert_spans(self.datasette, spans)
        await store.insert_metrics(self.datasette, metrics, points)
        await store.maybe_prune(self.datasette)


def _post(path: str, endpoint: Endpoint) -> Route:
    return Route(path, endpoint, methods=["POST"])


def _unpacked(body: bytes, request: Request) -> bytes:
    encoding = request.headers.get("content-encoding", "")
    if encoding == "gzip":
        return gzip.decompress(body)
    return zlib.decompress(body) if encoding == "deflate" else body


async def _accept(_request: Request) -> Response:
    return Response(media_type="application/x-protobuf")


class _Server(uvicorn.Server):
    """One of two in a process: signals are taken once for both, so that what waits is still written."""

    def __init__(self, application: Any, port: int) -> None:
        super().__init__(
            uvicorn.Config(application, host="127.0.0.1", port=port, log_level="warning", access_log=False)
        )

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _end(servers: Iterable[uvicorn.Server]) -> None:
    for server in servers:
        server.should_exit = True


async def serve(database: Path, viewer_port: int, receiver_port: int) -> None:
    """Run both until a signal stops them, and write what still waits."""
    database.parent.mkdir(parents=True, exist_ok=True)
    datasette = Datasette(
        [],
        settings={"base_url": "/traces/", "num_sql_threads": 2},
        config={"plugins": {store.PLUGIN_NAME: {**VIEWER, "db_path": str(database)}}},
    )
    receiver = Receiver(datasette)
    await datasette.invoke_startup()
    await asyncio.to_thread(_write_quickly, database)
    writer = asyncio.create_task(store.write_periodically(receiver.flush))
    servers = _Server(datasette.app(), viewer_port), _Server(receiver.application(), receiver_port)
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, _end, servers)
    try:
        await asyncio.gather(*(server.serve() for server in servers))
    finally:
        writer.cancel()
        await asyncio.gather(writer, return_exceptions=True)


def _write_quickly(database: Path) -> None:
    """Write-ahead log: readers and the writer do not wait for each other (kept in the file)."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("pragma journal_mode = wal")


def main() -> None:
    database, viewer_port, receiver_port = sys.argv[1:]
    asyncio.run(serve(Path(database), int(viewer_port), int(receiver_port)))


if __name__ == "__main__":
    main()

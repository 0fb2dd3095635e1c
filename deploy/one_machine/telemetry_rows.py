"""OTLP messages as rows of the trace viewer's tables (`datasette_otel_viewer.store.COLUMNS` and its kin)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span

Row = dict[str, Any]
KINDS = ("INTERNAL", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER")
STATUSES = ("UNSET", "OK", "ERROR")
TEMPORALITIES = (None, "delta", "cumulative")


def span_rows(message: ExportTraceServiceRequest) -> Iterator[Row]:
    for resource_spans in message.resource_spans:
        resource = attributes_of(resource_spans.resource.attributes)
        for scope_spans in resource_spans.scope_spans:
            for span in scope_spans.spans:
                yield {
                    **_span_row(span),
                    "service_name": resource.get("service.name"),
                    "resource": json.dumps(resource),
                    "scope_name": scope_spans.scope.name or None,
                    "scope_version": scope_spans.scope.version or None,
                    "schema_url": scope_spans.schema_url or None,
                }


def _span_row(span: Span) -> Row:
    attributes = attributes_of(span.attributes)
    if span.links:
        # The viewer has no links of its own: a batch's other traces are shown among its attributes.
        attributes["links"] = [f"{link.trace_id.hex()}:{link.span_id.hex()}" for link in span.links]
    for event in span.events:
        attributes[f"event.{event.name}"] = attributes_of(event.attributes)
    return {
        "trace_id": span.trace_id.hex(),
        "span_id": span.span_id.hex(),
        "parent_span_id": span.parent_span_id.hex() or None,
        "name": span.name,
        "kind": KINDS[span.kind],
        "start_ns": span.start_time_unix_nano,
        "end_ns": span.end_time_unix_nano,
        "status": STATUSES[span.status.code],
        "status_description": span.status.message or None,
        "http_route": attributes.get("http.route"),
        "http_status": _first(attributes, "http.response.status_code", "http.status_code"),
        "db_namespace": _first(attributes, "db.namespace", "db.name"),
        "db_operation": _first(attributes, "db.operation.name", "db.operation"),
        "db_query_text": _first(attributes, "db.query.text", "db.statement"),
        "attributes": json.dumps(attributes),
    }


def metric_rows(message: ExportMetricsServiceRequest) -> tuple[list[Row], list[Row]]:
    """Metrics and their points. Kinds the services do not use (exponential, summary) are left out."""
    metrics: dict[str, Row] = {}
    points: list[Row] = []
    for resource_metrics in message.resource_metrics:
        resource = attributes_of(resource_metrics.resource.attributes)
        for scope_metrics in resource_metrics.scope_metrics:
            for metric in scope_metrics.metrics:
                kind = metric.WhichOneof("data")
                if kind not in ("gauge", "sum", "histogram"):
                    continue
                metrics[metric.name] = _metric_row(metric, kind)
                points.extend(
                    {
                        **row,
                        "metric_name": metric.name,
                        "service_name": resource.get("service.name"),
                        "scope_name": scope_metrics.scope.name or None,
                        "resource": json.dumps(resource),
                    }
                    for row in _point_rows(metric, kind)
                )
    return list(metrics.values()), points


def _metric_row(metric: Metric, kind: str) -> Row:
    data = getattr(metric, kind)
    return {
        "name": metric.name,
        "description": metric.description or None,
        "unit": metric.unit or None,
        "type": kind,
        "temporality": None if kind == "gauge" else TEMPORALITIES[data.aggregation_temporality],
        "monotonic": int(data.is_monotonic) if kind == "sum" else None,
    }


def _point_rows(metric: Metric, kind: str) -> Iterator[Row]:
    for point in getattr(metric, kind).data_points:
        row: Row = {
            "start_ns": point.start_time_unix_nano or None,
            "time_ns": point.time_unix_nano,
            "attributes": json.dumps(attributes_of(point.attributes)),
            "exemplars": "[]",
        }
        if kind == "histogram":
            row |= {
                "count": point.count,
                "sum": point.sum,
                "min": point.min if point.HasField("min") else None,
                "max": point.max if point.HasField("max") else None,
                "bucket_counts": json.dumps(list(point.bucket_counts)),
                "explicit_bounds": json.dumps(list(point.explicit_bounds)),
            }
        elif point.WhichOneof("value") == "as_int":
            row["value_int"] = point.as_int
        else:
            row["value_double"] = point.as_double
        yield row


def attributes_of(pairs: Iterable[KeyValue]) -> Row:
    return {pair.key: _value(pair.value) for pair in pairs}


def _value(value: AnyValue) -> Any:
    match value.WhichOneof("value"):
        case "array_value":
            return [_value(item) for item in value.array_value.values]
        case "kvlist_value":
            return attributes_of(value.kvlist_value.values)
        case "bytes_value":
            return value.bytes_value.hex()
        case None:
            return None
        case kind:
            return getattr(value, kind)


def _first(attributes: Row, *names: str) -> Any:
    return next((attributes[name] for name in names if name in attributes), None)

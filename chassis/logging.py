"""Log lines: JSON on standard output, one a line, with the service, the trace and the span they belong to.

Callers add `event_id` and `city` where a line is about a message. What people wrote, their names and
addresses, and whatever opens a door are no business of a log: keys of that kind are blanked.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import msgspec
import structlog
from opentelemetry import trace

from chassis.settings import ServiceSettings

_BLANKED = frozenset(
    {"authorization", "cookie", "email", "idempotency_key", "name", "password", "secret", "text", "token"}
)
_encoder = msgspec.json.Encoder(enc_hook=str)


def set_up(settings: ServiceSettings) -> None:
    """Send everything that is logged, by us or by libraries, to standard output. May be called again."""
    level = logging.getLevelNamesMapping()[settings.log_level]

    def add_service(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        line["service"] = settings.service_name
        return line

    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_service,
        _add_trace,
        _blank,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, _to_json],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(),
        cache_logger_on_first_use=False,
    )
    _redirect_standard_library(shared, level)


def _redirect_standard_library(shared: list[Any], level: int) -> None:
    render: list[Any] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        _to_json,
    ]
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=render, foreign_pre_chain=shared))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.INFO))
    # A line per request is the gateway's business, and one per outgoing request nobody's.
    for chatty in ("httpx", "httpcore", "uvicorn.access", "nats"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _add_trace(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The current span's ids; a caller that works for one event of a batch says `trace_id` itself."""
    context = trace.get_current_span().get_span_context()
    if context.is_valid and "trace_id" not in line:
        line["trace_id"] = f"{context.trace_id:032x}"
        line["span_id"] = f"{context.span_id:016x}"
    return line


def _blank(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key in line.keys() & _BLANKED:
        line[key] = "…"
    return line


def _to_json(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> str:
    try:
        return _encoder.encode(line).decode()
    except UnicodeEncodeError:  # a lone surrogate in something a client sent
        writable = {key: str(value).encode("utf-8", "replace").decode() for key, value in line.items()}
        return _encoder.encode(writable).decode()

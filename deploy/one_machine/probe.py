"""Asks a port on this machine by HTTP how it is."""

from __future__ import annotations

from http.client import HTTPConnection, HTTPException


def status_of(port: int, path: str, seconds: float = 2.0) -> int | None:
    """The status code of a GET, or None when nobody answers."""
    connection = HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()

"""What is told where, how often, and in which language, as somebody wishes: a shop, or a person."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple

from fastapi import Response

from services.portal.neighbours import Answer
from services.portal.visitors import Visitor, see_other
from services.portal.wording import LANGUAGES

TIMINGS = ("at-once", "daily", "weekly", "never")
_HOURS = ("digest_hour", "quiet_from", "quiet_to")
_NUMBERS = ("digest_day", *_HOURS, "most_a_day", "unread_for")
_CHANNELS = {"timing-": "mail", "push-": "push"}
"""Names of fields begin so, by what they are about."""
Shown = dict[str, Any]
"""What the page says of a form that was sent: `done`, `fault`, `typed`, `preview`."""


class Wishes(NamedTuple):
    """Where they are kept, and the browsers in which somebody is told."""

    preferences: str
    devices: str


async def page_of(
    visitor: Visitor,
    wishes: Wishes,
    *,
    done: str = "",
    fault: str | None = None,
    typed: Mapping[str, Any] | None = None,
    preview: Mapping[str, Any] | None = None,
) -> Shown | None:
    """What `choosing.html` and `browsers.html` show; None where there are none for this person."""
    answer, key, devices = await asyncio.gather(
        visitor.read("notifications", wishes.preferences),
        visitor.part("notifications", "/api/v1/notifications/push-key"),
        visitor.part("notifications", wishes.devices),
    )
    if answer.status != 200:
        return None
    return {
        "status": 422 if fault else 200,
        "told": as_typed(answer.body, typed) if typed else answer.body,
        "preview": preview,
        "version": answer.etag.strip('"'),
        "timings": TIMINGS,
        "push_key": key and key["key"],
        "devices": devices["items"] if devices else (),
        "done": done,
        "fault": fault,
    }


async def changed(visitor: Visitor, wishes: Wishes, form: Mapping[str, str]) -> Response | Shown:
    """Does what the form asks: leads on, or gives what the page says of it."""
    if form.get("do") in {"add-browser", "remove-browser"}:
        return await _change_browser(visitor, wishes.devices, form)
    body, etag = body_of(form), f'"{form.get("version", "0")}"'
    if form.get("do") == "preview":
        answer = await visitor.write("POST", "notifications", f"{wishes.preferences}/preview", body)
        return {"typed": body, **({"preview": answer.body} if answer.status == 200 else _fault(answer))}
    answer = await visitor.write("PUT", "notifications", wishes.preferences, body, etag=etag)
    if answer.status == 412:
        return {"fault": "changed"}
    if answer.status != 200:
        return {"typed": body, **_fault(answer)}
    return see_other(visitor.reader.path, visitor.reader, done="saved")


async def _change_browser(visitor: Visitor, devices: str, form: Mapping[str, str]) -> Response | Shown:
    """One more in which somebody is told, or one less."""
    if form["do"] == "remove-browser":
        if (device := form.get("device", "")).isalnum():
            await visitor.write("DELETE", "notifications", f"{devices}/{device}")
        return see_other(visitor.reader.path, visitor.reader, done="no-browser")
    keys = {name: form.get(name, "") for name in ("p256dh", "auth")}
    body = {"endpoint": form.get("endpoint", ""), "keys": keys, "language": visitor.language}
    answer = await visitor.write("PUT", "notifications", devices, body)
    if answer.status != 200:
        return {"fault": "browser"}
    return see_other(visitor.reader.path, visitor.reader, done="browser")


def _fault(answer: Answer) -> Shown:
    return {"fault": str(answer.body.get("field", "refused"))}


def body_of(form: Mapping[str, str]) -> dict[str, Any]:
    """The body of the request; what the form did not ask stays as it is."""
    language = form.get("language", "")
    body: dict[str, Any] = {
        "mail": form.get("mail") == "yes",
        "language": language if language in LANGUAGES else LANGUAGES[0],
    }
    if "digest_day" in form:
        numbers = {name: _number(form.get(name, "")) for name in _NUMBERS}
        timings: dict[str, dict[str, str]] = {}
        for name, value in form.items():
            for prefix, channel in _CHANNELS.items():
                if name.startswith(prefix) and value in TIMINGS:
                    timings.setdefault(name.removeprefix(prefix), {})[channel] = value
        body["choices"] = {
            **{name: number for name, number in numbers.items() if number is not None},
            "quiet_from": numbers["quiet_from"],
            "quiet_to": numbers["quiet_to"],
            "holidays": form.get("holidays") == "yes",
            "timings": timings,
        }
    return body


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


def as_typed(told: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """The preferences with what somebody typed in their place, which is not saved."""
    choices = body.get("choices") or {}
    timings = choices.get("timings", {})
    kinds = [
        {**each, "timings": {**each["timings"], **timings.get(each["kind"], {})}} for each in told["kinds"]
    ]
    return {**told, **body, "choices": {**told["choices"], **choices}, "kinds": kinds}

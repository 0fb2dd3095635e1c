"""What a shop wants to be told by mail, how often, and in which language; in the feed all of it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from chassis.access import PUBLIC
from chassis.forms import pairs_of
from services.portal.forms import OF_THIS_SITE
from services.portal.merchant.desk import frame
from services.portal.reader import Reader
from services.portal.visitors import Door, Visitor, see_other
from services.portal.wording import LANGUAGES

PATH = "/api/v1/notifications/preferences"
TIMINGS = ("at-once", "daily", "weekly", "never")
DEVICES = "/api/v1/notifications/devices"
_HOURS = ("digest_hour", "quiet_from", "quiet_to")
_NUMBERS = ("digest_day", *_HOURS, "most_a_day", "unread_for")
_CHANNELS = {"timing-": "mail", "push-": "push"}
"""Names of fields begin so, by what they are about."""
Done = Annotated[str, Query(max_length=20)]


def router(door: Door) -> APIRouter:
    """The form."""
    routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])

    @routes.api_route("/shops/{merchant_id}/preferences", methods=["GET", "HEAD"])
    async def show_preferences(
        merchant_id: UUID, request: Request, reader: Reader, done: Done = ""
    ) -> Response:
        """As they are; nothing is sent before somebody agreed."""
        return await door.enter(request, reader, lambda visitor: _page(door, visitor, merchant_id, done=done))

    @routes.post("/shops/{merchant_id}/preferences", dependencies=[OF_THIS_SITE])
    async def choose(merchant_id: UUID, request: Request, reader: Reader) -> Response:
        """Holds from now on: what waits and was not wanted is not sent."""
        form = dict(await pairs_of(request))

        async def work(visitor: Visitor) -> Response:
            if form.get("do") in {"add-browser", "remove-browser"}:
                return await _change_browser(door, visitor, merchant_id, form)
            path, body, etag = f"{PATH}/{merchant_id}", body_of(form), f'"{form.get("version", "0")}"'
            is_preview = form.get("do") == "preview"
            if is_preview:
                answer = await visitor.write("POST", "notifications", f"{path}/preview", body)
            else:
                answer = await visitor.write("PUT", "notifications", path, body, etag=etag)
            if answer.status == 412:
                return await _page(door, visitor, merchant_id, fault="changed")
            if answer.status != 200:
                fault = str(answer.body.get("field", "refused"))
                return await _page(door, visitor, merchant_id, fault=fault, typed=body)
            if is_preview:
                return await _page(door, visitor, merchant_id, typed=body, preview=answer.body)
            return see_other(reader.path, reader, done="saved")

        return await door.enter(request, reader, work)

    return routes


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


async def _change_browser(
    door: Door, visitor: Visitor, merchant_id: UUID, form: Mapping[str, str]
) -> Response:
    """One more in which the shop is told, or one less."""
    path = f"{DEVICES}/{merchant_id}"
    if form["do"] == "remove-browser":
        if (device := form.get("device", "")).isalnum():
            await visitor.write("DELETE", "notifications", f"{path}/{device}")
        return see_other(visitor.reader.path, visitor.reader, done="no-browser")
    keys = {name: form.get(name, "") for name in ("p256dh", "auth")}
    body = {"endpoint": form.get("endpoint", ""), "keys": keys, "language": visitor.language}
    answer = await visitor.write("PUT", "notifications", path, body)
    if answer.status != 200:
        return await _page(door, visitor, merchant_id, fault="browser")
    return see_other(visitor.reader.path, visitor.reader, done="browser")


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


async def _page(
    door: Door,
    visitor: Visitor,
    merchant_id: UUID,
    *,
    done: str = "",
    fault: str | None = None,
    typed: Mapping[str, Any] | None = None,
    preview: Mapping[str, Any] | None = None,
) -> Response:
    head, answer, key, devices = await asyncio.gather(
        frame(visitor, merchant_id),
        visitor.read("notifications", f"{PATH}/{merchant_id}"),
        visitor.part("notifications", "/api/v1/notifications/push-key"),
        visitor.part("notifications", f"{DEVICES}/{merchant_id}"),
    )
    if answer.status != 200:
        return door.renderer.not_there(visitor.reader)
    return door.page(
        "merchant/preferences.html",
        visitor.reader,
        422 if fault else 200,
        **head,
        told=as_typed(answer.body, typed) if typed else answer.body,
        preview=preview,
        version=answer.etag.strip('"'),
        timings=TIMINGS,
        push_key=key and key["key"],
        devices=devices["items"] if devices else (),
        done=done,
        fault=fault,
    )

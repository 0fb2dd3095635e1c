"""Calls a route as everybody, at every place, and says in the words of the table who reached what."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from uuid import uuid4

import httpx

from tests.access.callers import CALLERS, SERVICES, Caller
from tests.access.calls import CALLS, LAST, Call
from tests.access.table import EVERY_SERVICE, Cells
from tests.access.world import Place, Running, World

NOTHING, OWN, CITY, OTHERS, ALL = "–", "own", "city", "others", "all"
MIXED = " (and what is elsewhere by the path of home)"
_REACHED = {
    frozenset[str](): NOTHING,
    frozenset({"home"}): OWN,
    frozenset({"home", "next door"}): CITY,
    frozenset({"next door", "elsewhere"}): OTHERS,
    frozenset({"home", "next door", "elsewhere"}): ALL,
}
_PARAMETER = re.compile(r"{(\w+)}")
_VARIANT = re.compile(r"(.+?) \((.+)\)")


class Unprepared(AssertionError):
    """A route that could not be called as somebody would call it; the message says what it lacks."""


@dataclass(frozen=True)
class Route:
    """A row: a route of a service, called in one way."""

    service: str
    row: str
    """As the table names it."""
    method: str
    path: str

    @property
    def section(self) -> str:
        return EVERY_SERVICE if "{service}" in self.row else self.service


def routes_of(running: Running) -> list[Route]:
    """All rows of a service, in the order in which they are called."""
    found = list(_routes_of(running))
    return sorted(found, key=lambda route: route.row in LAST)


def _routes_of(running: Running) -> Iterator[Route]:
    ways: dict[str, list[str]] = {}
    for row in CALLS:
        if (plain := plain_route(row)) != row:
            ways.setdefault(plain, []).append(row)
    for path, operations in running.document["paths"].items():
        for method in operations:
            plain = (
                f"{method.upper()} {path.replace(f'/operations/{running.name}/', '/operations/{service}/')}"
            )
            has_plain = plain in CALLS or plain not in ways or method == "get"
            for row in [*([plain] if has_plain else []), *ways.get(plain, [])]:
                yield Route(running.name, row, method.upper(), path)


def plain_route(row: str) -> str:
    """A row without the way in which it calls its route."""
    variant = _VARIANT.fullmatch(row)
    return variant[1] if variant else row


async def cells_of(world: World, route: Route) -> Cells | None:
    """Who reaches what by this route; None where the service has no such thing (it consumes nothing)."""
    running = world.services[route.service]
    if not running.service.consumers and route.section == EVERY_SERVICE and "/{" in route.path:
        return None
    cells = {}
    for caller in CALLERS:
        calls = _calls(world, route, caller.column)
        reached, refusals = set(), set()
        for places, call in calls:
            answer = await _send(running.client, route, call, world.headers(caller))
            refusal = _refusal(route, call, answer)
            if refusal is None:
                reached |= places
            else:
                refusals.add(refusal)
        usual = {403} if caller.signed_in else {401}
        cells[caller.column] = _cell(reached, refusals - usual)
        if len(reached) > 1 and await _mixes(world, route, caller):
            cells[caller.column] += MIXED
    cells[SERVICES] = await _services_cell(world, route, running)
    return cells


async def _mixes(world: World, route: Route, caller: Caller) -> bool:
    """Whether a thing of elsewhere is reached under the path of home (`/cities/{home}/keys/{elsewhere}`)."""
    names = _PARAMETER.findall(route.path)
    if len(names) < 2 or names[-1] not in world.elsewhere:
        return False
    (_, call), *_ = _calls(world, route, caller.column)
    mixed = replace(call, ids={**call.ids, names[-1]: world.elsewhere[names[-1]]})
    answer = await _send(world.services[route.service].client, route, mixed, world.headers(caller))
    return _refusal(route, mixed, answer) is None


async def _services_cell(world: World, route: Route, running: Running) -> str:
    """Services have no place: each is called for what lies at home."""
    through, refusals = [], set()
    for name in world.service_names:
        (_, call), *_ = _calls(world, route, CALLERS[0].column, name)
        answer = await _send(running.client, route, call, world.service_headers(name))
        refusal = _refusal(route, call, answer)
        if refusal is None:
            through.append(name)
        else:
            refusals.add(refusal)
    if through == world.service_names:
        return ALL
    return " ".join((*through, *map(str, sorted(refusals - {403})))) or NOTHING


def _cell(reached: set[str], unusual: set[int]) -> str:
    """What is reached, and the status that is given where it is not, unless that is 401 or 403."""
    said = _REACHED.get(frozenset(reached), f"ODD: {', '.join(sorted(reached))}")
    parts = [*([said] if reached or not unusual else []), *map(str, sorted(unusual))]
    return " ".join(parts)


def _calls(world: World, route: Route, *callers: str) -> list[tuple[set[str], Call]]:
    """The calls that differ, each with the places it is the same for; what the last caller owns counts."""
    found: list[tuple[set[str], Call]] = []
    for name, place in world.places.items():
        lies_there = {**world.in_service[route.service], **place}
        for caller in callers:
            lies_there |= world.own[caller, name]
        call = _filled(route, CALLS[route.row](lies_there) if route.row in CALLS else Call(), lies_there)
        for places, known in found:
            if known == call:
                places.add(name)
                break
        else:
            found.append(({name}, call))
    return found


def _filled(route: Route, call: Call, place: Place) -> Call:
    ids = {**place, **call.ids}
    if missing := [name for name in _PARAMETER.findall(route.path) if name not in ids]:
        raise Unprepared(
            f"{route.row}: nothing lies at home, next door and elsewhere under the name {missing[0]!r}. Make "
            f"it in tests/access/things.py: `place |= {{{missing[0]!r}: …}}` for each of world.places."
        )
    wanted = {name: ids[name] for name in _PARAMETER.findall(route.path)}
    return replace(call, ids=wanted)


async def _send(client: httpx.AsyncClient, route: Route, call: Call, who: dict[str, str]) -> httpx.Response:
    content = (
        json.dumps(call.body).encode() if call.content is None and call.body is not None else call.content
    )
    kind = {} if content is None else {"Content-Type": "application/json"}
    headers = {"Idempotency-Key": uuid4().hex, **kind, **who, **call.headers}
    path = route.path.format(**call.ids)
    return await client.request(route.method, path, params=call.query, content=content, headers=headers)


def _refusal(route: Route, call: Call, answer: httpx.Response) -> int | None:
    """The status of a refusal, None where the thing was reached. Raises Unprepared for anything else."""
    status = answer.status_code
    if status in {401, 403, 404}:
        assert answer.headers["content-type"].startswith("application/problem+json"), route.row
        return status
    if answer.is_success and call.shows is not None:
        return None if call.shows in answer.text else 404
    # A conflict with what earlier callers did comes after the question who may.
    if answer.is_success or answer.has_redirect_location or status in {409, 410}:
        return None
    assert status < 500, f"{route.row} answered {status}: see the log"
    raise Unprepared(
        f"{route.row} answered {status}: {answer.text[:300]}\nSay in CALLS of tests/access/calls.py what a "
        f"good call of it is: `{route.row!r}: lambda place: Call({{…}})`."
    )

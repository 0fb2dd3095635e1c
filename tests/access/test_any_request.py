"""Whatever is sent, services answer as their OpenAPI documents say: nothing undocumented, never a 5xx.

Schemathesis makes the requests, sound and broken ones, from the committed documents; people of two cities
send them, about things that are there and things that are not.
"""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from chassis.identity import Grant, Role
from tests.access.world import Place, World, documents

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

EXAMPLES, LONG_EXAMPLES = 8, 40
"""Of each kind, sound and broken, for each operation."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
NAMES = [name for name, document in documents().items() if document["paths"]]


@pytest.mark.parametrize("service", NAMES)
async def test_answers_are_those_of_the_document(
    world: World, service: str, pytestconfig: pytest.Config
) -> None:
    examples = LONG_EXAMPLES if pytestconfig.getoption("--long") else EXAMPLES
    schema = schemathesis.openapi.from_dict(dict(documents()[service]))
    loop = asyncio.get_running_loop()
    wrong, statuses = [], set[int]()
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()

        def send(case: Case[Any], place: Place, who: dict[str, str]) -> None:
            answer = asyncio.run_coroutine_threadsafe(_answer(world, service, case, place, who), loop)
            response = schemathesis.Response.from_httpx(answer.result(30), verify=False)
            statuses.add(response.status_code)
            case.validate_response(response, checks=CHECKS)

        try:
            await asyncio.to_thread(_try, operation, world, send, examples)
        except (Exception, FailureGroup) as failure:
            wrong.append(f"{operation.label}: {failure}")
    assert not wrong, "\n\n".join(["", *wrong])
    assert {200, 403, 404, 422} <= statuses, f"these requests reach little: {statuses}"


def _try(operation: APIOperation[Any, Any, Any, Any], world: World, send: Any, examples: int) -> None:
    cases = st.one_of(
        operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )
    limits = settings(
        max_examples=2 * examples,
        phases=[Phase.generate],
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    places = st.sampled_from([*world.places.values(), {}])
    given(cases, places, st.sampled_from(_senders(world)))(limits(send))()


def _senders(world: World) -> list[dict[str, str]]:
    """Officers and merchants of both cities, an operator, somebody with no role, and anybody."""
    people: list[list[Grant]] = [[], [Grant(Role.operator)]]
    for place in (world.home, world.elsewhere):
        city, merchant = UUID(place["city_id"]), UUID(place["merchant_id"])
        people += [[Grant(Role.city_officer, city)], [Grant(Role.merchant, city, merchant)]]
    known = map(UUID, world.persons.values())
    whoever_the_case_says: dict[str, str] = {}
    return [
        whoever_the_case_says,
        *(world.issuer.headers(next(known), *grants) for grants in people),
    ]


async def _answer(
    world: World, service: str, case: Case[Any], place: Place, who: dict[str, str]
) -> httpx.Response:
    """To the case, about what lies at the place where it names such a thing."""
    there = {**world.in_service[service], **place} if place else {}
    there |= {name.removesuffix("_id"): value for name, value in there.items()}
    for part in (case.path_parameters, case.query, case.body):
        if isinstance(part, dict):
            part.update({name: there[name] for name in part.keys() & there.keys()})
    sent = case.as_transport_kwargs(base_url=f"http://{service}")
    headers = {name.lower(): value for name, value in sent["headers"].items()}
    if who:
        headers["authorization"] = who["Authorization"]
    sent["headers"] = {name.encode("latin-1"): value.encode("latin-1") for name, value in headers.items()}
    if files := sent.get("files"):
        sent["files"] = [(name, _as_file(value)) for name, value in files]
    if not isinstance(sent.get("data"), dict):
        sent["content"] = sent.pop("data", None)
    cookies = sent.pop("cookies")
    client = world.services[service].client
    client.cookies = cookies
    request = client.build_request(**sent)
    await request.aread()  # a form with files is a stream until then, and what was sent is compared
    return await client.send(request)


def _as_file(value: tuple[str | None, Any]) -> tuple[str | None, Any]:
    """Name and content. A number in place of a file is sent as it reads, not refused by us."""
    filename, content = value
    return filename, content if isinstance(content, bytes | str) else str(content)

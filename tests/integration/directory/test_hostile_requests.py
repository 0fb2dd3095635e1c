"""Whatever a client sends, to whichever route, is answered by something below 500."""

import json

import pytest

from tests.support.directory import DirectoryUnderTest, extract, feature

NOWHERE = "01890000-0000-7000-8000-00000000c17e"
TEXTS = ["", "a\u0000b", "\ud800", "\u202e", "'; DROP TABLE city; --", "x" * 10_000, NOWHERE, "85046"]
BODIES = [
    b"",
    b"\x00",
    b"\xff",
    b"null",
    b"[]",
    b"1e999",
    b"[" * 5_000,
    *(json.dumps(text).encode() for text in TEXTS),
]
FIELDS = [
    "nis_code",
    "name",
    "person",
    "person_id",
    "merchant_ids",
    "polygon",
    "responsible",
    "longitude",
    "phone",
]
VALUES: list[object] = [
    *TEXTS,
    None,
    True,
    -1,
    2**70,
    1.5,
    [],
    [[]],
    {},
    {"type": "Polygon", "coordinates": [[[0, 0]] * 4]},
]
PATH_VALUES = [
    NOWHERE,
    "x",
    "%00",
    "00000000-0000-0000-0000-000000000000",
    "\ud800".encode("utf-8", "surrogatepass").hex(),
]


BODIES_OF_A_ROUTE = 30
"""Each writing route gets so many of the bodies, and the next route those that follow: all go to several."""


@pytest.mark.slow
async def test_no_request_is_answered_by_a_fault_of_ours(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    merchant = (await directory.imported(city, extract(feature())))["items"][0]["merchant_id"]
    tokens = [
        await directory.token("otto"),
        await directory.token("claire"),
        await directory.service_token("notifications"),
    ]
    paths = (await directory.client.get("/openapi.json")).json()["paths"]
    objects = [json.dumps({field: value}).encode() for field in FIELDS for value in VALUES]
    bodies = [*BODIES, *objects]
    faults, asked = [], 0

    for template, methods in paths.items():
        if "/operations/" in template:
            continue  # the chassis tests its own routes
        known = merchant if "merchant_id" in template else city
        for method in sorted(methods.keys() & {"post", "put", "patch"}):
            for _ in range(BODIES_OF_A_ROUTE):
                times, number = divmod(asked, len(bodies))
                asked += 1
                path = _filled(template, known if number % 3 else PATH_VALUES[number % len(PATH_VALUES)])
                answer = await directory.client.request(
                    method,
                    path,
                    content=bodies[number],
                    headers={
                        # Another caller each time a body's turn comes.
                        "Authorization": f"Bearer {tokens[(number + times) % len(tokens)]}",
                        "Content-Type": "application/json",
                        "Idempotency-Key": str(asked),
                        "If-Match": "*",
                    },
                )
                if answer.status_code >= 500:
                    faults.append((method, path, bodies[number][:80], answer.text[:200]))
        for value in (
            PATH_VALUES
            if "{" in template
            else ["?cursor=eyJ9", "?cursor=bnVsbA", "?limit=9e9", "?q=%ed%a0%80"]
        ):
            path = _filled(template, value) if "{" in template else template + value
            answer = await directory.client.get(path)
            if answer.status_code >= 500:
                faults.append(("get", path, b"", answer.text[:200]))

    assert faults == []
    assert asked > len(tokens) * len(bodies), "every body by every caller"


def _filled(template: str, value: str) -> str:
    before, brace, rest = template.partition("{")
    return before + value + rest.partition("}")[2] if brace else template

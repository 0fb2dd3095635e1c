"""People, tokens, and who may ask for addresses."""

import asyncio
import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import jwt
import pytest

from chassis.identity import Grant, Principal, Role, Verifier
from chassis.problems import Problem
from chassis.settings import Environment
from chassis.signing_keys import LocalKeys
from services.directory.people.tokens import NoSigningKey
from tests.support.directory import SECRETS, DirectoryUnderTest, running_directory
from tests.support.servers import Postgres


async def verified(directory: DirectoryUnderTest, token: str) -> Principal:
    """As any other service sees the token: through the published keys."""
    keys = await directory.client.get("/.well-known/jwks.json")
    assert "max-age" in keys.headers["cache-control"]
    return await Verifier(LocalKeys(keys.json())).verify(token)


async def test_a_demo_token_speaks_for_its_person_in_every_service(directory: DirectoryUnderTest) -> None:
    city = UUID(await directory.city())
    answer = await directory.client.post("/api/v1/tokens/demo", json={"person": "claire"})

    principal = await verified(directory, answer.json()["token"])

    assert answer.headers["cache-control"] == "no-store"
    assert principal.person_id == UUID(answer.json()["person_id"])
    assert principal.grants == (Grant(Role.city_officer, city_id=city),)
    left = datetime.fromisoformat(answer.json()["expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=14) < left <= timedelta(minutes=15)


async def test_a_person_is_the_same_every_time_and_has_each_role_once(directory: DirectoryUnderTest) -> None:
    ids = await asyncio.gather(*(directory.person_id("ambassador-10000") for _ in range(8)))

    assert len(set(ids)) == 1
    me = (await directory.call("GET", "/people/me", "ambassador-10000")).json()
    assert me["person_id"] == ids[0]
    anywhere = {"city_id": None, "merchant_id": None, "district_id": None}
    assert me["grants"] == [{"role": "ambassador", **anywhere}]


async def test_the_officer_gets_her_city_once_it_takes_part(directory: DirectoryUnderTest) -> None:
    before = await verified(directory, await directory.token("claire"))
    city = UUID(await directory.city())
    after = await verified(directory, await directory.token("claire"))

    assert before.grants == ()
    assert before.person_id == after.person_id
    assert after.has(Role.city_officer, city_id=city)


@pytest.mark.parametrize(
    "person", ["nobody", "ambassador-0", "ambassador-10001", "ambassador-٣", "", "Claire"]
)
async def test_there_is_no_token_for_somebody_unknown(directory: DirectoryUnderTest, person: str) -> None:
    answer = await directory.client.post("/api/v1/tokens/demo", json={"person": person})
    assert answer.status_code == 404


async def test_outside_the_demo_nobody_signs_in_as_a_demo_person(
    postgres: Postgres, template: str, directory: DirectoryUnderTest
) -> None:
    async with running_directory(postgres, template, directory.folder, Environment.production) as production:
        answer = await production.client.post("/api/v1/tokens/demo", json={"person": "otto"})
        assert answer.status_code == 404
        assert (await production.service_token("operations")).count(".") == 2


async def test_a_demo_session_is_what_a_page_keeps_and_there_is_none_elsewhere(
    postgres: Postgres, template: str, directory: DirectoryUnderTest
) -> None:
    city = UUID(await directory.city())
    listed = (await directory.client.get("/api/v1/sign-in/demo")).json()["items"]
    assert {"claire", "marc", "sophie", "otto"} <= {each["name"] for each in listed}
    begun = await directory.client.post("/api/v1/sign-in/demo", json={"person": "claire"})
    assert begun.headers["cache-control"] == "no-store"
    assert begun.json()["display_name"] == "Claire Lambert"

    secret = {"refresh_token": begun.json()["refresh_token"]}
    goes_on = await directory.client.post("/api/v1/sessions/refresh", json=secret)

    principal = await verified(directory, goes_on.json()["token"])
    assert principal.grants == (Grant(Role.city_officer, city_id=city),)
    unknown = await directory.client.post("/api/v1/sign-in/demo", json={"person": "nobody"})
    assert unknown.status_code == 404
    async with running_directory(postgres, template, directory.folder, Environment.production) as production:
        for answer in (
            await production.client.get("/api/v1/sign-in/demo"),
            await production.client.post("/api/v1/sign-in/demo", json={"person": "otto"}),
        ):
            assert answer.status_code == 404


async def test_in_production_a_missing_key_is_not_made_up(
    postgres: Postgres, template: str, tmp_path: Path
) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    with pytest.raises(NoSigningKey, match="does not exist"):
        async with running_directory(postgres, template, folder, Environment.production):
            pass


async def test_a_service_signs_in_with_its_secret_alone(directory: DirectoryUnderTest) -> None:
    principal = await verified(directory, await directory.service_token("notifications"))
    assert principal.is_service("notifications")
    assert not principal.is_service("operations")

    async def status(credentials: bytes) -> int:
        header = {"Authorization": "Basic " + base64.b64encode(credentials).decode()}
        return (await directory.client.post("/api/v1/tokens/service", headers=header)).status_code

    assert await status(f"notifications:{SECRETS['operations']}".encode()) == 401
    assert await status(b"nobody:" + bytes(32)) == 401
    assert await status(b"nobody:") == 401
    assert await status(b"\xff\xfe:\x00") == 401
    for header in ("Basic %%%", "Basic", "Bearer x", "Basic " + "A" * 5_000):
        answer = await directory.client.post("/api/v1/tokens/service", headers={"Authorization": header})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Basic")
    assert (await directory.client.post("/api/v1/tokens/service")).status_code == 401


async def test_a_token_signed_by_somebody_else_is_refused(directory: DirectoryUnderTest) -> None:
    token = await directory.token("otto")
    header, claims, signature = token.split(".")
    forged = jwt.encode(
        {**jwt.decode(token, options={"verify_signature": False}), "sub": "service:notifications"},
        "a shared secret that is long enough",
        algorithm="HS256",
        headers={"kid": jwt.get_unverified_header(token)["kid"]},
    )
    for bad in (forged, f"{header}.{claims}.{signature[:-4]}AAAA", f"{header}.{claims}.", "x"):
        with pytest.raises(Problem) as refused:
            await verified(directory, bad)
        assert refused.value.status == 401
        assert (await directory.call("GET", "/people/me", token=bad)).status_code == 401


async def test_a_person_says_what_to_be_called_and_in_which_language(directory: DirectoryUnderTest) -> None:
    revised = await directory.call("PATCH", "/people/me", "sophie", json={"display_name": "  Zoé  Lefèvre "})
    assert (revised.status_code, revised.json()["display_name"]) == (200, "Zoé  Lefèvre")
    await directory.call("PATCH", "/people/me", "sophie", json={"language": "de"})

    me = (await directory.call("GET", "/people/me", "sophie")).json()
    assert (me["display_name"], me["language"]) == ("Zoé  Lefèvre", "de")
    taken_back = await directory.call("PATCH", "/people/me", "sophie", json={"display_name": None})
    assert taken_back.json()["display_name"] is None
    assert (await directory.call("PATCH", "/people/me", "sophie", json={})).json()["language"] == "de"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"display_name": ""}, "display_name"),
        ({"display_name": "x" * 81}, "display_name"),
        ({"display_name": "two\nlines"}, "display_name"),
        ({"display_name": "left\u202eright"}, "display_name"),
        ({"language": None}, "language"),
        ({"language": "lb"}, "language"),
        ({"email": "other@home.example"}, "email"),
    ],
)
async def test_what_nobody_is_called_is_refused_by_its_field(
    directory: DirectoryUnderTest, body: dict[str, Any], field: str
) -> None:
    answer = await directory.call("PATCH", "/people/me", "sophie", json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_a_service_is_not_a_person(directory: DirectoryUnderTest) -> None:
    token = await directory.service_token("notifications")
    assert (await directory.call("GET", "/people/me", token=token)).status_code == 403

"""Keys of cities' own systems: made in person, shown once, exchanged for tokens, revoked."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from chassis.identity import Grant, Principal, Role, Verifier
from chassis.ids import new_id
from chassis.signing_keys import LocalKeys
from services.directory.keys.domain import MOST_KEYS, MOST_TOKENS
from tests.support.directory import DirectoryUnderTest, square

ASKED = {"name": "Agenda de la commune", "scopes": ["campaigns", "merchants:read"]}


async def made(directory: DirectoryUnderTest, city: str, **changed: Any) -> dict[str, Any]:
    answer = await directory.call("POST", f"/cities/{city}/keys", "claire", json=ASKED | changed)
    assert answer.status_code == 201, answer.text
    key: dict[str, Any] = answer.json()
    return key


async def exchange(directory: DirectoryUnderTest, key: dict[str, Any], **changed: str) -> httpx.Response:
    auth = (changed.get("id", key["id"]), changed.get("secret", key["secret"]))
    return await directory.client.post("/api/v1/tokens/key", auth=auth)


async def verified(directory: DirectoryUnderTest, token: str) -> Principal:
    keys = await directory.client.get("/.well-known/jwks.json")
    return await Verifier(LocalKeys(keys.json())).verify(token)


async def set_column(directory: DirectoryUnderTest, key: dict[str, Any], assignment: str) -> None:
    async with directory.database.transaction() as tx:
        await tx.execute(text(f"UPDATE api_key SET {assignment} WHERE id = :id"), {"id": UUID(key["id"])})


async def test_a_key_is_exchanged_for_a_token_with_its_citys_role_and_its_scopes(
    directory: DirectoryUnderTest,
) -> None:
    city = await directory.city()
    key = await made(directory, city)

    answer = await exchange(directory, key)

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["token_type"] == "Bearer"
    assert 890 <= answer.json()["expires_in"] <= 900
    assert answer.json()["scope"] == "campaigns merchants:read"
    principal = await verified(directory, answer.json()["access_token"])
    assert principal.subject == f"key:{key['id']}"
    assert principal.person_id == UUID(key["id"])
    assert principal.grants == (Grant(Role.city_officer, UUID(city)),)
    assert principal.scopes == frozenset({"campaigns", "merchants:read"})
    assert not principal.is_person


async def test_a_secret_is_shown_once_and_stored_nowhere(directory: DirectoryUnderTest) -> None:
    city, token = await directory.city(), await directory.token("claire")
    headers = {"Idempotency-Key": str(uuid4())}
    path = f"/cities/{city}/keys"
    first = await directory.call("POST", path, token=token, json=ASKED, headers=headers)
    again = await directory.call("POST", path, token=token, json=ASKED, headers=headers)

    secret = first.json()["secret"]
    assert secret.startswith("cococity_")
    assert first.headers["cache-control"] == "no-store"
    assert again.json() == first.json() | {"secret": None}
    listed = await directory.call("GET", path, token=token)
    assert [each["id"] for each in listed.json()["items"]] == [first.json()["id"]]
    assert secret not in listed.text
    async with directory.database.connection() as connection:
        for table in ("api_key", "idempotency", "outbox"):
            rows = (await connection.execute(text(f"SELECT t::text FROM {table} t"))).scalars().all()
            assert secret not in "".join(rows)
            assert secret.encode().hex() not in "".join(rows)


async def test_no_secret_reaches_the_log(
    directory: DirectoryUnderTest, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    key = await made(directory, await directory.city())
    await exchange(directory, key)
    await exchange(directory, key, id=str(new_id()))
    said = capsys.readouterr()
    assert key["secret"] not in said.out + said.err + caplog.text


async def test_a_key_that_is_revoked_or_expired_gets_no_token(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    revoked, expired = await made(directory, city), await made(directory, city)
    for _ in range(2):  # asked twice, it stays so
        path = f"/cities/{city}/keys/{revoked['id']}"
        assert (await directory.call("DELETE", path, "claire")).status_code == 204
    await set_column(directory, expired, "expires_at = now()")

    for key, why in ((revoked, "This key was revoked."), (expired, "This key has expired.")):
        answer = await exchange(directory, key)
        assert (answer.status_code, answer.json()["detail"]) == (401, why)
        assert answer.headers["www-authenticate"].startswith("Basic")
        # Whoever does not hold the secret is told nothing of what became of it.
        wrong = await exchange(directory, key, secret="cococity_wrong")
        assert wrong.json()["detail"] == "No key has this id and secret."
    items = (await directory.call("GET", f"/cities/{city}/keys", "claire")).json()["items"]
    assert [each["revoked_at"] is not None for each in items] == [False, True]


async def test_a_token_does_not_outlive_its_key(directory: DirectoryUnderTest) -> None:
    soon = (datetime.now(UTC) + timedelta(seconds=60)).isoformat()
    key = await made(directory, await directory.city(), expires_at=soon)
    assert 55 <= (await exchange(directory, key)).json()["expires_in"] <= 60


async def test_the_last_use_is_shown(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    key = await made(directory, city)
    assert key["last_used_at"] is None
    before = datetime.now(UTC).replace(microsecond=0)
    await exchange(directory, key, secret="cococity_wrong")
    (shown,) = (await directory.call("GET", f"/cities/{city}/keys", "claire")).json()["items"]
    assert shown["last_used_at"] is None

    await exchange(directory, key)

    (shown,) = (await directory.call("GET", f"/cities/{city}/keys", "claire")).json()["items"]
    assert datetime.fromisoformat(shown["last_used_at"]) >= before


async def test_fifty_exchanges_at_once_all_succeed_and_are_all_counted(directory: DirectoryUnderTest) -> None:
    key = await made(directory, await directory.city())
    answers = await asyncio.gather(*(exchange(directory, key) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {200}
    async with directory.database.connection() as connection:
        counted = await connection.scalar(text("SELECT window_tokens FROM api_key"))
    assert counted == 50


async def test_a_key_gets_so_many_tokens_at_once_and_no_other_key_suffers(
    directory: DirectoryUnderTest,
) -> None:
    city = await directory.city()
    key, other = await made(directory, city), await made(directory, city)
    await set_column(directory, key, f"window_began_at = now(), window_tokens = {MOST_TOKENS - 5}")
    answers = await asyncio.gather(*(exchange(directory, key) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [429] * 5
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert 0 < int(refused.headers["retry-after"]) <= 901
    assert (await exchange(directory, other)).status_code == 200


async def test_a_city_has_so_many_keys_whoever_races_for_the_last(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    first = await made(directory, city)
    async with directory.database.transaction() as tx:
        await tx.execute(
            text("""
                INSERT INTO api_key
                    (id, city_id, name, scopes, secret_hash, made_at, expires_at, window_tokens)
                SELECT gen_random_uuid(), city_id, name, scopes, secret_hash, made_at, expires_at, 0
                  FROM api_key, generate_series(3, :most)
            """),
            {"most": MOST_KEYS},
        )
    token = await directory.token("claire")
    path = f"/cities/{city}/keys"
    answers = await asyncio.gather(*(directory.call("POST", path, token=token, json=ASKED) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    await directory.call("DELETE", f"{path}/{first['id']}", token=token)
    assert (await directory.call("POST", path, token=token, json=ASKED)).status_code == 201


async def test_keys_are_the_affair_of_their_citys_officers(directory: DirectoryUnderTest) -> None:
    city, other = await directory.city(), await directory.city("81001")
    key = await made(directory, city)
    stranger = await directory.officer(other)
    path = f"/cities/{city}/keys"
    for token in (stranger, await directory.token("marc"), await directory.service_token("operations")):
        assert (await directory.call("POST", path, token=token, json=ASKED)).status_code == 403
        assert (await directory.call("GET", path, token=token)).status_code == 403
        assert (await directory.call("DELETE", f"{path}/{key['id']}", token=token)).status_code == 403
    assert (await directory.call("GET", path)).status_code == 401
    # Another city's key is no key of theirs, whatever the path says.
    sideways = await directory.call("DELETE", f"/cities/{other}/keys/{key['id']}", token=stranger)
    assert sideways.status_code == 404
    assert (await exchange(directory, key)).status_code == 200
    # An operator stops a key that leaked, and makes none.
    assert (await directory.call("POST", path, "otto", json=ASKED)).status_code == 403
    assert (await directory.call("DELETE", f"{path}/{key['id']}", "otto")).status_code == 204


async def test_a_key_makes_sees_and_revokes_no_keys_and_is_no_person(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    scopes = ["cities", "merchants", "imports", "campaigns"]
    key = await made(directory, city, scopes=scopes)
    token = (await exchange(directory, key)).json()["access_token"]
    path = f"/cities/{city}/keys"
    for answer in (
        await directory.call("POST", path, token=token, json=ASKED),
        await directory.call("GET", path, token=token),
        await directory.call("DELETE", f"{path}/{key['id']}", token=token),
        await directory.call("GET", "/people/me", token=token),
    ):
        assert answer.status_code == 403, answer.text


async def test_a_key_changes_what_its_scopes_name_and_in_its_city_alone(
    directory: DirectoryUnderTest,
) -> None:
    city, other = await directory.city(), await directory.city("81001")
    writing = (await exchange(directory, await made(directory, city, scopes=["cities"]))).json()
    reading = (await exchange(directory, await made(directory, city, scopes=["cities:read"]))).json()
    district = {"name": "Centre", "polygon": square(5.6, 49.7)}

    async def draw(token: str, where: str) -> int:
        path = f"/cities/{where}/districts"
        return (await directory.call("POST", path, token=token, json=district)).status_code

    assert await draw(reading["access_token"], city) == 403
    assert await draw(writing["access_token"], other) == 403
    assert await draw(writing["access_token"], city) == 201


async def test_a_key_of_a_district_has_the_associations_role_there(directory: DirectoryUnderTest) -> None:
    city, other = await directory.city(), await directory.city("81001")

    async def district_of(where: str, token: str) -> str:
        body = {"name": "Centre", "polygon": square(5.6, 49.7)}
        answer = await directory.call("POST", f"/cities/{where}/districts", token=token, json=body)
        return str(answer.json()["id"])

    own = await district_of(city, await directory.token("claire"))
    foreign = await district_of(other, await directory.officer(other))
    key = await made(directory, city, district_id=own)
    principal = await verified(directory, (await exchange(directory, key)).json()["access_token"])
    assert principal.grants == (Grant(Role.association_officer, UUID(city), district_id=UUID(own)),)
    for wrong in (foreign, str(new_id())):
        asked = ASKED | {"district_id": wrong}
        answer = await directory.call("POST", f"/cities/{city}/keys", "claire", json=asked)
        assert (answer.status_code, answer.json()["field"]) == (422, "district_id")


async def test_the_audit_log_names_who_made_a_key_and_what_the_key_did(
    directory: DirectoryUnderTest,
) -> None:
    city = await directory.city()
    key = await made(directory, city, scopes=["cities"])
    token = (await exchange(directory, key)).json()["access_token"]
    drawn = {"name": "Centre", "polygon": square(5.6, 49.7)}
    await directory.call("POST", f"/cities/{city}/districts", token=token, json=drawn)
    for _ in range(2):
        await directory.call("DELETE", f"/cities/{city}/keys/{key['id']}", "claire")

    entries = (await directory.call("GET", f"/cities/{city}/audit", "claire")).json()["items"]

    assert [(each["action"], each["actor_name"]) for each in entries[:3]] == [
        ("key_revoked", "Claire Lambert"),
        ("district_drawn", "Agenda de la commune"),
        ("key_made", "Claire Lambert"),
    ]
    assert entries[1]["actor_id"] == entries[0]["subject_id"] == key["id"]
    assert (await directory.call("GET", f"/cities/{city}/audit", token=token)).status_code == 403


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "a\x00b"),
        ("name", "x" * 201),
        ("scopes", []),
        ("scopes", ["keys"]),
        ("scopes", ["operations"]),
        ("scopes", ["campaigns merchants"]),
        ("scopes", ["campaigns"] * 100),
        ("scopes", "campaigns"),
        ("scopes", [None]),
        ("expires_at", "2020-01-01T00:00:00Z"),
        ("expires_at", "2150-01-01T00:00:00Z"),
        ("expires_at", "tomorrow"),
        ("district_id", "Centre"),
        ("role", "operator"),
    ],
)
async def test_a_wrong_wish_is_refused_by_its_field(
    directory: DirectoryUnderTest, field: str, value: Any
) -> None:
    city = await directory.city()
    answer = await directory.call("POST", f"/cities/{city}/keys", "claire", json=ASKED | {field: value})
    assert answer.status_code == 422
    assert answer.json()["field"].startswith(field)


async def test_credentials_that_are_none_are_refused(directory: DirectoryUnderTest) -> None:
    key = await made(directory, await directory.city())
    for changed in (
        {"secret": ""},
        {"secret": key["secret"][:-1]},
        {"secret": key["secret"] + "\x00"},
        {"secret": "x" * 700},
        {"id": str(new_id())},
        {"id": ""},
        {"id": "claire'; --"},
        {"id": "notifications"},
        {"id": "٣" * 36},
    ):
        assert (await exchange(directory, key, **changed)).status_code == 401, changed
    for header in ("Basic %%%", "Basic", "Bearer x", "Basic " + "A" * 5_000):
        answer = await directory.client.post("/api/v1/tokens/key", headers={"Authorization": header})
        assert answer.status_code == 401
    assert (await directory.client.post("/api/v1/tokens/key")).status_code == 401

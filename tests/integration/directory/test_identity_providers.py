"""A city's staff signs in at the city's own identity provider: a real one, in a process of its own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from chassis.clock import utc_now
from chassis.identity import Grant, Role
from chassis.retention import enforce
from services.directory.identity_providers.configured import read_providers
from services.directory.identity_providers.office import ProviderOffice
from services.directory.people.storage import grant
from services.directory.retention import RULES
from services.directory.settings import DirectorySettings
from tests.support.directory import DirectoryUnderTest, running_directory
from tests.support.factors import verified
from tests.support.openid_provider import CLIENT_ID, CLIENT_SECRET, OpenIdProvider, openid_provider
from tests.support.servers import Postgres, free_port

HABAY = "/identity-providers/habay"
CITY = uuid4()

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenIdProvider]:
    redirect_uri = "https://town.example/sign-in/at/habay"
    with openid_provider(tmp_path_factory.mktemp("provider"), redirect_uri) as running:
        yield running


def configured(folder: Path, address: str = "https://login.habay.example", **changed: Any) -> Path:
    (folder / "secret").write_text(CLIENT_SECRET + "\n", encoding="utf-8")
    habay = {
        "name": "habay",
        "city_id": str(CITY),
        "label": "Commune de Habay",
        "issuer": address,
        "client_id": CLIENT_ID,
        "email_domains": ["habay.example"],
        "client_secret_file": str(folder / "secret"),
    }
    file = folder / "providers.json"
    file.write_text(json.dumps([habay | changed]), encoding="utf-8")
    return file


@pytest.fixture
async def directory(
    postgres: Postgres, template: str, tmp_path: Path, provider: OpenIdProvider
) -> AsyncIterator[DirectoryUnderTest]:
    async with with_provider(postgres, template, tmp_path, provider) as running:
        yield running


@asynccontextmanager
async def with_provider(
    postgres: Postgres, template: str, folder: Path, provider: OpenIdProvider
) -> AsyncIterator[DirectoryUnderTest]:
    """A directory with the city whose staff signs in at `provider`."""
    file = configured(folder, provider.issuer)
    async with running_directory(postgres, template, folder, identity_providers_file=file) as running:
        await a_city(running)
        yield running


async def a_city(directory: DirectoryUnderTest) -> None:
    """Of the id that the file names."""
    async with directory.database.transaction() as tx:
        await tx.execute(
            text(
                "INSERT INTO city (id, version, joined_at, name_fr, name_nl) VALUES (:id, 1, now(), 'H', 'H')"
            ),
            {"id": CITY},
        )
        await tx.execute(
            text("""
                INSERT INTO city_nis_code (city_id, version, at, valid_from, nis_code)
                VALUES (:id, 1, now(), now(), '85046')
            """),
            {"id": CITY},
        )


async def departed(directory: DirectoryUnderTest, token: str | None = None) -> dict[str, Any]:
    answer = await directory.call("POST", f"{HABAY}/departures", token=token)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    left: dict[str, Any] = answer.json()
    return left


async def arrived(
    directory: DirectoryUnderTest, left: dict[str, Any], back: dict[str, str]
) -> httpx.Response:
    return await directory.call("POST", f"{HABAY}/arrivals", json=back | {"ticket": left["ticket"]})


async def signed_in(
    directory: DirectoryUnderTest, provider: OpenIdProvider, login: str, token: str | None = None
) -> httpx.Response:
    left = await departed(directory, token)
    return await arrived(directory, left, await provider.signed_in(left["url"], login))


async def set_column(directory: DirectoryUnderTest, assignment: str) -> None:
    async with directory.database.transaction() as tx:
        await tx.execute(text(f"UPDATE provider_sign_in SET {assignment}"))


async def people(directory: DirectoryUnderTest) -> int:
    async with directory.database.connection() as connection:
        return int(await connection.scalar(text("SELECT count(*) FROM person")) or 0)


async def test_somebody_is_the_same_person_every_time_and_nobody_else(
    directory: DirectoryUnderTest, provider: OpenIdProvider
) -> None:
    first, again, other = [await signed_in(directory, provider, login) for login in ("jo", "jo", "kim")]

    assert [answer.status_code for answer in (first, again, other)] == [200, 200, 200]
    assert first.json()["person_id"] == again.json()["person_id"] != other.json()["person_id"]
    me = (await directory.call("GET", "/people/me", token=first.json()["token"])).json()
    assert (me["display_name"], me["language"], me["grants"]) == ("Staff jo", "nl", [])


async def test_the_provider_is_asked_with_pkce_state_and_nonce(directory: DirectoryUnderTest) -> None:
    lefts = [await departed(directory) for _ in range(2)]
    asked = [parse_qs(urlsplit(left["url"]).query) for left in lefts]
    assert asked[0]["code_challenge_method"] == ["S256"]
    assert asked[0]["response_type"] == ["code"]
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]
    assert CLIENT_SECRET not in str(lefts)


async def test_a_mail_address_alone_connects_nobody(
    directory: DirectoryUnderTest, provider: OpenIdProvider
) -> None:
    claire = await directory.person_id("claire")
    async with directory.database.transaction() as tx:
        changing = "UPDATE person SET email = 'claire@habay.example' WHERE id = :id"
        await tx.execute(text(changing), {"id": UUID(claire)})

    answer = await signed_in(directory, provider, "claire")

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:cococity:problem:sign-in-first")
    assert await people(directory) == 1


async def test_whoever_is_signed_in_connects_the_account_they_have(
    directory: DirectoryUnderTest, provider: OpenIdProvider
) -> None:
    claire = await directory.person_id("claire")
    connected = await signed_in(directory, provider, "claire", await directory.token("claire"))
    later = await signed_in(directory, provider, "claire")
    taken = await signed_in(directory, provider, "claire", await directory.token("marc"))

    assert connected.json()["person_id"] == later.json()["person_id"] == claire
    assert (taken.status_code, taken.json()["type"]) == (409, "urn:cococity:problem:identity-taken")
    entries = (await directory.call("GET", "/audit", "otto")).json()["items"]
    assert [each["subject_id"] for each in entries if each["action"] == "identity_connected"] == [claire]


async def test_a_token_of_somebody_erased_connects_nobody(
    directory: DirectoryUnderTest, provider: OpenIdProvider
) -> None:
    token = await directory.token("marc")
    async with directory.database.transaction() as tx:
        await tx.execute(text("DELETE FROM person"))
    answer = await signed_in(directory, provider, "jo", token)
    assert answer.status_code == 200
    assert await people(directory) == 1


async def test_two_first_arrivals_at_once_make_one_person(
    directory: DirectoryUnderTest, provider: OpenIdProvider
) -> None:
    lefts = [await departed(directory) for _ in range(6)]
    backs = [await provider.signed_in(left["url"], "twin") for left in lefts]
    pairs = zip(lefts, backs, strict=True)
    answers = await asyncio.gather(*(arrived(directory, left, back) for left, back in pairs))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["person_id"] for answer in answers}) == 1
    assert await people(directory) == 1


async def test_of_two_people_with_one_mail_address_the_second_is_told(
    directory: DirectoryUnderTest, provider: OpenIdProvider
) -> None:
    lefts = [await departed(directory) for _ in range(2)]
    logins = ("one-mailbox", "same-mailbox")
    backs = [await provider.signed_in(left["url"], login) for left, login in zip(lefts, logins, strict=True)]
    pairs = zip(lefts, backs, strict=True)
    answers = await asyncio.gather(*(arrived(directory, left, back) for left, back in pairs))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert await people(directory) == 1


async def test_a_session_from_there_goes_on_and_carries_staffs_roles(
    directory: DirectoryUnderTest, provider: OpenIdProvider
) -> None:
    person = (await signed_in(directory, provider, "jo")).json()["person_id"]
    async with directory.database.transaction() as tx:
        await grant(tx, UUID(person), Grant(Role.city_officer, CITY), utc_now())

    begun = (await signed_in(directory, provider, "jo")).json()
    renewed = await directory.call(
        "POST", "/sessions/refresh", json={"refresh_token": begun["refresh_token"]}
    )

    assert renewed.json()["session_id"] == begun["session_id"]
    for token in (begun["token"], renewed.json()["token"]):
        answer = await directory.call("GET", f"/cities/{CITY}/keys", token=token)
        assert answer.status_code == 200


async def test_a_citys_provider_vouches_for_nothing_elsewhere(
    directory: DirectoryUnderTest, provider: OpenIdProvider
) -> None:
    person = (await signed_in(directory, provider, "jo")).json()["person_id"]
    here, elsewhere = Grant(Role.city_officer, CITY), UUID(await directory.city("81001"))
    async with directory.database.transaction() as tx:
        for each in (here, Grant(Role.city_officer, elsewhere), Grant(Role.operator)):
            await grant(tx, UUID(person), each, utc_now())

    token = (await signed_in(directory, provider, "jo")).json()["token"]

    principal = await verified(directory, token)
    assert list(principal.grants) == [here]
    assert principal.withheld == {Role.city_officer, Role.operator}
    set_up = await directory.call("POST", "/people/me/factors/authenticator", token=token)
    assert set_up.status_code == 403  # nor may it lead to a factor that is good everywhere


async def test_an_address_that_is_not_the_providers_makes_no_account(
    directory: DirectoryUnderTest, provider: OpenIdProvider
) -> None:
    before = await people(directory)
    answer = await signed_in(directory, provider, "private-mailbox")
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (409, "sign-in-first")
    assert await people(directory) == before


async def test_a_sign_in_ends_once_however_many_try(
    directory: DirectoryUnderTest, provider: OpenIdProvider
) -> None:
    left = await departed(directory)
    back = await provider.signed_in(left["url"], "jo")
    answers = await asyncio.gather(*(arrived(directory, left, back) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 410, 410, 410, 410]


async def test_an_answer_is_taken_from_the_browser_that_left_alone(
    directory: DirectoryUnderTest, provider: OpenIdProvider
) -> None:
    left, attacker = await departed(directory), await departed(directory)
    back = await provider.signed_in(left["url"], "jo")
    for ticket, state in (
        (attacker["ticket"], back["state"]),
        ("guessed", back["state"]),
        (left["ticket"], "guessed"),
        (left["ticket"], back["state"]),  # used up by the attempt before
    ):
        answer = await arrived(directory, {"ticket": ticket}, back | {"state": state})
        assert (answer.status_code, answer.json()["type"]) == (410, "urn:cococity:problem:no-such-sign-in")


@pytest.mark.parametrize(
    ("assignment", "status"),
    [
        ("nonce = 'another'", 403),
        ("code_verifier = repeat('a', 43)", 403),
        ("provider = 'arlon'", 410),
        ("expires_at = now()", 410),
    ],
)
async def test_what_belongs_to_another_sign_in_is_refused(
    directory: DirectoryUnderTest, provider: OpenIdProvider, assignment: str, status: int
) -> None:
    left = await departed(directory)
    back = await provider.signed_in(left["url"], "jo")
    await set_column(directory, assignment)
    assert (await arrived(directory, left, back)).status_code == status
    assert await people(directory) == 0


@pytest.mark.parametrize("changed", [{"code": "made-up"}, {"iss": "https://other.example"}, {"iss": None}])
async def test_a_code_that_is_not_the_providers_is_refused(
    directory: DirectoryUnderTest, provider: OpenIdProvider, changed: dict[str, Any]
) -> None:
    left = await departed(directory)
    back = await provider.signed_in(left["url"], "jo")
    assert (await arrived(directory, left, back | changed)).status_code == 403


@pytest.mark.parametrize("login", ["nameless", "unreachable", "unproven", "hostile"])
async def test_whom_the_provider_does_not_describe_is_refused(
    directory: DirectoryUnderTest, provider: OpenIdProvider, login: str
) -> None:
    answer = await signed_in(directory, provider, login)
    assert answer.status_code == 403
    assert "script" not in answer.text
    assert await people(directory) == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"ticket": "t", "state": "s"}, "code"),
        ({"ticket": "", "state": "s", "code": "c"}, "ticket"),
        ({"ticket": "t", "state": "s" * 2_001, "code": "c"}, "state"),
        ({"ticket": "t", "state": "s", "code": 1}, "code"),
        ({"ticket": "t", "state": "s", "code": "c", "person_id": str(CITY)}, "person_id"),
    ],
)
async def test_a_malformed_arrival_names_its_field(
    directory: DirectoryUnderTest, body: dict[str, Any], field: str
) -> None:
    answer = await directory.call("POST", f"{HABAY}/arrivals", json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_hostile_tickets_and_names_are_refused(directory: DirectoryUnderTest) -> None:
    for odd in ("\x00", "\ud800", "' OR 1=1 --", "٣" * 100):
        content = json.dumps({"ticket": odd, "state": odd, "code": odd}).encode()
        headers = {"Content-Type": "application/json"}
        answer = await directory.call("POST", f"{HABAY}/arrivals", content=content, headers=headers)
        assert answer.status_code in {400, 410, 422}, odd
    for name in ("arlon", "%00", "..%2f"):
        answer = await directory.call("POST", f"/identity-providers/{name}/departures")
        assert answer.status_code == 404


async def test_the_providers_of_a_city_are_listed_without_their_configuration(
    directory: DirectoryUnderTest,
) -> None:
    listed = await directory.call("GET", f"/cities/{CITY}/identity-providers")
    assert listed.json() == {"items": [{"name": "habay", "label": "Commune de Habay"}]}
    other = await directory.call("GET", f"/cities/{uuid4()}/identity-providers")
    assert other.json() == {"items": []}


async def test_sign_ins_that_nobody_came_back_from_are_deleted(directory: DirectoryUnderTest) -> None:
    await departed(directory)
    await set_column(directory, "expires_at = now() - interval '1 second'")
    await departed(directory)
    await enforce(directory.database, RULES, utc_now())
    async with directory.database.connection() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM provider_sign_in")) == 1


@pytest.mark.parametrize("other", ["/", "/realms/other", None])
async def test_a_provider_that_is_away_or_another_one_is_unavailable(
    postgres: Postgres, template: str, tmp_path: Path, provider: OpenIdProvider, other: str | None
) -> None:
    issuer = f"http://127.0.0.1:{free_port()}" if other is None else provider.issuer + other
    file = configured(tmp_path, issuer)
    async with running_directory(postgres, template, tmp_path, identity_providers_file=file) as running:
        await a_city(running)
        answer = await running.call("POST", f"{HABAY}/departures")
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"issuer": "http://login.habay.example"}, "https"),
        ({"issuer": "https://login.habay.example?x"}, "https"),
        ({"scope": "profile"}, "openid"),
        ({"client_secret": "in plain"}, "client_secret"),
        ({"client_secret_env": "SECRET"}, "either"),
        ({"client_secret_file": "/nowhere"}, "cannot be read"),
        ({"client_secret_file": None, "client_secret_env": "COCOCITY_NO_SUCH_VARIABLE"}, "cannot be read"),
        ({"name": "Habay/.."}, "name"),
    ],
)
def test_a_configuration_that_is_not_usable_is_refused_at_the_start(
    tmp_path: Path, changed: dict[str, Any], why: str
) -> None:
    with pytest.raises(ValueError, match=why) as refused:
        read_providers(configured(tmp_path, **changed))
    assert CLIENT_SECRET not in str(refused.value)


def test_a_secret_may_come_from_a_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HABAY_SECRET", CLIENT_SECRET)
    changed: dict[str, Any] = {"client_secret_file": None, "client_secret_env": "HABAY_SECRET"}
    (found,) = read_providers(configured(tmp_path, **changed)).values()
    assert found.secret() == CLIENT_SECRET
    assert CLIENT_SECRET not in repr(found)


async def test_without_a_file_there_are_no_providers() -> None:
    office = ProviderOffice(DirectorySettings())
    async with office.opened():
        assert office.find("habay") is None

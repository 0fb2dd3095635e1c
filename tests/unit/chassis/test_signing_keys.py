import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from chassis.identity import Verifier
from chassis.ids import new_id
from chassis.problems import Problem
from chassis.settings import ServiceSettings
from chassis.signing_keys import FetchedKeys, KeysUnavailable
from tests.support.tokens import TestIssuer

MAX_AGE = 86_400


class Directory:
    """The directory's key document as a transport: can be down, and counts how often it is asked."""

    def __init__(self, issuer: TestIssuer) -> None:
        self.issuers = [issuer]
        self.down = False
        self.answer: bytes | None = None
        self.asked = 0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        await asyncio.sleep(0.01)
        if self.down:
            raise httpx.ConnectError("refused")
        if self.answer is not None:
            return httpx.Response(200, content=self.answer)
        return httpx.Response(200, json={"keys": [each.jwks()["keys"][0] for each in self.issuers]})


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def issuer() -> TestIssuer:
    return TestIssuer()


@pytest.fixture
def directory(issuer: TestIssuer) -> Directory:
    return Directory(issuer)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def new_keys(directory: Directory, clock: Clock, tmp_path: Path) -> Callable[[], FetchedKeys]:
    settings = ServiceSettings(
        jwks_url="http://directory/jwks.json",
        jwks_cache=tmp_path / "keys" / "jwks.json",
        jwks_max_age_seconds=MAX_AGE,
    )
    return lambda: FetchedKeys(settings, seconds=clock, transport=httpx.MockTransport(directory))


async def test_keys_are_fetched_once_however_many_ask_at_once(
    new_keys: Callable[[], FetchedKeys], directory: Directory, issuer: TestIssuer
) -> None:
    keys = new_keys()
    found = await asyncio.gather(*(keys.key(issuer.kid) for _ in range(20)))
    assert all(found)
    assert directory.asked == 1


async def test_a_service_that_starts_while_the_directory_is_down_authorises_from_its_cache(
    new_keys: Callable[[], FetchedKeys], directory: Directory, issuer: TestIssuer
) -> None:
    await new_keys().refresh()
    directory.down = True
    verifier = Verifier(new_keys())
    person = new_id()
    assert (await verifier.verify(issuer.token(person))).person_id == person


async def test_keys_serve_while_the_directory_is_down_but_not_beyond_their_age(
    new_keys: Callable[[], FetchedKeys], directory: Directory, issuer: TestIssuer, clock: Clock
) -> None:
    keys = new_keys()
    await keys.refresh()
    directory.down = True
    clock.now += MAX_AGE
    assert await keys.key(issuer.kid)
    clock.now += 1
    assert not keys.available()
    with pytest.raises(KeysUnavailable):
        await keys.key(issuer.kid)


async def test_without_keys_a_token_is_neither_accepted_nor_called_wrong(
    new_keys: Callable[[], FetchedKeys], directory: Directory, issuer: TestIssuer
) -> None:
    directory.down = True
    with pytest.raises(Problem) as refused:
        await Verifier(new_keys()).verify(issuer.token(new_id()))
    assert refused.value.status == 503


async def test_a_remembered_token_is_not_accepted_beyond_the_age_of_the_keys(
    new_keys: Callable[[], FetchedKeys], directory: Directory, issuer: TestIssuer, clock: Clock
) -> None:
    verifier = Verifier(new_keys())
    token = issuer.token(new_id(), seconds=3 * MAX_AGE)
    await verifier.verify(token)
    directory.down = True
    clock.now += MAX_AGE + 1
    with pytest.raises(Problem) as refused:
        await verifier.verify(token)
    assert refused.value.status == 503


async def test_a_new_key_is_found_by_asking_again(
    new_keys: Callable[[], FetchedKeys], directory: Directory, clock: Clock
) -> None:
    keys = new_keys()
    await keys.refresh()
    newcomer = TestIssuer("test-2")
    directory.issuers.append(newcomer)
    clock.now += 6
    assert await keys.key("test-2")
    assert directory.asked == 2


async def test_unknown_keys_do_not_make_the_directory_be_asked_for_each(
    new_keys: Callable[[], FetchedKeys], directory: Directory, clock: Clock
) -> None:
    keys = new_keys()
    await keys.refresh()
    clock.now += 6
    assert not any([await keys.key(f"unknown-{number}") for number in range(50)])
    assert directory.asked == 2


async def test_a_withdrawn_key_is_refused_though_its_token_was_remembered(
    new_keys: Callable[[], FetchedKeys], directory: Directory, issuer: TestIssuer, clock: Clock
) -> None:
    verifier = Verifier(new_keys())
    token = issuer.token(new_id())
    await verifier.verify(token)
    directory.issuers[:] = [TestIssuer("test-2")]
    clock.now += 700  # older than the refresh interval: the next verification looks again
    await verifier.keys.key(issuer.kid)
    await asyncio.sleep(0.05)
    with pytest.raises(Problem) as refused:
        await verifier.verify(token)
    assert refused.value.status == 401


@pytest.mark.parametrize(
    "answer", [b"", b"no json", b"[]", b"{}", b'{"keys": 7}', b'{"keys": []}', b'{"keys": [{"kty": "EC"}]}',
               b'{"keys": [{"kty": "EC", "crv": "P-256", "kid": "a", "x": "AA", "y": "AA"}]}', b"[" * 99_999,
               b'{"keys": []}' + b" " * 200_000],
    ids=range(10),
)  # fmt: skip
async def test_a_wrong_document_leaves_the_keys_as_they_are(
    answer: bytes, new_keys: Callable[[], FetchedKeys], directory: Directory, issuer: TestIssuer, clock: Clock
) -> None:
    keys = new_keys()
    await keys.refresh()
    directory.answer = answer
    clock.now += 6
    assert await keys.key("unknown") is None
    assert await keys.key(issuer.kid)
    assert await new_keys().key(issuer.kid)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"keys": [], "fetched_at": 1}', '{"keys": [1]}'])
async def test_a_broken_cache_is_as_good_as_none(
    content: str, new_keys: Callable[[], FetchedKeys], issuer: TestIssuer, tmp_path: Path
) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "jwks.json").write_text(content)
    assert await new_keys().key(issuer.kid)


async def test_the_private_part_of_a_key_is_never_kept(
    new_keys: Callable[[], FetchedKeys], issuer: TestIssuer, tmp_path: Path
) -> None:
    keys = new_keys()
    await keys.refresh()
    assert '"d"' not in (tmp_path / "keys" / "jwks.json").read_text()

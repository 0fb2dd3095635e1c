"""An account at a city's provider is connected by whoever proved just now that the account here is theirs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.directory.factors.domain import FRESH
from tests.access.provider import NAME, configured_provider
from tests.support.directory import DirectoryUnderTest, running_directory
from tests.support.factors import STEP, given, with_authenticator
from tests.support.servers import Postgres
from tests.support.signing_in import signed_in

DEPARTURES = f"/identity-providers/{NAME}/departures"


@pytest.fixture
async def with_provider(
    postgres: Postgres, template: str, tmp_path: Path
) -> AsyncIterator[DirectoryUnderTest]:
    with configured_provider(tmp_path) as providers:
        async with running_directory(
            postgres, template, tmp_path, identity_providers_file=providers
        ) as directory:
            directory.clock.offset = timedelta(minutes=-13)
            yield directory


async def kind(directory: DirectoryUnderTest, token: str | None) -> str:
    """Of the refusal. A city that does not take part is asked for last: who gets that far may connect."""
    answer = await directory.call("POST", DEPARTURES, token=token)
    return str(answer.json()["type"]).rpartition(":")[2]


async def test_an_old_session_connects_nothing_and_a_mailbox_does_not_where_there_is_a_factor(
    with_provider: DirectoryUnderTest,
) -> None:
    directory, clock = with_provider, with_provider.clock
    tokens = await signed_in(directory)
    assert await kind(directory, None) == "not-found"
    assert await kind(directory, tokens["token"]) == "not-found"
    phone, _ = await with_authenticator(directory, tokens["token"], clock)
    other = await signed_in(directory)
    assert await kind(directory, other["token"]) == "second-factor-required"
    strong = (await given(directory, other["token"], phone.code())).json()
    assert await kind(directory, strong["token"]) == "not-found"
    stranger = await signed_in(directory, "mallory@evil.example")
    clock.offset += FRESH + STEP
    assert await kind(directory, stranger["token"]) == "sign-in-too-old"
    assert await kind(directory, strong["token"]) == "second-factor-required"

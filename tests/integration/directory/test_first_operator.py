"""The first operator is invited from the server's command line, and nobody is once there is one."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from chassis.clock import utc_now
from chassis.problems import Problem
from services.directory.invitations.use_cases import invite_first_operator
from tests.integration.directory.test_invitations import ZOE, answer, roles_of, subjects, tokens
from tests.support.directory import DirectoryUnderTest

ROOT = Path(__file__).parents[3]


async def command(directory: DirectoryUnderTest, *arguments: str) -> tuple[int | None, str]:
    """Exit code and what it said, with this directory's settings."""
    settings = directory.service.settings
    environment = {
        "COCOCITY_ENVIRONMENT": "production",
        "COCOCITY_DATABASE_URL": settings.database_url,
        "COCOCITY_DATABASE_PASSWORD": settings.database_password.get_secret_value(),
        "COCOCITY_PUBLIC_URL": "https://town.example",
        "COCOCITY_SMTP_HOST": "relay.town.example",
        "COCOCITY_SMTP_FROM": "CoCoCity <directory@town.example>",
    }
    started = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.directory.first_operator", *arguments),
        cwd=ROOT,
        env=os.environ | environment,
        stdout=PIPE,
        stderr=PIPE,
    )
    out, err = await asyncio.wait_for(started.communicate(), 30)
    return started.returncode, (out + err).decode()


async def invited(directory: DirectoryUnderTest, email: str = ZOE) -> str:
    """As the command does; the token of the mail."""
    async with directory.database.transaction() as tx:
        await invite_first_operator(tx, email, "fr", on_behalf_of="town.example", at=utc_now())
    return (await tokens(directory, email))[-1]


@pytest.mark.slow
async def test_from_the_command_line_to_an_operator(directory: DirectoryUnderTest) -> None:
    code, said = await command(directory, " Zoe@Home.example ", "--language", "en")
    assert (code, said) == (0, "zoe@home.example is invited to operate this, for 7 days.\n")
    assert await subjects(directory, ZOE) == ["CoCoCity: an invitation from town.example"]
    (token,) = await tokens(directory)
    offer = (await directory.call("POST", "/invitations/read", json={"token": token})).json()
    assert (offer["role"], offer["invited_by_name"]) == ("operator", None)

    assert await answer(directory, "accept", token, "tom") == 204

    assert ("operator", None) in await roles_of(directory, "tom")
    code, said = await command(directory, "somebody.else@home.example")
    assert (code, said) == (1, "There is an operator: ask them for an invitation.\n")
    (shown,) = (await directory.call("GET", "/invitations", "tom")).json()["items"]
    assert (shown["state"], shown["invited_by"]) == ("accepted", None)


@pytest.mark.slow
@pytest.mark.parametrize("wrong", [(), ("zoe",), (ZOE, "--language", "xx"), (ZOE, "y@home.example")])
async def test_wrong_use_invites_nobody(directory: DirectoryUnderTest, wrong: tuple[str, ...]) -> None:
    code, said = await command(directory, *wrong)
    assert code == 2
    assert "usage:" in said
    assert await subjects(directory, ZOE) == []


async def test_asked_again_it_sends_a_new_link_and_the_one_before_is_worth_nothing(
    directory: DirectoryUnderTest,
) -> None:
    first, second = await invited(directory), await invited(directory)
    assert await answer(directory, "accept", first, "tom") == 404
    assert await answer(directory, "accept", second, "tom") == 204


async def test_of_several_who_are_invited_first_one_becomes_the_first(directory: DirectoryUnderTest) -> None:
    people = [f"ambassador-{number}" for number in range(1, 6)]
    offers = {person: await invited(directory, f"{person}@home.example") for person in people}
    for person in people:
        await directory.token(person)

    answers = await asyncio.gather(*(answer(directory, "accept", offers[each], each) for each in people))

    assert sorted(answers) == [204, 410, 410, 410, 410]
    listed = (await directory.call("GET", "/invitations", "otto")).json()["items"]
    assert sorted(each["state"] for each in listed) == ["accepted", "void", "void", "void", "void"]
    void = next(each["id"] for each in listed if each["state"] == "void")
    assert (await directory.call("POST", f"/invitations/{void}/resend", "otto")).status_code == 409
    assert (await directory.call("DELETE", f"/invitations/{void}", "otto")).status_code == 204


async def test_where_there_is_an_operator_nobody_is_invited(directory: DirectoryUnderTest) -> None:
    token = await invited(directory)
    await directory.token("otto")

    with pytest.raises(Problem) as refused:
        await invited(directory, "y@home.example")
    assert refused.value.status == 409
    assert await answer(directory, "accept", token, "tom") == 410

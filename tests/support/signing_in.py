"""People who sign in by mail, as a browser and a mailbox see it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.support.directory import DirectoryUnderTest

LINK = re.compile(r"https://town\.example(/api/v1/sign-in/link/\S+)")
CODE = re.compile(r"^    ([A-Z2-9]{6})\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Letter:
    """What a browser keeps, and what its mail says."""

    browser_secret: str
    code: str
    link: str
    """The path of the page."""

    def wrong_code(self) -> str:
        return "".join("A" if each != "A" else "B" for each in self.code)


async def asked(directory: DirectoryUnderTest, email: str = "zoe@home.example", **body: Any) -> Letter:
    """Somebody asks for a mail, and gets it."""
    answer = await directory.client.post("/api/v1/sign-in/mail", json={"email": email, **body})
    assert answer.status_code == 202, answer.text
    text = (await directory.mails(email.strip().lower()))[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    code, link = CODE.search(text), LINK.search(text)
    assert code is not None
    assert link is not None
    return Letter(answer.json()["browser_secret"], code[1], urlsplit(link[1]).path)


async def typed(directory: DirectoryUnderTest, letter: Letter, code: str | None = None) -> httpx.Response:
    """The code, or another one, in the browser that asked."""
    body = {"browser_secret": letter.browser_secret, "code": code or letter.code}
    return await directory.client.post("/api/v1/sign-in/code", json=body)


async def signed_in(directory: DirectoryUnderTest, email: str = "zoe@home.example") -> dict[str, Any]:
    """The tokens of a new session of theirs."""
    answer = await typed(directory, await asked(directory, email))
    assert answer.status_code == 200, answer.text
    tokens: dict[str, Any] = answer.json()
    return tokens


async def refreshed(directory: DirectoryUnderTest, refresh_token: str) -> httpx.Response:
    return await directory.client.post("/api/v1/sessions/refresh", json={"refresh_token": refresh_token})

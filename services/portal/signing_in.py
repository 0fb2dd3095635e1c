"""Signing in by a code from a mail, as pages do it that ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.portal.neighbours import Neighbours
from services.portal.sessions import Session, session_of


@dataclass(frozen=True)
class Outcome:
    """What a page shows next, by its state."""

    state: str
    status: int = 200
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Browser:
    """Who asks, as far as the directory wants to know."""

    language: str
    network: str = ""
    """`X-Forwarded-For`, as the gateway wrote it: the directory counts tries by network."""
    device: str = ""
    """What it says it is, for the list of sessions."""


async def ask_for_mail(neighbours: Neighbours, browser: Browser, email: str) -> Outcome:
    """State `code` where a mail is on its way, `who` otherwise. Raises Unanswered."""
    asked = {"email": email, "language": browser.language}
    answer = await neighbours.post("directory", "/api/v1/sign-in/mail", asked, network=browser.network)
    if answer.status == 202:
        return Outcome("code", values={"email": email, "browser_secret": answer.body["browser_secret"]})
    fault = "too often" if answer.status == 429 else "no address"
    return Outcome("who", answer.status, {"fault": fault, "email": email})


async def by_code(neighbours: Neighbours, browser: Browser, form: Mapping[str, str]) -> Session | Outcome:
    """The session for the code of the mail, or state `code` once more. Raises Unanswered."""
    typed = {"browser_secret": form.get("browser_secret", ""), "code": form.get("code", "").strip()}
    answer = await neighbours.post(
        "directory", "/api/v1/sign-in/code", typed, network=browser.network, device=browser.device
    )
    if answer.status == 200:
        return session_of(answer.body)
    fault = "too often" if answer.status == 429 else "wrong code"
    kept = {"email": form.get("email", ""), "browser_secret": typed["browser_secret"]}
    return Outcome("code", answer.status, {"fault": fault, **kept})

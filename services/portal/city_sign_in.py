"""Somebody signs in at their city's identity provider: the steps from choosing it to a session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from services.portal.neighbours import Answer, Neighbours, Unanswered
from services.portal.sessions import Session, session_of
from services.portal.signing_in import Browser, Outcome

PROVIDERS = "/api/v1/identity-providers"
_FAULTS = {
    "sign-in-first": "sign in first",
    "identity-taken": "taken",
    "no-such-sign-in": "begin again",
    "not-found": "unknown",
    "sign-in-too-old": "too old",
    "second-factor-required": "too old",
    "too-many-requests": "too often",
}
"""By the kind of a refusal, what the page says."""


@dataclass(frozen=True)
class Provider:
    """Where the staff of a city signs in, as the page shows it."""

    name: str
    label: str


@dataclass(frozen=True)
class Departure:
    """Where the browser goes on, and what it keeps until it comes back."""

    url: str
    ticket: str
    until: datetime


async def providers(neighbours: Neighbours) -> list[Provider]:
    """All there are. Raises Unanswered."""
    told = await neighbours.get("directory", PROVIDERS)
    try:
        return [Provider(str(each["name"]), str(each["label"])) for each in told["items"]]
    except (KeyError, TypeError) as error:
        raise Unanswered(f"directory: {type(error).__name__}") from error


async def depart(
    neighbours: Neighbours, browser: Browser, provider: str, session: Session | None, at: datetime
) -> Departure | Outcome:
    """Begin; with a session, to connect its account with the one at the provider. Raises Unanswered."""
    answer = await neighbours.post(
        "directory",
        _path(provider, "departures"),
        {},
        token=session.token if session else None,
        network=browser.network,
    )
    if answer.status != 200:
        return refused(answer)
    try:
        until = at + timedelta(seconds=int(answer.body["expires_in"]))
        return Departure(str(answer.body["url"]), str(answer.body["ticket"]), until)
    except (KeyError, TypeError, ValueError) as error:
        raise Unanswered(f"directory: {type(error).__name__}") from error


async def arrive(
    neighbours: Neighbours, browser: Browser, provider: str, ticket: str | None, back: Mapping[str, str]
) -> Session | Outcome:
    """What came of it, by what the provider sent the browser back with. Raises Unanswered."""
    if (
        "error" in back
    ):  # RFC 6749, section 4.1.2.1; what it says beside that is the provider's, and not shown
        return Outcome("refused", 403, {"fault": "not there"})
    if not ticket:
        return Outcome("refused", 410, {"fault": "begin again"})
    body = {"ticket": ticket, **{name: back[name] for name in ("state", "code", "iss") if name in back}}
    answer = await neighbours.post(
        "directory", _path(provider, "arrivals"), body, network=browser.network, device=browser.device
    )
    return session_of(answer.body) if answer.status == 200 else refused(answer)


def refused(answer: Answer) -> Outcome:
    """What the page says to that refusal."""
    kind = str(answer.body.get("type", "")).rpartition(":")[2]
    unknown = "begin again" if answer.status == 422 else "not identified"
    return Outcome("refused", answer.status, {"fault": _FAULTS.get(kind, unknown)})


def _path(provider: str, step: str) -> str:
    return f"{PROVIDERS}/{quote(provider, safe='')}/{step}"

"""The session of a browser: its refresh token in a cookie, and what the directory gives for that."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import jwt
from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from chassis.secret_cookie import SecretCookie
from services.portal.neighbours import Neighbours, Unanswered
from services.portal.reader import PageReader

_MOST_KNOWN = 2_000
_SPARE = timedelta(seconds=30)
"""A token is not used in its last moments: what it asks for may take some."""


@dataclass(frozen=True)
class Session:
    """Somebody who is signed in."""

    id: str | None
    token: str
    expires_at: datetime
    """Of the token."""
    display_name: str | None
    """None for somebody who has not said yet what to be called."""
    refresh_token: str
    refresh_expires_at: datetime

    @property
    def person(self) -> str:
        """Whose it is. The directory gave the token just now: its signature is for the services to check."""
        try:
            return str(jwt.decode(self.token, options={"verify_signature": False})["sub"])
        except (jwt.InvalidTokenError, KeyError):
            return ""

    def keep_in(self, response: Response, cookie: SecretCookie) -> None:
        """The browser goes on with it."""
        cookie.keep(response, self.refresh_token, self.refresh_expires_at)


async def resumed(neighbours: Neighbours, cookie: str | None) -> Session | None:
    """The session of that cookie, which is used up: the browser is to keep the new one.

    None where it is over. Raises Unanswered.
    """
    if not cookie:
        return None
    answer = await neighbours.post("directory", "/api/v1/sessions/refresh", {"refresh_token": cookie})
    return session_of(answer.body) if answer.status == 200 else None


def session_of(told: Mapping[str, Any]) -> Session:
    """The session in an answer of the directory. Raises Unanswered where it is none."""
    try:
        return Session(
            id=told.get("session_id"),
            token=str(told["token"]),
            expires_at=datetime.fromisoformat(told["expires_at"]),
            display_name=told["display_name"],
            refresh_token=str(told["refresh_token"]),
            refresh_expires_at=datetime.fromisoformat(told["refresh_expires_at"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Unanswered(f"directory: {type(error).__name__}") from error


class Sessions:
    """Who browsers are, for pages that act as somebody: a token serves for its quarter of an hour.

    Without this each page would use up the browser's cookie, and ask the directory before all else.
    """

    def __init__(self, neighbours: Neighbours, cookie: SecretCookie) -> None:
        self._neighbours = neighbours
        self.cookie = cookie
        self._known: OrderedDict[bytes, Session] = OrderedDict()

    async def of(self, request: Request, now: datetime) -> Session | None:
        """Who asks; None for nobody, and for whoever's session is over. Raises Unanswered."""
        secret = self.cookie.read(request)
        if not secret:
            return None
        known = self._known.get(_key(secret))
        if known is not None and known.expires_at - now > _SPARE:
            return known
        session = await resumed(self._neighbours, secret)
        if session is not None:
            self._remember(session)
        return session

    async def renewed(self, session: Session) -> Session | None:
        """The same with what the person became since, such as a merchant by a claim. Raises Unanswered."""
        self._known.pop(_key(session.refresh_token), None)
        renewed = await resumed(self._neighbours, session.refresh_token)
        if renewed is not None:
            self._remember(renewed)
        return renewed

    def keep(self, response: Response, session: Session) -> None:
        """The browser goes on with it: to be said on every answer that knows who asked."""
        session.keep_in(response, self.cookie)

    def to_sign_in(self, reader: PageReader, goes_on: str) -> Response:
        """For whoever is nobody: they come back to the path `goes_on` once they have signed in."""
        query = urlencode({"next": goes_on, "lang": reader.language})
        answer = RedirectResponse(f"/sign-in?{query}", 303, {"Cache-Control": "no-store"})
        self.cookie.forget(answer)
        return answer

    def _remember(self, session: Session) -> None:
        self._known[_key(session.refresh_token)] = session
        while len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)


def _key(secret: str) -> bytes:
    return sha256(secret.encode()).digest()

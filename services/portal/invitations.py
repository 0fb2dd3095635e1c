"""Somebody answers an invitation in their browser: the steps from its link to the role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.portal.neighbours import Answer, Neighbours, Unanswered
from services.portal.reader import PageReader
from services.portal.sessions import Session, resumed
from services.portal.signing_in import Browser, Outcome, ask_for_mail, by_code

_OVER = {404, 410}


@dataclass(frozen=True)
class Offer:
    """What somebody is invited to."""

    role: str
    place: str | None
    """None for all cities."""
    invited_by: str | None
    """None for the first operator, whom the installation itself invites."""
    hands_over: bool
    expires_at: datetime


@dataclass
class Visit:
    """One request of whoever has the link. It leads to a state of the page: the `offer`, `who` accepts,
    the `code`, `done`, `declined`, `over` or `away`."""

    neighbours: Neighbours
    token: str
    reader: PageReader
    network: str
    """`X-Forwarded-For`, as the gateway wrote it: the directory counts tries by network."""
    offer: Offer | None = None
    session: Session | None = None
    """Set as soon as there is one, whatever comes after: the browser's cookie is used up by then."""

    async def answer(self, form: Mapping[str, str], cookie: str | None) -> Outcome:
        """What became of a form that was sent; `{}` for somebody who just looks, which changes nothing."""
        try:
            self.offer = await self._read()
            step = form.get("do", "look")
            # An answer that is sent twice, by a double click, finds the invitation answered by itself.
            if self.offer is None and step not in {"accept", "decline"}:
                return Outcome("over", 410)
            return await self._step(step, form, cookie)
        except Unanswered:
            return Outcome("away", 503)

    async def _step(self, step: str, form: Mapping[str, str], cookie: str | None) -> Outcome:
        match step:
            case "begin":
                self.session = await resumed(self.neighbours, cookie)
                return Outcome("who")
            case "mail":
                return await ask_for_mail(self.neighbours, self._browser, form.get("email", "").strip())
            case "code":
                return await self._sign_in(form)
            case "accept":
                self.session = await resumed(self.neighbours, cookie)
                return await self._accept() if self.session else Outcome("who")
            case "decline":
                answer = await self._post("/api/v1/invitations/decline", {"token": self.token})
                return Outcome("over", 410) if answer.status in _OVER else Outcome("declined")
            case _:
                return Outcome("offer")

    async def _read(self) -> Offer | None:
        answer = await self._post("/api/v1/invitations/read", {"token": self.token})
        if answer.status in {*_OVER, 422}:
            return None
        return _offer_of(answer.body, self.reader.language)

    async def _sign_in(self, form: Mapping[str, str]) -> Outcome:
        found = await by_code(self.neighbours, self._browser, form)
        if isinstance(found, Outcome):
            return found
        self.session = found
        return await self._accept()

    async def _accept(self) -> Outcome:
        answer = await self._post("/api/v1/invitations/accept", {"token": self.token})
        if answer.status in _OVER:
            return Outcome("over", 410)
        if answer.status == 409:
            return Outcome("who", 409, {"fault": "own invitation"})
        if answer.status != 204:
            raise Unanswered(f"directory: HTTP {answer.status}")
        return Outcome("done")

    @property
    def _browser(self) -> Browser:
        return Browser(self.reader.language, self.network)

    async def _post(self, path: str, body: Mapping[str, str]) -> Answer:
        token = self.session.token if self.session else None
        return await self.neighbours.post("directory", path, body, token=token, network=self.network)


def _offer_of(told: Mapping[str, Any], language: str) -> Offer:
    try:
        city = told["city_name"] and told["city_name"]["nl" if language == "nl" else "fr"]
        return Offer(
            role=str(told["role"]),
            place=", ".join(str(part) for part in (told["place_name"], city) if part) or None,
            invited_by=told["invited_by_name"],
            hands_over=bool(told["hands_over"]),
            expires_at=datetime.fromisoformat(told["expires_at"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Unanswered(f"directory: {type(error).__name__}") from error

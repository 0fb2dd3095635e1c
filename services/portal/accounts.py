"""Somebody looks after what they prove with: the steps of the account page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from services.portal import open_sessions
from services.portal.neighbours import Answer, Neighbours, Unanswered
from services.portal.open_sessions import OpenSession
from services.portal.sessions import Session, resumed, session_of
from services.portal.sign_in_page import credential_of
from services.portal.signing_in import Outcome

FACTORS = "/api/v1/people/me/factors"
SECOND_FACTOR = "/api/v1/sessions/current/second-factor"
_FAULTS = {
    "second-factor-required": "give again",
    "sign-in-too-old": "sign in again",
    "last-factor": "last factor",
    "code-worthless": "wrong code",
    "invalid": "wrong code",
    "passkey-refused": "passkey",
    "passkey-known": "passkey",
    "challenge-over": "passkey",
    "too-many-requests": "too often",
}
"""By the kind of a refusal, what the page says."""


@dataclass(frozen=True)
class Passkey:
    """One that the person added."""

    id: UUID
    name: str
    added_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True)
class Factors:
    """What the person can prove with."""

    is_needed: bool
    is_given: bool
    authenticator_since: datetime | None
    passkeys: list[Passkey]
    recovery_codes_left: int
    at_cities: list[Mapping[str, str]]
    """Names, by language, of cities that sign the person in."""

    @property
    def is_any(self) -> bool:
        return bool(self.passkeys) or self.authenticator_since is not None


@dataclass
class Account:
    """One request of somebody who is signed in."""

    neighbours: Neighbours
    session: Session
    network: str

    async def do(self, form: Mapping[str, str]) -> Outcome:
        """What a form of the page does: state `home`, `set up`, `codes` (shown once) or `over`."""
        match form.get("do"):
            case "give-code":
                return await self._give("code", {"code": form.get("code", "").strip()})
            case "give-recovery-code":
                return await self._give("recovery-code", {"code": form.get("code", "").strip()})
            case "give-passkey":
                return await self._give("passkey", {"credential": credential_of(form)})
            case "set-up":
                return await self._set_up()
            case "confirm":
                return await self._confirm(form)
            case "add-passkey":
                body = {"credential": credential_of(form), "name": form.get("name", "").strip()}
                return self._added(await self._send("POST", f"{FACTORS}/passkeys", body))
            case "remake-codes":
                answer = await self._send("POST", f"{FACTORS}/recovery-codes")
                codes = {"codes": answer.body.get("recovery_codes")}
                return Outcome("codes", values=codes) if answer.status == 200 else _refused(answer)
            case "remove-authenticator":
                return await self._remove(f"{FACTORS}/authenticator")
            case "remove-passkey":
                return await self._remove(f"{FACTORS}/passkeys/{_id(form.get('passkey', ''))}")
            case "end-session" | "end-others":
                return await self._end(form)
            case "prove":  # a passkey is to be added, and nothing fresh was given
                fault = "give again" if (await self.factors()).is_any else "sign in again"
                return Outcome("home", values={"fault": fault})
            case _:
                return Outcome("home")

    async def factors(self) -> Factors:
        """As they are now. Raises Unanswered."""
        told = (await self._send("GET", FACTORS)).body
        try:
            return Factors(
                is_needed=bool(told["is_needed"]),
                is_given=bool(told["is_given"]),
                authenticator_since=_time(told["authenticator"] and told["authenticator"]["confirmed_at"]),
                passkeys=[_passkey(each) for each in told["passkeys"]],
                recovery_codes_left=int(told["recovery_codes_left"]),
                at_cities=[each["name"] for each in told.get("at_cities", ())],
            )
        except (KeyError, TypeError, ValueError) as error:
            raise Unanswered(f"directory: {type(error).__name__}") from error

    async def sessions(self) -> Sequence[OpenSession]:
        """Where the person is signed in. Raises Unanswered."""
        return await open_sessions.listed(self.neighbours, self.session.token, datetime.now(UTC))

    async def challenge(self, purpose: str) -> Answer:
        """What a passkey is to sign, to be added or to be given."""
        path = f"{FACTORS}/passkeys" if purpose == "add" else f"{SECOND_FACTOR}/passkey"
        return await self._send("POST", f"{path}/challenge")

    async def sign_out(self) -> None:
        """The session is over."""
        await self._send("DELETE", f"/api/v1/sessions/{self.session.id}")

    async def _give(self, kind: str, body: Mapping[str, Any]) -> Outcome:
        answer = await self._send("POST", f"{SECOND_FACTOR}/{kind}", body)
        if answer.status != 200:
            return _refused(answer)
        self.session = session_of(answer.body)
        return Outcome("home", values={"done": "given"})

    async def _set_up(self) -> Outcome:
        answer = await self._send("POST", f"{FACTORS}/authenticator")
        if answer.status != 200:
            return _refused(answer)
        return Outcome("set up", values={"secret": answer.body["secret"], "qr": answer.body["qr_svg"]})

    async def _confirm(self, form: Mapping[str, str]) -> Outcome:
        body = {"code": form.get("code", "").strip()}
        answer = await self._send("POST", f"{FACTORS}/authenticator/confirmation", body)
        if answer.status in {410, 422}:
            again = {"secret": form.get("secret", ""), "fault": "wrong code"}
            return Outcome("set up", answer.status, again)
        return self._added(answer)

    def _added(self, answer: Answer) -> Outcome:
        if answer.status not in {200, 201}:
            return _refused(answer)
        self.session = session_of(answer.body["session"])
        codes = answer.body["recovery_codes"]
        return (
            Outcome("codes", values={"codes": codes}) if codes else Outcome("home", values={"done": "added"})
        )

    async def _end(self, form: Mapping[str, str]) -> Outcome:
        sessions = [_id(form.get("session", ""))]
        if form.get("do") == "end-others":
            sessions = [each.id for each in await self.sessions() if not each.is_this_one]
        is_done = await open_sessions.end(self.neighbours, self.session.token, sessions)
        return Outcome("home", values={"done": "ended"} if is_done else {"fault": "refused"})

    async def _remove(self, path: str) -> Outcome:
        answer = await self._send("DELETE", path)
        if answer.status != 204:
            return _refused(answer)
        # What was removed makes this session strong no more; one that had begun with it is over.
        renewed = await resumed(self.neighbours, self.session.refresh_token)
        if renewed is None:
            return Outcome("over")
        self.session = renewed
        return Outcome("home", values={"done": "removed"})

    async def _send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        return await self.neighbours.send(
            method, "directory", path, body, token=self.session.token, network=self.network
        )


def _refused(answer: Answer) -> Outcome:
    kind = str(answer.body.get("type", "")).rpartition(":")[2]
    return Outcome("home", answer.status, {"fault": _FAULTS.get(kind, "refused")})


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def _time(text: Any) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _passkey(told: Mapping[str, Any]) -> Passkey:
    added_at = datetime.fromisoformat(told["added_at"])
    return Passkey(UUID(told["id"]), str(told["name"]), added_at, _time(told["last_used_at"]))

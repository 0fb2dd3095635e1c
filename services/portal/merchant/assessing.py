"""Answers on the way: a draft that assessment keeps, and which question comes next.

The browser keeps the draft's secret in a cookie, so that who was interrupted goes on in the same browser.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.portal.neighbours import Answer, Unanswered
from services.portal.visitors import Anybody, Visitor

PATH = "/api/v1/assessment-drafts"

Answers = Mapping[str, Any]
"""By key of the question: keys of options, or a whole number."""


@dataclass(frozen=True)
class Draft:
    """One that was begun, with its questions in the reader's language."""

    id: str
    secret: str
    etag: str
    answers: Answers
    questionnaire: Mapping[str, Any]
    expires_at: datetime

    @property
    def kept_as(self) -> str:
        """What the browser keeps of it."""
        return f"{self.id}.{self.secret}"

    def asked(self) -> Sequence[Mapping[str, Any]]:
        """The questions that are asked after these answers."""
        return [each for each in self.questionnaire["questions"] if is_asked(each, self.answers)]

    def first_open(self) -> int:
        """The number, from 1, of the first question without an answer; of the last where all have one."""
        asked = self.asked()
        return next(
            (number for number, each in enumerate(asked, 1) if each["key"] not in self.answers), len(asked)
        )


def is_asked(question: Mapping[str, Any], answers: Answers) -> bool:
    """Whether its condition, if it has one, is met: as assessment itself shows it."""
    condition = question["shown_if"]
    if condition is None:
        return True
    given = answers.get(condition["question"])
    if given is None:
        return False
    if isinstance(given, int):
        low, high = condition["at_least"], condition["at_most"]
        return (low is None or given >= low) and (high is None or given <= high)
    return not set(given).isdisjoint(condition["any_of"])


async def start(visitor: Anybody, name: str) -> Draft | None:
    """A new draft of the newest version; None for a questionnaire that is none. Raises Unanswered."""
    questionnaire = await visitor.found("assessment", f"/api/v1/questionnaires/{name}")
    if questionnaire is None:
        return None
    body = {"questionnaire": questionnaire["name"], "version": questionnaire["version"]}
    answer = await visitor.write("POST", "assessment", PATH, body)
    if answer.status != 201:
        raise Unanswered(f"assessment: HTTP {answer.status}")
    return _draft(answer, str(answer.body["secret"]), questionnaire)


async def resume(visitor: Anybody, kept: str | None) -> Draft | None:
    """The draft that the browser keeps; None where it is over. Raises Unanswered."""
    found = _apart(kept)
    if found is None:
        return None
    answer = await visitor.send("GET", "assessment", f"{PATH}/{found[0]}", headers={"Draft-Secret": found[1]})
    if answer.status != 200:
        return None
    questionnaire = await visitor.found(
        "assessment",
        f"/api/v1/questionnaires/{answer.body['questionnaire']}",
        version=answer.body["version"],
    )
    return _draft(answer, found[1], questionnaire) if questionnaire else None


async def save(
    visitor: Anybody, draft: Draft, question: Mapping[str, Any], values: Sequence[str]
) -> Draft | str:
    """The draft with that answer, or what hinders it. Without values the question is skipped."""
    answers = {key: given for key, given in draft.answers.items() if key != question["key"]}
    if values:
        if question["range"] is None:
            answers[question["key"]] = list(values)
        elif values[0].lstrip("-").isdigit():
            answers[question["key"]] = int(values[0])
        else:
            return "number"
    by_key = {each["key"]: each for each in draft.questionnaire["questions"]}
    kept = {key: given for key, given in answers.items() if is_asked(by_key[key], answers)}
    secret = {"Draft-Secret": draft.secret}
    answer = await visitor.write(
        "PUT", "assessment", f"{PATH}/{draft.id}", {"answers": kept}, etag=draft.etag, headers=secret
    )
    if answer.status == 412:
        return "changed"
    return _draft(answer, draft.secret, draft.questionnaire) if answer.status == 200 else "answer"


async def hand_in(visitor: Visitor, draft: Draft, merchant_id: UUID) -> Answer:
    """It becomes an assessment of the shop. Raises Unanswered."""
    return await visitor.write(
        "POST",
        "assessment",
        f"{PATH}/{draft.id}/assessment",
        {"merchant_id": str(merchant_id)},
        attempt=f"hand-in-{draft.id}",
        headers={"Draft-Secret": draft.secret},
    )


async def outcome_of(visitor: Anybody, draft: Draft) -> Mapping[str, Any] | None:
    """What its answers come to so far; None where they come to nothing. Raises Unanswered."""
    path = f"{PATH}/{draft.id}/outcome"
    answer = await visitor.send("GET", "assessment", path, headers={"Draft-Secret": draft.secret})
    return answer.body if answer.status == 200 else None


async def proposal_of(visitor: Anybody, draft: Draft) -> Mapping[str, Any] | None:
    """The shop that was proposed with it, and what became of that; None before. Raises Unanswered."""
    path = f"{PATH}/{draft.id}/proposal"
    answer = await visitor.send("GET", "assessment", path, headers={"Draft-Secret": draft.secret})
    return answer.body if answer.status == 200 else None


async def propose(visitor: Anybody, draft: Draft, shop: Mapping[str, str | None]) -> Answer:
    """Its shop, for the directory. Raises Unanswered."""
    path = f"{PATH}/{draft.id}/proposal"
    return await visitor.write("PUT", "assessment", path, shop, headers={"Draft-Secret": draft.secret})


def _draft(answer: Answer, secret: str, questionnaire: Mapping[str, Any]) -> Draft:
    told = answer.body
    until = datetime.fromisoformat(told["expires_at"])
    return Draft(str(told["id"]), secret, answer.etag, told["answers"], questionnaire, until)


def _apart(kept: str | None) -> tuple[UUID, str] | None:
    draft_id, _, secret = (kept or "").partition(".")
    try:
        return UUID(draft_id), secret
    except ValueError:
        return None

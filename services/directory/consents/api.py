"""Consents over HTTP: the texts of today, what one agreed to, agreeing and withdrawing."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter

from chassis.access import MAY_PERSON, PUBLIC
from chassis.http import Body, Db, Now, Shown, Token
from chassis.identity import Principal
from chassis.ids import new_id
from chassis.openapi import problems
from services.directory.consents import use_cases
from services.directory.consents.domain import Age, Consent, Purpose
from services.directory.consents.texts import TEXTS, current

router = APIRouter(prefix="/api/v1/people", tags=["consents"])

Signed = Annotated[Principal, MAY_PERSON]
Language = Literal["fr", "nl", "de", "en"]


class Agree(Body):
    """The text that was shown, by its version and language, and how old the person says they are."""

    version: Token
    language: Language
    age: Age


class ConsentShown(Shown):
    """What was agreed to, from when on and until when."""

    purpose: Purpose
    version: str
    language: str
    age: Age
    text: str
    given_at: datetime
    withdrawn_at: datetime | None
    asks_again: bool
    """Whether the text has changed since: it counts no more until the person agrees to the new one."""


class Consents(Shown):
    """In the order they were given, those that ended too."""

    items: list[ConsentShown]


class TextShown(Shown):
    """What is to be agreed to today, in one language."""

    purpose: Purpose
    version: str
    language: str
    text: str


class ConsentTexts(Shown):
    """One for each purpose."""

    items: list[TextShown]


@router.get("/consent-texts", response_model=ConsentTexts, dependencies=[PUBLIC])
async def list_consent_texts(language: Language = "fr") -> ConsentTexts:
    """The texts of today, to be shown before anybody agrees."""
    return ConsentTexts(
        items=[
            TextShown(
                purpose=purpose,
                version=current(purpose),
                language=language,
                text=TEXTS[purpose][current(purpose)][language],
            )
            for purpose in Purpose
        ]
    )


@router.get("/me/consents", response_model=Consents)
async def list_my_consents(principal: Signed, db: Db) -> Consents:
    """All that one ever agreed to, with the text as it was."""
    async with db.connection() as connection:
        found = await use_cases.of_person(connection, principal.person_id)
    return Consents(items=[_shown(each) for each in found])


@router.put("/me/consents/{purpose}", response_model=ConsentShown, responses=problems(403, 404, 409))
async def give_consent(purpose: Purpose, asked: Agree, principal: Signed, db: Db, now: Now) -> ConsentShown:
    """Agree to the text of today: 13 or older to take part, 18 or older to be in a public ranking."""
    wanted = Consent(
        new_id(), principal.person_id, purpose, asked.version, asked.language, asked.age, given_at=now()
    )
    async with db.transaction() as tx:
        return _shown(await use_cases.give(tx, wanted))


@router.delete("/me/consents/{purpose}", status_code=204)
async def withdraw_consent(purpose: Purpose, principal: Signed, db: Db, now: Now) -> None:
    """Agree no more, from now on. As easy as agreeing (GDPR art. 7(3)); repeated, it changes nothing."""
    async with db.transaction() as tx:
        await use_cases.withdraw(tx, principal.person_id, purpose, now())


def _shown(of: Consent) -> ConsentShown:
    return ConsentShown(
        purpose=of.purpose,
        version=of.version,
        language=of.language,
        age=of.age,
        text=TEXTS[of.purpose][of.version][of.language],
        given_at=of.given_at,
        withdrawn_at=of.withdrawn_at,
        asks_again=of.withdrawn_at is None and of.version != current(of.purpose),
    )

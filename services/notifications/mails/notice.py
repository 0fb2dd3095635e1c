"""A mail about one notification."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from services.notifications.advice.steps import step_name
from services.notifications.feed.kinds import kind_of
from services.notifications.feed.places import MESSAGES, place_of
from services.notifications.feed.wording import words_for
from services.notifications.languages import translations
from services.notifications.mails.content import Content, Step
from services.notifications.recipients import RecipientKind


def notice(
    mail: UUID,
    kind: str,
    data: Mapping[str, Any],
    language: str,
    *,
    name: str,
    token: str | None,
    now: datetime,
) -> Content:
    """What is written about a notification of that kind, to whoever agreed to be written to about `name`."""
    words = words_for(kind, data, language)
    step = step_name(data.get("first_step") or "", language) or words.step
    whose, place = kind_of(kind).recipient, place_of(kind, data)
    return Content(
        mail,
        language,
        kind,
        name,
        title=words.title,
        lead=words.text,
        reason=f"{words.because} {agreed(whose, language)}" if token else words.because,
        token=token,
        written_at=now,
        step=Step(step) if step else None,
        path=place or feed_of(whose),
        is_about_path=place is not None,
    )


def agreed(whose: RecipientKind, language: str) -> str:
    """Why the recipient is written to at all."""
    said = translations(language)
    if whose is RecipientKind.person:
        return str(said.ugettext("You receive this mail because you agreed to mails."))
    return str(said.ugettext("You receive this mail because you agreed to mails about this shop."))


def feed_of(whose: RecipientKind) -> str:
    """Where everything that was told is read."""
    return MESSAGES if whose is RecipientKind.person else "/"

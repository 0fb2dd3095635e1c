"""A mail about one notification."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from services.notifications.advice.steps import step_name
from services.notifications.feed.wording import words_for
from services.notifications.languages import translations
from services.notifications.mails.content import Content, Step


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
    agreed = translations(language).ugettext(
        "You receive this mail because you agreed to mails about this shop."
    )
    return Content(
        mail,
        language,
        kind,
        name,
        title=words.title,
        lead=words.text,
        reason=f"{words.because} {agreed}" if token else words.because,
        token=token,
        written_at=now,
        step=Step(step) if step else None,
    )

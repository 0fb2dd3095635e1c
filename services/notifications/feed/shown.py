"""A notification as it is sent to people."""

from __future__ import annotations

from typing import Any

from services.notifications.feed.places import place_of
from services.notifications.feed.reading import Entry
from services.notifications.feed.wording import words_for


def shown(entry: Entry, language: str) -> dict[str, Any]:
    """With its words in that language."""
    words = words_for(entry.kind, entry.data, language)
    return {
        "sequence": entry.sequence,
        "id": entry.id,
        "kind": entry.kind,
        "title": words.title,
        "text": words.in_full(),
        "because": words.because,
        "path": place_of(entry.kind, entry.data),
        "data": entry.data,
        "created_at": entry.created_at,
        "read_at": entry.read_at,
    }

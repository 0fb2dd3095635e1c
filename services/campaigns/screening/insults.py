"""The list of words that insult people: data, in `insults.yaml`, with its limits."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

from services.campaigns.screening.fingerprint import folded

_LIST = Path(__file__).with_name("insults.yaml")


def insults_in(text: str) -> list[str]:
    """Entries of the list that a folded text holds as words of their own, sorted."""
    found = f" {text} "
    return [word for word in _insults() if f" {word} " in found]


@cache
def _insults() -> tuple[str, ...]:
    words: dict[str, list[str]] = yaml.safe_load(_LIST.read_text())
    return tuple(sorted({folded(word) for each in words.values() for word in each}))

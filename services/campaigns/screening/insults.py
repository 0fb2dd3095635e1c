"""The list of words that insult people: data, in `insults.yaml`, with its limits."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

from services.campaigns.screening.fingerprint import folded

_LIST = Path(__file__).with_name("insults.yaml")


def insults_in(text: str) -> list[str]:
    """Entries of the list that a folded text holds as words of their own, sorted."""
    found, begun_with = f" {text} ", _insults()
    begun = begun_with.keys() & text.split()
    return sorted(each for first in begun for each in begun_with[first] if f" {each} " in found)


@cache
def _insults() -> dict[str, set[str]]:
    """By their first word."""
    listed: dict[str, list[str]] = yaml.safe_load(_LIST.read_text())
    insults: dict[str, set[str]] = {}
    for each in (folded(entry) for entries in listed.values() for entry in entries):
        insults.setdefault(each.split()[0], set()).add(each)
    return insults

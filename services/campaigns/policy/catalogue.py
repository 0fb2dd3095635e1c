"""The rules, read and checked when the service starts."""

from functools import cache
from pathlib import Path

import msgspec.yaml

from services.campaigns.policy.domain import Rule

FILE = Path(__file__).with_name("rules.yaml")


class BadRules(ValueError):
    """Says what is wrong with the file."""


@cache
def rules() -> tuple[Rule, ...]:
    """All, in the order of the file. Raises BadRules."""
    return read(FILE.read_bytes())


def read(body: bytes) -> tuple[Rule, ...]:
    """Raises BadRules where a field is missing or misspelt, a source is, or a key comes twice."""
    try:
        found = msgspec.yaml.decode(body, type=tuple[Rule, ...])
    except msgspec.DecodeError as error:
        raise BadRules(str(error)) from error
    keys = [rule.key for rule in found]
    if len(set(keys)) < len(keys):
        raise BadRules("a key comes twice")
    for rule in found:
        if not rule.sources or not all(map(str.strip, msgspec.structs.astuple(rule.text))):
            raise BadRules(f"{rule.key}: has no source, or lacks its words in a language")
    return found

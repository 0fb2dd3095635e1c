"""The kinds of shop that a form offers to choose from."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec.yaml

from services.assessment.questionnaires.domain.questions import Key, Part, Text

FILE = Path(__file__).with_name("kinds.yaml")


class MerchantKind(Part, frozen=True):
    key: Key
    title: Text
    listed_as: tuple[str, ...]
    """What the directory lists such a shop as."""


@cache
def merchant_kinds() -> Mapping[str, MerchantKind]:
    """By key, in the order in which they are offered."""
    kinds = msgspec.yaml.decode(FILE.read_bytes(), type=list[MerchantKind])
    return {each.key: each for each in kinds}

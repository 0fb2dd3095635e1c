"""The pace of suggestions, as data; and the weeks they are counted in. Pure but for reading the file once."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated

import msgspec.yaml

FILE = Path(__file__).with_name("pacing.yaml")
Some = Annotated[int, msgspec.Meta(ge=1, le=100)]


class Pacing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """See the file."""

    people_a_week: Some
    shops_a_week: Some
    rest_weeks: Some
    enough_in_a_week: Some


@cache
def pacing() -> Pacing:
    """Raises msgspec.ValidationError where a number is missing, misspelt or out of all reason."""
    return msgspec.yaml.decode(FILE.read_bytes(), type=Pacing)


def week_of(day: date) -> date:
    """Its Monday."""
    return day - timedelta(days=day.weekday())

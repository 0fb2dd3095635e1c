"""Answers as they are sent: by key of the question, the keys of the chosen options or a whole number."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainValidator

from chassis.http import Token

MOST_ANSWERS = 100
_OPTION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:=-]{0,99}")
_LARGEST = 2**31 - 1


def _item(value: Any) -> str | int:
    if isinstance(value, str) and _OPTION.fullmatch(value):
        return value
    # A bool is an int to Python, and no number to anybody else.
    if type(value) is int and -_LARGEST <= value <= _LARGEST:
        return value
    raise ValueError("is neither the key of an option nor a whole number")


def _one_or_many(value: Any) -> Any:
    return [value] if isinstance(value, str | int) else value


_Item = Annotated[str | int, PlainValidator(_item, json_schema_input_type=str | int)]
_Given = Annotated[
    list[_Item],
    BeforeValidator(_one_or_many, json_schema_input_type=str | int | list[str]),
    Field(max_length=MOST_ANSWERS),
]
GivenAnswers = Annotated[dict[Token, _Given], Field(max_length=MOST_ANSWERS)]
"""A single choice, a place on a scale and a number may be given without a list."""

"""Which of the languages on offer a reader gets: RFC 9110, section 12.5.4."""

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import Depends, Header, Query, Response

LANGUAGES = ("fr", "nl", "de", "en")
"""Those of the country, the first where nothing else is asked for, and that of visitors."""
_LONGEST = 500


def preferred(accept_language: str | None, offered: Sequence[str]) -> str:
    """The offered language that the header wishes for most; the first one where it wishes for none of them.

    `fr-BE` is content with `fr`. Malformed parts of the header are passed over.
    """
    best, best_weight = offered[0], 0.0
    for part in (accept_language or "")[:_LONGEST].split(","):
        tag, _, parameter = part.strip().partition(";")
        language = tag.split("-", 1)[0].lower()
        weight = _weight(parameter)
        if language in offered and weight > best_weight:
            best, best_weight = language, weight
    return best


def labelled(label: str, value: object, language: str) -> str:
    """`label: value`; in French a space that does not break stands before the colon."""
    return f"{label}\u00a0: {value}" if language == "fr" else f"{label}: {value}"


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if not name:
        return 1.0
    try:
        return min(float(value), 1.0) if name.strip() == "q" else 0.0
    except ValueError:
        return 0.0


async def _of_the_reader(
    response: Response,
    language: Annotated[
        Literal["fr", "nl", "de", "en"] | None, Query(description="Goes before the Accept-Language header.")
    ] = None,
    accept_language: Annotated[str | None, Header()] = None,
) -> str:
    chosen = language or preferred(accept_language, LANGUAGES)
    response.headers["Content-Language"] = chosen
    response.headers["Vary"] = "Accept-Language"
    return chosen


ReadersLanguage = Annotated[str, Depends(_of_the_reader)]
"""The language to answer in: the parameter `language`, else what the header wishes for. Caches are told."""

"""Two people who edit the same thing: the second is told, instead of undoing what the first did.

RFC 9110, section 13: an `ETag` made of the version, `If-Match` required on every change of such a thing.
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header

from chassis.problems import Problem

_LONGEST = 1_000


def etag(version: int) -> str:
    """The ETag of a version, with the quotes that belong to it."""
    return f'"{version}"'


@dataclass(frozen=True, slots=True)
class Expected:
    """The versions a client says it has seen; any, for `*`."""

    tags: frozenset[str]

    def check(self, version: int) -> None:
        """Return where `version` was seen; raise a 412 Problem otherwise."""
        # Strong comparison: a weak tag (W/"…") never matches.
        if "*" not in self.tags and etag(version) not in self.tags:
            detail = "Somebody changed this in the meantime. Read it again, then decide."
            raise Problem(
                412, "version-changed", "Changed in the meantime", detail, headers={"ETag": etag(version)}
            )


async def _expected(
    if_match: Annotated[
        str | None, Header(max_length=_LONGEST, description="The ETag that was read, or `*`.")
    ] = None,
) -> Expected:
    if if_match is None:
        detail = "Send the ETag you read as If-Match, so that nobody's change is lost."
        raise Problem(428, "if-match-required", "A precondition is required", detail, field="If-Match")
    return Expected(frozenset(tag.strip() for tag in if_match.split(",")))


IfMatch = Annotated[Expected, Depends(_expected)]
"""Required `If-Match`: 428 without; `check(version)` inside the transaction, once the row is locked."""

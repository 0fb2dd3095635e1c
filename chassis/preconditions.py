"""Two people who edit the same thing: the second is told, instead of undoing what the first did.

RFC 9110, section 13: an `ETag` made of the version, `If-Match` required on every change of such a thing.
"""

import re
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header

from chassis.problems import Problem

_LONGEST = 1_000
_OURS = re.compile(r'"[0-9]{1,9}"')


def etag(version: int) -> str:
    """The ETag of a version, with the quotes that belong to it."""
    return f'"{version}"'


@dataclass(frozen=True, slots=True)
class Expected:
    """The versions a client says it has seen; any, for `*`."""

    tags: frozenset[str]

    def includes(self, version: int) -> bool:
        """Whether `version` was seen."""
        # Strong comparison: a weak tag (W/"…") never matches.
        return "*" in self.tags or etag(version) in self.tags

    def newest(self) -> int:
        """The newest version that was seen; 0 where no tag is one of ours."""
        return max((int(each[1:-1]) for each in self.tags if _OURS.fullmatch(each)), default=0)

    def check(self, version: int, **told: Any) -> None:
        """Return where `version` was seen; raise a 412 Problem otherwise, with `told` among its members."""
        if not self.includes(version):
            detail = "Somebody changed this in the meantime. Read it again, then decide."
            headers = {"ETag": etag(version)}
            raise Problem(412, "version-changed", "Changed in the meantime", detail, headers=headers, **told)


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

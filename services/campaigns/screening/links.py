"""Whether a text leads somewhere else. Pure."""

from __future__ import annotations

import re

# Names in lower case alone: "Top.De winkel" lacks a space, and is no address.
_LINK = re.compile(
    r"""https?:// | \bwww\.
      | [\w.+-]+@[\w-]+\.\w                                         # mail
      | \b[a-z0-9-]{2,}\.(?:be|brussels|vlaanderen|fr|nl|de|lu|eu|com|net|org|info|biz|shop|store|site
                          |online|io|me|ly|co|gl|link|page|app)\b
      | \[\s*(?:dot|point|punt|punkt)\s*\] | \(\s*(?:dot|point|punt|punkt)\s*\)   # "example (dot) org"
    """,
    re.VERBOSE,
)


def has_link(text: str) -> bool:
    """Whether it leads somewhere else: an address of the web or of mail, also one a little disguised."""
    return _LINK.search(text) is not None

"""What a code is made of, and how long link and code are good."""

from datetime import timedelta

GOOD_FOR = timedelta(minutes=10)
MOST_TRIES = 5
"""Of one code. With six characters out of 31, five tries hit once in 177 million."""
CODE_LENGTH = 6
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without those that are read as one another: 0 and O, 1, I and L."""


def as_typed(code: str) -> str:
    """A code as it was sent, however it was typed: small letters, blanks, a hyphen in between."""
    return "".join(code.split()).replace("-", "").upper()

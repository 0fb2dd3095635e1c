"""Which of a person's grants a session may carry into its tokens.

Whoever works for a city, an association or this installation sees and decides what is others'. A mailbox
alone is no proof enough for that: these roles appear in a token only where the session was strengthened by a
second factor. A new way to sign in names itself in the session's methods (`amr`, RFC 8176) and, where it is
a factor of its own beside the mailbox, in SECOND_FACTORS.
"""

from collections.abc import Collection, Iterable

from chassis.identity import Grant, Role

MAIL = "mail"
"""Code or link from a mail. RFC 8176 has no name for it."""
DEMO = "demo"
"""Somebody of the demonstration: nothing was proved, and there is no such sign-in in production."""
SECOND_FACTORS = frozenset({"otp", "hwk", "swk", "mfa"})
"""One-time password, key in hardware or software (passkey), or several, as an identity provider calls it."""
STAFF = frozenset({Role.city_officer, Role.association_officer, Role.consultant, Role.operator})


def is_strong(methods: Collection[str]) -> bool:
    """Whether a session of these methods may act with every role of its person."""
    return DEMO in methods or not SECOND_FACTORS.isdisjoint(methods)


def carried(grants: Iterable[Grant], methods: Collection[str]) -> list[Grant]:
    """Those of a person's grants that a session of these methods may act with."""
    strong = is_strong(methods)
    return [grant for grant in grants if strong or grant.role not in STAFF]


def withheld(grants: Iterable[Grant], methods: Collection[str]) -> frozenset[Role]:
    """The roles that are missing in its tokens until a second factor is given."""
    return frozenset() if is_strong(methods) else STAFF & {grant.role for grant in grants}

"""Mail addresses of persons: one form for each, because an address is how a person is known."""

from typing import Annotated

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, StringConstraints

_LONGEST = 254


def normal(email: str) -> str:
    """The one form of an address: no blanks around it, small letters, its domain in ASCII. Raises ValueError.

    RFC 5321 lets the part before the @ tell capitals apart; no provider does, and people type both.
    """
    try:
        found = validate_email(email.strip(), allow_smtputf8=False, check_deliverability=False)
    except EmailNotValidError:
        raise ValueError("is not a mail address") from None
    return f"{found.local_part}@{found.ascii_domain}".lower()


EmailAddress = Annotated[str, StringConstraints(max_length=_LONGEST), AfterValidator(normal)]
"""A mail address in a request, in its one form."""

"""Name and secret by HTTP Basic (RFC 7617): how services and cities' own systems sign in."""

import base64
import binascii

from chassis.problems import Problem

NOT_KEPT = {"Cache-Control": "no-store"}
_LONGEST = 1_000


def basic_credentials(header: str | None) -> tuple[str, str]:
    """Name and secret of an Authorization header. Raises a 401 Problem where it holds none."""
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic" or len(encoded) > _LONGEST:
        raise refused("Sign in with name and secret by HTTP Basic.")
    try:
        name, _, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise refused("The credentials cannot be read.") from None
    return name, secret


def refused(detail: str) -> Problem:
    """401, with what to sign in by."""
    challenge = {"WWW-Authenticate": 'Basic realm="cococity", charset="UTF-8"'}
    return Problem(401, "unauthorised", "Not signed in", detail, headers=challenge)

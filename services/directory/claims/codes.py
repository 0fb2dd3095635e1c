"""The secrets of an invitation: codes that claim a shop or object to its listing, the link to its audience.

None is stored. All are made of a key and the invitation's id, so that a letter can be printed again as
it was after a kill, and a copy of the database tells nobody how to claim a shop: it holds digests alone.
"""

import base64
import hmac
from hashlib import sha256
from uuid import UUID

from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_37_36

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, which are read as 1, 1, 0 and V."""
INVITATIONS = "invitations"
"""What the key that codes and pages are made of is derived for."""
_BITS = 75
"""Too many to try, even for somebody who has the digests: a fast hash is enough."""
_SYMBOLS = _BITS // 5
_GROUP = 4
_READ_AS = str.maketrans("OIL", "011", " -\u2010\u2011\u2013\u00a0\t")
_PAGE_BYTES = 18


def claim_code(key: bytes, invitation_id: UUID) -> str:
    """The code that claims the shop: 75 bits and a check character, in four groups of four."""
    return _printable(_made(key, b"code", invitation_id))


def objection_code(key: bytes, invitation_id: UUID) -> str:
    """The code that takes the shop off the list; it looks the same and is another."""
    return _printable(_made(key, b"objection", invitation_id))


def _printable(secret: bytes) -> str:
    number = int.from_bytes(secret) >> (256 - _BITS)
    symbols = "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(_SYMBOLS)))
    whole = symbols + mod_37_36.calc_check_digit(symbols, ALPHABET)
    return "-".join(whole[start : start + _GROUP] for start in range(0, len(whole), _GROUP))


def read_code(typed: str) -> str:
    """A code as somebody typed it, in its one form. Raises ValueError where it can be none.

    The check character (ISO 7064, hybrid MOD 33,32) finds every mistyped character, and nearly all pairs that
    changed places.
    """
    code = typed.upper().translate(_READ_AS)
    if len(code) != _SYMBOLS + 1 or not set(code) <= set(ALPHABET):
        raise ValueError(f"is not a code: it has {_SYMBOLS + 1} letters and figures")
    try:
        mod_37_36.validate(code, ALPHABET)
    except ValidationError:
        raise ValueError("is mistyped: its last character does not fit the others") from None
    return code


def code_digest(merchant_id: UUID, code: str) -> bytes:
    """What is stored of a code: it is one merchant's."""
    return sha256(merchant_id.bytes + read_code(code).encode()).digest()


def objection_digest(code: str) -> bytes:
    """What is stored of a code to object with; whoever sends it need not say which shop it is."""
    return sha256(b"objection" + read_code(code).encode()).digest()


def page_secret(key: bytes, invitation_id: UUID) -> str:
    """The secret in the address of an audience page: 144 bits, 24 characters."""
    return base64.urlsafe_b64encode(_made(key, b"page", invitation_id)[:_PAGE_BYTES]).decode()


def page_digest(secret: str) -> bytes:
    """What is stored of a page's secret."""
    return sha256(secret.encode()).digest()


def _made(key: bytes, purpose: bytes, invitation_id: UUID) -> bytes:
    return hmac.digest(key, purpose + invitation_id.bytes, "sha256")

"""Numbers of the Crossroads Bank for Enterprises (BCE/KBO): of an enterprise, and of an establishment unit.

Both have ten digits, of which the last two are 97 − (the first eight mod 97). An enterprise's begins with 0
or 1, an establishment's with 2 to 8 (FPS Economy: "Numéro d'entreprise et numéro d'unité d'établissement"). A
shop is an establishment; its enterprise may have others. Libraries check the first alone, as a VAT number.
"""

import re

_WRITTEN = re.compile(r"(?:BE)?[ .]?(\d{9,10})")
_MODULUS = 97


def enterprise_number(given: str | None) -> str | None:
    """Ten digits; None where it is no enterprise number. A VAT number (`BE 0200.065.765`) is one."""
    digits = _digits(given)
    return digits if digits is not None and digits[0] in "01" else None


def establishment_number(given: str | None) -> str | None:
    """Ten digits; None where it is no number of an establishment unit."""
    digits = _digits(given)
    return digits if digits is not None and digits[0] in "2345678" else None


def written(number: str) -> str:
    """As it is printed: an enterprise's `0200.065.765`, an establishment's `2.000.000.339`."""
    if number[0] in "01":
        return f"{number[:4]}.{number[4:7]}.{number[7:]}"
    return f"{number[0]}.{number[1:4]}.{number[4:7]}.{number[7:]}"


def _digits(given: str | None) -> str | None:
    """The digits where their check holds. Numbers of before 2005 had nine: a zero goes before them."""
    match = _WRITTEN.fullmatch(re.sub(r"[ .\-]", "", given or "").upper())
    if match is None or not match[1].isascii():
        return None
    digits = match[1].zfill(10)
    return digits if int(digits[8:]) == _MODULUS - int(digits[:8]) % _MODULUS else None

"""What has to stand beside a photo wherever it is reused. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from services.campaigns.contributions.domain import Licence

_PUBLIC_LICENCES: Mapping[Licence, str] = {
    Licence.CC_BY: "CC BY 4.0: https://creativecommons.org/licenses/by/4.0/",
    Licence.CC_BY_SA: "CC BY-SA 4.0: https://creativecommons.org/licenses/by-sa/4.0/",
}
"""Those that ask to be named, with where they can be read (their section 3.a.1)."""


def attribution(licence: Licence, credit: str | None) -> str | None:
    """The line, in no language; None where neither author nor licence asks for one.

    Whoever chose no name is not named, under any licence. An author who did has a right to it where the photo
    is not given to everybody (Code de droit économique, art. XI.165, § 2).
    """
    author = f"© {credit}" if credit and licence is not Licence.CC0 else credit
    said = [each for each in (author, _PUBLIC_LICENCES.get(licence)) if each]
    return ", ".join(said) or None

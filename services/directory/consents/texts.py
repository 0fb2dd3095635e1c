"""The texts people agree to. Published, a version never changes: a new wording is a new version beside it.

Not in the catalogues of translations, where a text may be mended at any time: what somebody agreed to two
years ago must be there to be read, in the language they read it in.
"""

from __future__ import annotations

from collections.abc import Mapping

from services.directory.consents.domain import Purpose

Texts = Mapping[str, str]
"""By language."""

_TAKING_PART: Mapping[str, Texts] = {
    "2026-11": {
        "en": (
            "I want to take part, and I am at least 13 years old. My reviews are public, without my name, and"
            " count for the shops they are about. I can take back each of them, and withdraw this consent at"
            " any time."
        ),
        "fr": (
            "Je veux participer et j’ai au moins 13 ans. Mes avis sont publics, sans mon nom, et comptent"
            " pour les commerces dont ils parlent. Je peux reprendre chacun d’eux, et retirer ce"
            " consentement à tout moment."
        ),
        "nl": (
            "Ik wil meedoen en ben minstens 13 jaar. Mijn beoordelingen zijn openbaar, zonder mijn naam, en"
            " tellen mee voor de winkels waarover ze gaan. Ik kan elk ervan terugnemen, en deze toestemming"
            " op elk moment intrekken."
        ),
        "de": (
            "Ich möchte mitmachen und bin mindestens 13 Jahre alt. Meine Bewertungen sind öffentlich, ohne"
            " meinen Namen, und zählen für die Geschäfte, um die es geht. Ich kann jede zurücknehmen und"
            " diese Einwilligung jederzeit widerrufen."
        ),
    }
}
_PUBLIC_RANKING: Mapping[str, Texts] = {
    "2026-11": {
        "en": (
            "My name may be shown in public rankings of ambassadors. I am at least 18 years old. I can"
            " withdraw this at any time; from then on my name is not shown."
        ),
        "fr": (
            "Mon nom peut figurer dans les classements publics des ambassadeurs. J’ai au moins 18 ans. Je"
            " peux retirer ce consentement à tout moment ; mon nom n’y figure alors plus."
        ),
        "nl": (
            "Mijn naam mag in openbare ranglijsten van ambassadeurs staan. Ik ben minstens 18 jaar. Ik kan"
            " dit op elk moment intrekken; vanaf dan staat mijn naam er niet meer in."
        ),
        "de": (
            "Mein Name darf in öffentlichen Ranglisten der Botschafter stehen. Ich bin mindestens 18 Jahre"
            " alt. Ich kann das jederzeit widerrufen; ab dann erscheint mein Name dort nicht mehr."
        ),
    }
}
TEXTS: Mapping[Purpose, Mapping[str, Texts]] = {
    Purpose.TAKING_PART: _TAKING_PART,
    Purpose.PUBLIC_RANKING: _PUBLIC_RANKING,
}
"""By purpose and version, all that were ever published."""


def current(purpose: Purpose) -> str:
    """The version that is shown today: versions are named by their month."""
    return max(TEXTS[purpose])

"""Every word on the pages is there in every language."""

from collections.abc import Sequence

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from services.portal.wording import FOLDER, LANGUAGES, SOURCE, catalogue_path, translations

TRANSLATED = [language for language in LANGUAGES if language != SOURCE]


Message = str | tuple[str, ...]
"""The second where it has a plural."""


def on_the_pages() -> set[Message]:
    methods = [("**.html", "jinja2"), ("**.svg", "jinja2"), ("**.xml", "jinja2")]
    found = extract_from_dir(FOLDER / "templates", methods, {pattern: {} for pattern, _ in methods})
    return {message if isinstance(message, tuple) else str(message) for _, _, message, _, _ in found}


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_has_exactly_what_the_pages_say(language: str) -> None:
    with catalogue_path(language).open("rb") as file:
        messages = {entry.id: entry for entry in read_po(file, locale=language) if entry.id}
    assert set(messages) == on_the_pages()
    assert not [key for key, entry in messages.items() if not all(_forms(entry.string or "")) or entry.fuzzy]


def _forms(translated: str | Sequence[str]) -> Sequence[str]:
    return (translated,) if isinstance(translated, str) else translated


@pytest.mark.parametrize("language", TRANSLATED)
def test_placeholders_survive_translation(language: str) -> None:
    catalogue = translations(language)
    for message in on_the_pages():
        forms = (message,) if isinstance(message, str) else message
        for form, number in zip(forms, (1, 2), strict=False):
            translated = (
                catalogue.ngettext(forms[0], forms[-1], number) if len(forms) > 1 else catalogue.gettext(form)
            )
            for sign in ("%(", "|"):
                assert translated.count(sign) == form.count(sign), message

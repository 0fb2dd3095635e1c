import pytest

from chassis.languages import labelled, preferred

OFFERED = ("fr", "nl", "de", "en")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "fr"),
        ("", "fr"),
        ("nl", "nl"),
        ("de-BE", "de"),
        ("pt, nl;q=0.4, en;q=0.8", "en"),
        ("nl;q=0, de;q=0.1", "de"),
        ("nl;q=much, de;q=0.1", "de"),
        (";;,=,q=1", "fr"),
        ("nl;q=nan", "fr"),
        ("x" * 100_000, "fr"),
    ],
)
def test_a_reader_gets_the_language_wished_for_most(header: str | None, language: str) -> None:
    assert preferred(header, OFFERED) == language


def test_french_sets_a_space_before_a_colon() -> None:
    assert labelled("Période", "mai", "fr") == "Période\u00a0: mai"
    assert labelled("Periode", 5, "nl") == "Periode: 5"

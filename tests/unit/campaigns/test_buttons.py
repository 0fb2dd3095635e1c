"""What a profile is shown with: the platform's own page for reviews where shops may ask, else the profile."""

from __future__ import annotations

import pytest

from chassis.languages import LANGUAGES
from services.campaigns.platforms.catalogue import platforms
from services.campaigns.profiles.buttons import ShownButton, button_of


@pytest.mark.parametrize(
    ("url", "leads_to"),
    [
        (
            "https://www.google.com/maps?placeid=ChIJ%2Fa%26b",
            "https://search.google.com/local/writereview?placeid=ChIJ%2Fa%26b",
        ),
        ("https://g.page/r/CXyz/review", "https://g.page/r/CXyz/review"),
    ],
)
def test_googles_leads_to_its_page_for_reviews_where_the_profile_names_it(url: str, leads_to: str) -> None:
    assert button_of("google", url, "fr") == ShownButton(leads_to, "Écrire un avis sur Google", asks=True)


def test_where_it_does_not_it_leads_to_the_profile_and_asks_for_nothing() -> None:
    url = "https://www.google.com/maps?cid=12"
    assert button_of("google", url, "nl") == ShownButton(url, "Bekijk op Google", asks=False)


def test_yelps_never_asks_whatever_its_address_says() -> None:
    url = "https://www.yelp.com/writeareview/biz/x?placeid=1"
    assert button_of("yelp", url, "en") == ShownButton(url, "See on Yelp", asks=False)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("platform", platforms())
def test_every_platform_has_its_words_in_every_language(platform: str, language: str) -> None:
    label = button_of(platform, "https://example.be/x", language).label
    assert platform == "website" or platforms()[platform].name in label
    assert "{" not in label
    if language != "en" and platform != "website":
        assert not label.startswith("See")

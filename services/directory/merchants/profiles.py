"""Where else a merchant shows itself: addresses that lie on the platform they are said to lie on."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from services.directory.merchants.details import plain_text, web_address

_COUNTRIES = r"(com|be|fr|nl|de|lu|co\.uk)"
_HOSTS: Mapping[str, str] = {
    "google": rf"((www|maps|business)\.)?google\.{_COUNTRIES}|(maps\.app\.)?goo\.gl|g\.page|share\.google",
    "facebook": r"(\w+(-\w+)?\.)?facebook\.com|fb\.com|fb\.me",
    "instagram": r"(www\.)?instagram\.com|instagr\.am",
    "tripadvisor": rf"(\w+\.)?tripadvisor\.{_COUNTRIES}",
    "openstreetmap": r"(www\.)?openstreetmap\.org|osm\.org",
    "yelp": rf"(\w+\.)?yelp\.{_COUNTRIES}",
    "foursquare": r"(\w+\.)?foursquare\.com",
    "linkedin": r"(\w+\.)?linkedin\.com",
    "tiktok": r"(\w+\.)?tiktok\.com",
    "youtube": r"((www|m)\.)?youtube\.com|youtu\.be",
}
PLATFORMS = tuple(_HOSTS)
# Maps hold a mere account name for these as often as an address.
_PAGE_OF = {"facebook": "https://www.facebook.com/", "instagram": "https://www.instagram.com/"}
_ACCOUNT = re.compile(r"@?([A-Za-z0-9][A-Za-z0-9._-]{1,49})")


def profile_address(platform: str, given: str | None) -> str | None:
    """An https address below a host of the platform; None where it is anything else."""
    address = web_address(given)
    if address is None or platform not in _HOSTS:
        return None
    parts = urlsplit(address)
    on_platform = re.fullmatch(_HOSTS[platform], (parts.hostname or "").lower())
    # The platform's own front page is nobody's profile.
    points_somewhere = parts.path.strip("/") or parts.query
    usable = parts.scheme == "https" and parts.port is None and on_platform and points_somewhere
    return address if usable else None


def profile_on_map(platform: str, given: str | None) -> str | None:
    """What a map's tag means: an address, an older http one, or the name of an account."""
    text = plain_text(given)
    if text is None:
        return None
    account = _ACCOUNT.fullmatch(text)
    if platform in _PAGE_OF and account and "." not in text.removesuffix("."):
        return profile_address(platform, _PAGE_OF[platform] + account[1])
    return profile_address(platform, re.sub(r"^http://", "https://", text, flags=re.IGNORECASE))

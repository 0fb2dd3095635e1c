"""What search engines read of a shop: schema.org's LocalBusiness as JSON-LD. It is data: nothing runs."""

from __future__ import annotations

from typing import Any

import msgspec
from markupsafe import Markup

from services.portal.opening_words import schema_org_hours
from services.portal.shops import Contribution, ShopPage

_MOST_REVIEWS = 5


def local_business(page: ShopPage, public_url: str) -> Markup:
    """The JSON, in which nothing can end the element around it.

    Reviews of whoever has a tie to the shop are no part of it. No mean of ratings: only the newest reviews
    are known here, and a mean of those would be another figure.
    """
    shop = page.shop
    reviews = page.reviews.items if page.reviews else ()
    independent = [each for each in reviews if each.rating and each.tie in {None, "none"}]
    told: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "LocalBusiness",
        "@id": f"{public_url.rstrip('/')}/merchants/{shop.id}",
        "url": f"{public_url.rstrip('/')}/merchants/{shop.id}",
        "name": shop.title,
        "telephone": shop.phone,
        "email": shop.email,
        "address": {
            "@type": "PostalAddress",
            "streetAddress": " ".join(filter(None, (shop.address.street, shop.address.house_number))) or None,
            "postalCode": shop.address.postcode,
            "addressLocality": shop.address.place,
            "addressCountry": "BE",
        },
        "openingHours": schema_org_hours((shop.opening_hours and shop.opening_hours.normal) or ""),
        "geo": {"@type": "GeoCoordinates", "latitude": shop.latitude, "longitude": shop.longitude},
        "sameAs": [
            *filter(None, [shop.web]),
            *(each.url for each in (page.profiles.items if page.profiles else ())),
        ],
        "review": [_review(each) for each in independent[:_MOST_REVIEWS]],
    }
    told["address"] = {name: value for name, value in told["address"].items() if value}
    shown = {name: value for name, value in told.items() if value}
    return Markup(msgspec.json.encode(shown).decode().replace("<", "\\u003c"))  # noqa: S704  no markup is left


def _review(given: Contribution) -> dict[str, Any]:
    return {
        "@type": "Review",
        "datePublished": given.posted_at.date().isoformat(),
        "reviewBody": given.text or "",
        "reviewRating": {"@type": "Rating", "ratingValue": given.rating, "bestRating": 5},
        "author": {"@type": "Person", "name": "Anonymous"},  # who wrote it is told to nobody
    }

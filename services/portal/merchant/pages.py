"""All pages of those who run a shop."""

from fastapi import APIRouter

from chassis.secret_cookie import SecretCookie
from services.portal.merchant import (
    assessment_page,
    audience_page,
    claim_page,
    connections_page,
    feed_page,
    preferences_page,
    result_page,
    reviews_page,
    training_page,
)
from services.portal.visitors import Door


def routers(door: Door, public_url: str) -> list[APIRouter]:
    """In the order in which their paths are looked through: words go before ids."""
    return [
        claim_page.router(door),
        audience_page.router(door),
        feed_page.router(door),
        reviews_page.router(door),
        connections_page.router(door, SecretCookie.at(public_url, "cococity-connecting")),
        preferences_page.router(door),
        training_page.router(door),
        assessment_page.router(door, SecretCookie.at(public_url, "cococity-draft")),
        result_page.router(door),
    ]

"""All pages of those who run a shop, or will."""

from fastapi import APIRouter

from chassis.secret_cookie import SecretCookie
from services.portal.merchant import (
    assess_page,
    assessment_page,
    audience_page,
    claim_page,
    connections_page,
    feed_page,
    photos_page,
    preferences_page,
    result_page,
    reviews_page,
    training_page,
    whose_shop_page,
)
from services.portal.merchant.questions import Questions
from services.portal.towns import Towns
from services.portal.visitors import Door


def routers(door: Door, towns: Towns, public_url: str) -> list[APIRouter]:
    """In the order in which their paths are looked through: words go before ids."""
    questions = Questions(door.renderer, SecretCookie.at(public_url, "cococity-draft"))
    return [
        assess_page.router(door, questions),
        whose_shop_page.router(door, questions, towns),
        claim_page.router(door, questions.kept),
        audience_page.router(door),
        feed_page.router(door),
        reviews_page.router(door),
        photos_page.router(door),
        connections_page.router(door, SecretCookie.at(public_url, "cococity-connecting")),
        preferences_page.router(door),
        training_page.router(door),
        assessment_page.router(door, questions),
        result_page.router(door),
    ]

"""Posting a review or a photo, and what is done with it afterwards, as its author."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from services.portal.neighbours import Answer
from services.portal.visitors import Visitor

PATH = "/api/v1/contributions"
TIES = ("none", "owner", "staff", "family")


async def shop_of(visitor: Visitor, merchant_id: str) -> Mapping[str, Any] | None:
    """The shop; None where it is listed no more. Raises Unanswered."""
    return await visitor.found("directory", f"/api/v1/merchants/{merchant_id}")


async def post_review(visitor: Visitor, merchant_id: str, form: Mapping[str, str]) -> Answer:
    """Raises Unanswered."""
    rating = form.get("rating", "")
    body = {
        "merchant_id": merchant_id,
        "rating": int(rating) if rating in {"1", "2", "3", "4", "5"} else 0,
        "text": form.get("text", ""),
        "tie": form.get("tie", "none"),
    }
    return await visitor.write(
        "POST", "campaigns", f"{PATH}/reviews", body, attempt=form.get("attempt") or "review"
    )


async def post_photo(
    visitor: Visitor, content: AsyncIterator[bytes], media_type: str, length: str, attempt: str
) -> Answer:
    """The form with its file as the browser sends it: its fields are the service's. Raises Unanswered."""
    headers = {"Content-Type": media_type, "Idempotency-Key": attempt, "Accept-Language": visitor.language}
    if length:
        headers["Content-Length"] = length
    token = visitor.session.token
    return await visitor.neighbours.pass_on("campaigns", f"{PATH}/photos", content, headers, token)


async def edit(visitor: Visitor, contribution: Mapping[str, Any], form: Mapping[str, str]) -> Answer:
    """Another rating or text for one's review, as it was when the form was shown. Raises Unanswered."""
    rating = form.get("rating", "")
    body: dict[str, Any] = {"text": form.get("text", "")}
    if rating.isdigit():
        body["rating"] = int(rating)
    path = f"{PATH}/{contribution['id']}"
    version = form.get("version", "") or "0"
    return await visitor.write("PATCH", "campaigns", path, body, etag=f'"{version}"')

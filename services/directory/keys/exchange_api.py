"""A key is exchanged for a short-lived token, so that every service goes on verifying tokens by itself."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Response

from chassis.access import PUBLIC
from chassis.http import Db, Now, Shown
from chassis.openapi import problems
from chassis.problems import Problem
from services.directory.basic_credentials import NOT_KEPT, basic_credentials, refused
from services.directory.keys.domain import TooManyTokens, Unusable
from services.directory.keys.use_cases import grant_of, use_key
from services.directory.people.token_office import TokenOffice


class KeyToken(Shown):
    """An access token as OAuth clients expect it (RFC 6749, section 5.1)."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105
    expires_in: int
    """Seconds."""
    scope: str
    """With spaces between."""


def routes(office: TokenOffice) -> APIRouter:
    """The one route: client credentials (RFC 6749, section 4.4) without the form."""
    router = APIRouter(tags=["tokens"], dependencies=[PUBLIC])

    @router.post("/api/v1/tokens/key", response_model=KeyToken, responses=problems(401))
    async def sign_in_with_key(
        response: Response, db: Db, now: Now, authorization: Annotated[str | None, Header()] = None
    ) -> KeyToken:
        """A token for a key's id and secret by HTTP Basic (RFC 7617); a body is not read."""
        at = now()
        name, secret = basic_credentials(authorization)
        try:
            key = await use_key(db, _key_id(name), secret, at)
        except Unusable as unusable:
            raise refused(str(unusable)) from None
        except TooManyTokens as many:
            raise _too_many(many) from None
        token = office.issuer.for_key(key.id, [grant_of(key)], key.scopes, at, until=key.expires_at)
        response.headers.update(NOT_KEPT)
        seconds = int((token.expires_at - at).total_seconds())
        return KeyToken(access_token=token.token, expires_in=seconds, scope=" ".join(key.scopes))

    return router


def _key_id(name: str) -> UUID:
    try:
        return UUID(name)
    except ValueError:
        raise Unusable("No key has this id and secret.") from None


def _too_many(many: TooManyTokens) -> Problem:
    detail = f"This key had {many}. Use a token until it expires."
    wait = {"Retry-After": str(int(many.wait.total_seconds()) + 1)}
    return Problem(429, "too-many-tokens", "Too many tokens", detail, headers=wait)

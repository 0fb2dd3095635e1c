"""Errors as callers see them: problem+json (RFC 9457) with a stable `type`, whatever went wrong.

Nothing that a client sends may end in a 500: what the client did is 4xx, what the database or the bus
did is 503 with Retry-After, and only a mistake of ours is 500, told without details and logged with them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:cococity:problem:"
RETRY_AFTER_SECONDS = 2
_MOST_ERRORS = 50
_LONGEST_NAME = 200
# Not the phrases of the standard library: those changed between versions of Python, and types may not.
_TITLES = {400: "Bad request", 404: "Not found", 405: "Method not allowed", 413: "Content too large"}
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_PLACES_OF_PARAMETERS = frozenset({"body", "query", "path", "header", "cookie"})

log = structlog.get_logger(__name__)


class Problem(Exception):
    """Raised anywhere below a route; becomes the response.

    `slug` makes the stable `type`; `field` names the parameter or body field at fault; further keyword
    arguments become members of the document (they must be JSON).
    """

    def __init__(
        self,
        status: int,
        slug: str,
        title: str,
        detail: str,
        *,
        field: str | None = None,
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(f"{status} {slug}: {detail}")
        self.status = status
        self.slug = slug
        self.title = title
        self.detail = detail
        self.field = field
        self.headers = dict(headers or {})
        self.extra = extra

    def document(self) -> dict[str, Any]:
        """The members of the problem document."""
        members: dict[str, Any] = {
            "type": TYPE_PREFIX + self.slug,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.field is not None:
            members["field"] = self.field
        return members | self.extra

    def response(self) -> Response:
        body = msgspec.json.encode(_encodable(self.document()))
        return Response(body, self.status, self.headers, MEDIA_TYPE)


def not_found(what: str) -> Problem:
    """404: `what` names the kind of thing, such as "merchant"."""
    return Problem(404, "not-found", "Not found", f"There is no such {what}.")


def forbidden(detail: str = "Your roles do not allow this.", *, field: str | None = None) -> Problem:
    """403: signed in, but not allowed; with `field`, not with this value of it."""
    return Problem(403, "forbidden", "Not allowed", detail, field=field)


def second_factor_required(
    detail: str = "You have this role, but this session lacks a second factor. Give one, then try again.",
) -> Problem:
    """403: allowed once the session has a second factor; says where it is given and where one is set up.

    The challenge is that of RFC 9470, which asks for it with a 401: here the token is good for everything
    else, so that programs which sign in anew on 401 would go round in circles.
    """
    return Problem(
        403,
        "second-factor-required",
        "A second factor is missing",
        detail,
        headers={"WWW-Authenticate": 'Bearer error="insufficient_user_authentication"'},
        give_at="/api/v1/sessions/current/second-factor",
        set_up_at="/api/v1/people/me/factors",
    )


def conflict(slug: str, detail: str, **extra: Any) -> Problem:
    """409: the request fits no longer, or not yet, what the thing has become."""
    return Problem(409, slug, "Conflict", detail, **extra)


def invalid(field: str, detail: str) -> Problem:
    """422: a value was understood and is not acceptable. Looks like a validation error of the framework."""
    errors = [{"field": field, "detail": detail}]
    return Problem(
        422, "invalid", "The request is not valid", f"{field}: {detail}", field=field, errors=errors
    )


def several_invalid(errors: Sequence[tuple[str, str]]) -> Problem:
    """422 of several fields, each with what is wrong with it; the first fifty are named."""
    named = [{"field": field, "detail": detail} for field, detail in errors[:_MOST_ERRORS]]
    return _invalid("; ".join(f"{field}: {detail}" for field, detail in errors[:3]), named)


def _invalid(detail: str, errors: list[dict[str, str]]) -> Problem:
    return Problem(
        422, "invalid", "The request is not valid", detail, field=errors[0]["field"], errors=errors
    )


def unauthorised(detail: str, slug: str = "unauthorised") -> Problem:
    """401 with the challenge RFC 6750 asks for."""
    challenge = "Bearer" if slug == "unauthorised" else 'Bearer error="invalid_token"'
    return Problem(401, slug, "Not signed in", detail, headers={"WWW-Authenticate": challenge})


def unavailable(detail: str = "A part this depends on does not answer just now. Try again.") -> Problem:
    """503: nothing was decided; the same request may be sent again (with the same Idempotency-Key)."""
    return Problem(
        503,
        "unavailable",
        "Temporarily unavailable",
        detail,
        headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
    )


def install(app: FastAPI, *, largest_body: int = 1 << 20) -> None:
    """Makes every error of `app` a problem document, and a body above `largest_body` bytes one of them.

    A route that takes more says so with the framework's `max_body_size=`.
    """
    app.add_exception_handler(Problem, _answer_problem)
    app.add_exception_handler(RequestValidationError, _answer_validation_error)
    app.add_exception_handler(HTTPException, _answer_http_exception)
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=largest_body)
    app.add_middleware(LastResort)


class LastResort:
    """Answers what no handler knew, and ends it there.

    A handler registered for `Exception` would answer too, but the framework raises again behind it and the
    server then logs a second traceback, with whatever personal data the exception quotes. The framework's
    limit for bodies answers by itself, in plain text: that becomes a problem document here.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = replaced = False

        async def watch(message: Message) -> None:
            nonlocal started, replaced
            if message["type"] == "http.response.start":
                started, replaced = True, _is_plain_refusal(message)
                if replaced:
                    await _TOO_LARGE.response()(scope, receive, send)
            if not replaced:
                await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception as error:
            problem = _of_unexpected(error, scope)
            if started:
                raise  # too late for an answer: the server cuts the connection, so that it looks broken
            await problem.response()(scope, receive, send)


_TOO_LARGE = Problem(413, "content-too-large", "Content too large", "The body is larger than this takes.")


def _is_plain_refusal(start: Message) -> bool:
    content_type = Headers(raw=start.get("headers", [])).get("content-type", "")
    return start["status"] == 413 and content_type.startswith("text/plain")


def _of_unexpected(error: Exception, scope: Scope) -> Problem:
    from chassis.database import is_infrastructure_error  # late: chassis.database needs none of this

    route = getattr(scope.get("route"), "path", scope["path"])
    if is_infrastructure_error(error):
        log.warning("infrastructure error", method=scope["method"], route=route, error=_named(error))
        return unavailable()
    # A database error quotes the row it failed on, which may be personal: its kind and place are enough.
    said: dict[str, Any] = {"exc_info": error}
    if isinstance(error, DBAPIError):
        said = {"statement": error.statement}
    log.error("unexpected error", method=scope["method"], route=route, error=_named(error), **said)
    return Problem(500, "internal-error", "Internal error", "Something went wrong here. It has been logged.")


def _named(error: BaseException) -> str:
    """The kind of an error, without its message."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        cause = error.orig.__cause__ or error.orig
        constraint = getattr(cause, "constraint_name", None)
        return " ".join(filter(None, (type(cause).__name__, getattr(cause, "sqlstate", None), constraint)))
    return type(error).__name__


async def _answer_problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return error.response()


async def _answer_http_exception(request: Request, error: Exception) -> Response:
    """404 and 405 of the router, 400 of a body that cannot be read."""
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(_allowed(request))
    title = _TITLES.get(error.status_code, f"HTTP {error.status_code}")
    slug = title.lower().replace(" ", "-")
    return Problem(error.status_code, slug, title, str(error.detail), headers=headers).response()


def _allowed(request: Request) -> list[str]:
    """Every method of this path: the router names those of its first route alone."""
    asked = {method: {**request.scope, "method": method} for method in _METHODS}
    return [
        method
        for method, scope in asked.items()
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)
    ]


async def _answer_validation_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(each["type"] == "json_invalid" for each in found):
        return Problem(
            400, "malformed-json", "The body is not JSON", "The body is not valid JSON."
        ).response()
    errors = [{"field": _field(each["loc"]), "detail": each["msg"]} for each in found[:_MOST_ERRORS]]
    detail = "; ".join(f"{each['field']}: {each['detail']}" for each in errors[:3])
    return _invalid(detail, errors).response()


def _field(location: Sequence[int | str]) -> str:
    """`items.3.rating` for ("body", "items", 3, "rating"): the place is said only where nothing else is."""
    parts = [str(part) for part in location]
    if len(parts) > 1 and parts[0] in _PLACES_OF_PARAMETERS:
        parts = parts[1:]
    return ".".join(parts)[:_LONGEST_NAME]


def _encodable(value: Any) -> Any:
    """Names of unknown fields come from the client and may hold lone surrogates, which no encoder takes."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_encodable(key): _encodable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(each) for each in value]
    return value

"""The page that letters name for objecting: anybody reaches it, only the POST of its button does anything.

It is the directory's own, so that the network that tries a code is the one that the gateway saw.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from chassis.access import PUBLIC
from chassis.forms import form_of
from chassis.http import Db, Now
from chassis.languages import ReadersLanguage
from chassis.network import Network
from chassis.openapi import problems
from chassis.problems import Problem
from services.directory.claims.letter_words import OBJECTION_PATH
from services.directory.claims.objecting import object_with_code
from services.directory.languages import LANGUAGES, translations

LONGEST_CODE = 40
_NAMES = {"fr": "Français", "nl": "Nederlands", "de": "Deutsch", "en": "English"}
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
    ),
}
_REFUSED = {409: "claimed", 422: "wrong", 429: "held"}
"""What the page says for a problem."""
_pages = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)

router = APIRouter(prefix=OBJECTION_PATH, tags=["letters"], dependencies=[PUBLIC])
_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["code"],
                    "properties": {"code": {"type": "string", "maxLength": LONGEST_CODE}},
                }
            }
        },
    }
}
_REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {**known, "content": {**known["content"], "text/html": {}}}
    for status, known in problems(*_REFUSED).items()
}


@router.get("", response_class=HTMLResponse)
async def show_objection(language: ReadersLanguage) -> HTMLResponse:
    """A page with a field for the code of a letter; it changes nothing."""
    return _page(language, "ask")


@router.post("", response_class=HTMLResponse, openapi_extra=_FORM, responses=_REFUSALS)
async def object_on_page(
    request: Request, network: Network, db: Db, now: Now, language: ReadersLanguage
) -> HTMLResponse:
    """The shop of this code is delisted at once, and for good. The page says so, or what is wrong."""
    code = (await form_of(request)).get("code", "")
    try:
        await object_with_code(db, code[: LONGEST_CODE + 1], network, now())
    except Problem as problem:
        if problem.status not in _REFUSED:
            raise
        return _page(language, _REFUSED[problem.status], status=problem.status, headers=problem.headers)
    return _page(language, "done")


def _page(language: str, state: str, *, status: int = 200, headers: Any = None) -> HTMLResponse:
    # The code that was typed is not shown again: a page that is left open must object for nobody.
    body = _pages.get_template("objection.html").render(
        state=state,
        language=language,
        languages={each: _NAMES[each] for each in LANGUAGES},
        longest=LONGEST_CODE,
        _=translations(language).ugettext,
    )
    return HTMLResponse(body, status, headers={**_HEADERS, **(headers or {}), "Content-Language": language})

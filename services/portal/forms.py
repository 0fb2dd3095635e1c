"""Who sends a form of ours: a browser, from a page of this site alone; and what was wrong with it."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, Header, Request

from chassis.problems import forbidden
from services.portal.neighbours import Answer

_OF_THIS_SITE = {"same-origin", "none"}

Forwarded = Annotated[str, Header(alias="X-Forwarded-For")]
Device = Annotated[str, Header(alias="User-Agent")]


async def _of_this_site(
    request: Request,
    sec_fetch_site: Annotated[str | None, Header()] = None,
    origin: Annotated[str | None, Header()] = None,
) -> None:
    """Browsers say where a form comes from (Fetch Metadata, or Origin), and no page can make them lie.

    Whoever sends neither is no browser, and brings no cookie that somebody else's page could use.
    """
    if sec_fetch_site is not None:
        is_ours = sec_fetch_site in _OF_THIS_SITE
    else:
        is_ours = origin is None or urlsplit(origin).netloc == request.headers.get("host")
    if not is_ours:
        raise forbidden("Another site cannot answer for you.")


OF_THIS_SITE: Any = Depends(_of_this_site)
"""For what a form does: no other site sends it. Every route of the portal that is no GET declares it."""


def errors_of(answer: Answer) -> dict[str, str]:
    """What a service refused, by the name of the field; under "" what concerns no single one."""
    told = answer.body.get("errors") or [answer.body]
    return {str(each.get("field") or ""): str(each.get("detail") or "") for each in told}

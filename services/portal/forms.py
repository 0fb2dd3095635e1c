"""Who sends a form of ours: a browser, from a page of this site alone."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Header

from chassis.problems import forbidden

_OF_THIS_SITE = {None, "same-origin", "none"}

Forwarded = Annotated[str, Header(alias="X-Forwarded-For")]


async def _of_this_site(sec_fetch_site: Annotated[str | None, Header()] = None) -> None:
    if sec_fetch_site not in _OF_THIS_SITE:
        raise forbidden("Another site cannot answer for you.")


OF_THIS_SITE: Any = Depends(_of_this_site)
"""For what a form does: no other site sends it."""

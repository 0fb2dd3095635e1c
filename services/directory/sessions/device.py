"""What somebody signed in with, as they would recognise it in a list: `Firefox, Windows`."""

from typing import Annotated

from fastapi import Depends, Header
from ua_parser import parse

from chassis.mail import one_line

_LONGEST = 500
"""Characters of a browser's words about itself that are read; longer ones come from nobody's browser."""


def device_name(user_agent: str | None) -> str | None:
    """Browser and system. Nothing else is kept of what it says; of an unknown one, its first words."""
    if user_agent is None:
        return None
    found = parse(user_agent[:_LONGEST])
    known = [part.family for part in (found.user_agent, found.os) if part is not None]
    return ", ".join(known) or one_line(user_agent)


def _device(user_agent: Annotated[str | None, Header(include_in_schema=False)] = None) -> str | None:
    # No coroutine, so that it runs in a thread: the first one compiles some thousand patterns.
    return device_name(user_agent)


Device = Annotated[str | None, Depends(_device)]

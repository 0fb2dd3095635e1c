"""A cookie that keeps a browser's secret: no script reads it, and no other site sends it along with a POST.

Where people come by https its name has the prefix `__Host-` (RFC 6265bis, section 4.1.3.2): browsers take
such a cookie over https alone, for all paths of this very host, so that nobody who has another host of the
domain (an old page of the city's) can put one of their own in its place. Over plain http, which is a
demonstration on the own machine, browsers refuse the prefix: the name goes without.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Self, TypedDict

from fastapi import Request, Response


class _Attributes(TypedDict):
    path: str
    secure: bool
    httponly: bool
    samesite: Literal["lax"]


@dataclass(frozen=True)
class SecretCookie:
    """One cookie, under the name that fits the public address."""

    name: str
    is_secure: bool

    @classmethod
    def at(cls, public_url: str, name: str) -> Self:
        """The cookie of that name where people come to this address."""
        is_secure = public_url.startswith("https:")
        return cls(f"__Host-{name}" if is_secure else name, is_secure)

    def read(self, request: Request) -> str | None:
        """What the browser sent; under another name it counts for nothing."""
        return request.cookies.get(self.name)

    def keep(self, response: Response, secret: str, until: datetime) -> None:
        """The browser sends it along from now on."""
        response.set_cookie(self.name, secret, expires=until, **self._attributes())

    def forget(self, response: Response) -> None:
        """The browser has it no more."""
        response.delete_cookie(self.name, **self._attributes())

    def _attributes(self) -> _Attributes:
        return {"path": "/", "secure": self.is_secure, "httponly": True, "samesite": "lax"}


def refresh_cookie(public_url: str) -> SecretCookie:
    """That of a session's refresh token, set by a page of the directory's and by the portal's."""
    return SecretCookie.at(public_url, "cococity-refresh")

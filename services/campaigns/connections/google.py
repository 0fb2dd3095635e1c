"""Google Business Profile: how many reviews a shop has there, and their mean.

Leave: OAuth 2.0 for web server applications with PKCE (RFC 7636),
https://developers.google.com/identity/protocols/oauth2/web-server; a refresh token comes with
`access_type=offline` and `prompt=consent`; a refused one answers `invalid_grant`; /revoke takes it back.
Accounts: https://developers.google.com/my-business/reference/accountmanagement/rest/v1/accounts/list
Places: https://developers.google.com/my-business/reference/businessinformation/rest/v1/accounts.locations/list
Reviews: https://developers.google.com/my-business/reference/rest/v4/accounts.locations.reviews/list, whose
answer has `averageRating` (1 to 5) and `totalReviewCount` beside a page of reviews. With `fields` (partial
responses) only these two are sent: nothing that a reviewer wrote comes here.
Limits: 300 requests a minute, https://developers.google.com/my-business/content/limits
Terms: https://developers.google.com/my-business/content/policies
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar
from urllib.parse import urlencode

import msgspec

from chassis.fetching import Fetched, Limits, NotFetched, Outside
from services.campaigns.connections.domain import Declared, Figures, Grant, GrantEnded, Location
from services.campaigns.connections.pace import Count
from services.campaigns.watch.domain import Trouble
from services.campaigns.watch.reading import retry_after

DECLARED = Declared(
    key="google-business-profile",
    name="Google Business Profile",
    platform="google",
    scope="https://www.googleapis.com/auth/business.manage",
    per_minute=120,
    reads=("places of the account: name, title, link", "of the shop's place: number and mean of its reviews"),
    keeps=("the place's name, title and link, while connected", "number and mean of reviews, by day"),
    terms="https://developers.google.com/my-business/content/policies",
)
_LIMITS = Limits(seconds=10.0, size=1_000_000)
_MOST_PAGES = 10
T = TypeVar("T")
_LONGEST = 500


@dataclass(frozen=True)
class Addresses:
    """Where Google's interfaces are; tests have their own."""

    consent: str = "https://accounts.google.com/o/oauth2/v2/auth"
    token: str = "https://oauth2.googleapis.com/token"  # noqa: S105  an address
    revocation: str = "https://oauth2.googleapis.com/revoke"
    accounts: str = "https://mybusinessaccountmanagement.googleapis.com"
    places: str = "https://mybusinessbusinessinformation.googleapis.com"
    reviews: str = "https://mybusiness.googleapis.com"


class _Tokens(msgspec.Struct):
    access_token: str
    refresh_token: str = ""
    scope: str = ""


class _Metadata(msgspec.Struct, rename="camel"):
    maps_uri: str = ""


class _Place(msgspec.Struct):
    name: str
    title: str = ""
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)


class _Account(msgspec.Struct):
    name: str


class _Page(msgspec.Struct, rename="camel"):
    accounts: list[_Account] = []
    locations: list[_Place] = []
    next_page_token: str = ""


class _Reviews(msgspec.Struct, rename="camel"):
    total_review_count: int = 0
    average_rating: float | None = None


class Google:
    """The connector."""

    declared = DECLARED

    def __init__(
        self,
        outside: Outside,
        *,
        client_id: str,
        client_secret: str,
        redirect_uri: str,
        count: Count,
        addresses: Addresses = Addresses(),
    ) -> None:
        self._outside = outside
        self._client = {"client_id": client_id, "client_secret": client_secret}
        self._redirect_uri = redirect_uri
        self._count = count
        self._at = addresses

    def consent(self, state: str, verifier: str) -> str:
        """Where the merchant is asked for their leave."""
        challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        return f"{self._at.consent}?" + urlencode(
            {
                "response_type": "code",
                "client_id": self._client["client_id"],
                "redirect_uri": self._redirect_uri,
                "scope": DECLARED.scope,
                "state": state,
                "code_challenge": challenge,
                "code_challenge_method": "S256",
                "access_type": "offline",
                "prompt": "consent",
            }
        )

    async def exchange(self, code: str, verifier: str) -> Grant:
        """What the code that they came back with is worth, once. Raises GrantEnded and Trouble."""
        asked = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier}
        tokens = await self._tokens(asked | {"redirect_uri": self._redirect_uri})
        if DECLARED.scope not in tokens.scope.split():
            raise GrantEnded("The leave to see the business profile was not given.")
        if not tokens.refresh_token:
            raise GrantEnded(
                "Google gave no lasting leave: take it back in the Google account, and try again."
            )
        return Grant(tokens.refresh_token, tokens.access_token)

    async def refresh(self, refresh_token: str) -> Grant:
        """A token for the next minutes. Raises GrantEnded and Trouble."""
        tokens = await self._tokens({"grant_type": "refresh_token", "refresh_token": refresh_token})
        return Grant(refresh_token, tokens.access_token)

    async def revoke(self, refresh_token: str) -> None:
        """Give the leave back; one that is gone already is no mistake. Raises Trouble."""
        answer = await self._post(self._at.revocation, {"token": refresh_token})
        if answer.status not in (200, 400):
            raise Trouble(f"Google answers with an error ({answer.status})", retry_after(answer))

    async def locations(self, grant: Grant) -> list[Location]:
        """All places that the account manages. Raises GrantEnded and Trouble."""
        found = []
        async for accounts in self._pages(f"{self._at.accounts}/v1/accounts", {"pageSize": "20"}, grant):
            for account in accounts.accounts:
                mask = {"readMask": "name,title,metadata", "pageSize": "100"}
                async for page in self._pages(f"{self._at.places}/v1/{account.name}/locations", mask, grant):
                    found += [_location(account.name, place) for place in page.locations]
        return found

    async def figures(self, location: str, grant: Grant) -> Figures:
        """Of one place. Raises GrantEnded and Trouble."""
        only = {"pageSize": "1", "fields": "averageRating,totalReviewCount"}
        body = await self._get(f"{self._at.reviews}/v4/{location}/reviews", only, grant)
        said = _decoded(body, _Reviews)
        if said.total_review_count <= 0:
            return Figures(0, None)
        mean = said.average_rating
        return Figures(said.total_review_count, mean if mean is not None and 1 <= mean <= 5 else None)

    async def _pages(self, url: str, query: dict[str, str], grant: Grant) -> AsyncIterator[_Page]:
        for _ in range(_MOST_PAGES):
            page = _decoded(await self._get(url, query, grant), _Page)
            yield page
            if not page.next_page_token:
                return
            query = {**query, "pageToken": page.next_page_token}

    async def _get(self, url: str, query: dict[str, str], grant: Grant) -> bytes:
        headers = {"Authorization": f"Bearer {grant.access_token}"}
        await self._count()
        try:
            answer = await self._outside.get(
                f"{url}?{urlencode(query)}", accept=("application/json",), headers=headers, limits=_LIMITS
            )
        except NotFetched as error:
            raise Trouble(f"Google does not answer: {error}") from error
        match answer.status:
            case 200:
                return answer.body
            case 401:
                raise NotAuthorised
            case 403 | 404:
                raise GrantEnded("This account does not manage the place any more.")
        raise Trouble(f"Google answers with an error ({answer.status})", retry_after(answer))

    async def _tokens(self, asked: dict[str, str]) -> _Tokens:
        answer = await self._post(self._at.token, {**self._client, **asked})
        if answer.status == 200:
            return _decoded(answer.body, _Tokens)
        if answer.status in (400, 401) and b"invalid_grant" in answer.body:
            raise GrantEnded("The leave was taken back, or has expired.")
        raise Trouble(f"Google answers with an error ({answer.status})", retry_after(answer))

    async def _post(self, url: str, form: dict[str, str]) -> Fetched:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        content = urlencode(form).encode()
        await self._count()
        try:
            return await self._outside.send("POST", url, content=content, headers=headers, limits=_LIMITS)
        except NotFetched as error:
            raise Trouble(f"Google does not answer: {error}") from error


class NotAuthorised(Exception):
    """The token for the next minutes is not accepted: with a fresh one it may be."""


def _location(account: str, place: _Place) -> Location:
    link = place.metadata.maps_uri if place.metadata.maps_uri.startswith("https://") else ""
    return Location(f"{account}/{place.name}"[:_LONGEST], place.title[:_LONGEST], link[:_LONGEST])


def _decoded(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError:
        raise Trouble("Google answers something else than its documentation says") from None

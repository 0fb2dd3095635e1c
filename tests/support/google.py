"""Google's interfaces for business profiles, as their documentation describes them."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

from aiohttp import web

from services.campaigns.connections.google import DECLARED, Addresses

CLIENT, SECRET = "client-1", "client-secret"
PLACE = {
    "name": "locations/2",
    "title": "Boulangerie",
    "metadata": {"mapsUri": "https://maps.google.com/?cid=1"},
}


class GoogleServer:
    """What it knows, and how it misbehaves."""

    def __init__(self) -> None:
        self.places = [PLACE]
        self.codes: dict[str, str] = {}
        self.refresh_tokens: set[str] = set()
        self.access_tokens: set[str] = set()
        self.reviews: dict[str, object] = {"averageRating": 4.37, "totalReviewCount": 57}
        self.scope = DECLARED.scope
        self.misbehaves: web.Response | None = None
        """What the reviews answer, instead."""
        self.refuses_access = 0
        """So many of the next requests get 401, whatever their token."""
        self.asked = 0
        """Requests, of whatever kind."""
        self._made = 0

    def addresses(self, url: str) -> Addresses:
        return Addresses(f"{url}/consent", f"{url}/token", f"{url}/revoke", url, url, url)

    def gives_leave(self, url: str) -> tuple[str, str]:
        """As the merchant does at `url`: state and code with which they are sent back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["code_challenge_method"] == "S256"
        assert (asked["access_type"], asked["client_id"]) == ("offline", CLIENT)
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked["code_challenge"]
        return asked["state"], code

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        match request.path.strip("/").split("/"):
            case ["token"]:
                return self._token({**(await request.post())})  # type: ignore[dict-item]
            case ["revoke"]:
                token = str((await request.post())["token"])
                known = token in self.refresh_tokens
                self.refresh_tokens.discard(token)
                return web.json_response(
                    {} if known else {"error": "invalid_token"}, status=200 if known else 400
                )
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.refuses_access or token not in self.access_tokens:
            self.refuses_access = max(0, self.refuses_access - 1)
            return web.json_response({"error": {"status": "UNAUTHENTICATED"}}, status=401)
        return self._read(request)

    def _token(self, form: dict[str, str]) -> web.Response:
        if (form["client_id"], form["client_secret"]) != (CLIENT, SECRET):
            return web.json_response({"error": "invalid_client"}, status=401)
        if form["grant_type"] == "authorization_code":
            challenge = (
                urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
            )
            if self.codes.pop(form["code"], None) != challenge:
                return web.json_response({"error": "invalid_grant"}, status=400)
            self._made += 1
            self.refresh_tokens.add(f"refresh-{self._made}")
            return self._granted({"refresh_token": f"refresh-{self._made}"})
        if form["refresh_token"] not in self.refresh_tokens:
            return web.json_response({"error": "invalid_grant"}, status=400)
        return self._granted({})

    def _granted(self, more: dict[str, str]) -> web.Response:
        self._made += 1
        token = f"access-{self._made}"
        self.access_tokens.add(token)
        said = {"access_token": token, "expires_in": 3599, "scope": self.scope, "token_type": "Bearer"}
        return web.json_response(said | more)

    def _read(self, request: web.Request) -> web.Response:
        first = "pageToken" not in request.query
        match request.path.strip("/").split("/"):
            case ["v1", "accounts"]:
                # Two pages; the second has an account without places.
                page = {"accounts": [{"name": "accounts/1"}], "nextPageToken": "2"}
                return web.json_response(page if first else {"accounts": [{"name": "accounts/9"}]})
            case ["v1", "accounts", "9", "locations"]:
                return web.json_response({})
            case ["v1", "accounts", "1", "locations"]:
                if first and len(self.places) > 1:
                    return web.json_response({"locations": self.places[:1], "nextPageToken": "2"})
                return web.json_response({"locations": self.places[1:] if not first else self.places})
            case ["v4", "accounts", "1", "locations", _, "reviews"]:
                assert request.query["fields"] == "averageRating,totalReviewCount"
                return self.misbehaves or web.json_response(self.reviews)
        return web.json_response({"error": {"status": "NOT_FOUND"}}, status=404)

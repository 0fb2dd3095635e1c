"""What a browser keeps, and what a path says, stays between the browser and us."""

from __future__ import annotations

import httpx
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from chassis import telemetry
from chassis.settings import ServiceSettings
from tests.integration.portal.conftest import portal
from tests.integration.portal.stand_ins import StandIn
from tests.integration.portal.test_invitation_page import PAGE, REFRESH, SESSION

TOKEN = PAGE.rpartition("/")[2]
CODE = {"do": "code", "code": "AB23CD", "browser_secret": "the-secret-of-this-browser"}
TOWN, DEMO = "https://town.example", "http://127.0.0.1:8080"


@pytest.fixture
def directory(town: dict[str, StandIn]) -> StandIn:
    town["directory"].answers |= {"/api/v1/sign-in/code": SESSION, REFRESH: SESSION}
    return town["directory"]


def at(address: str, addresses: dict[str, str]) -> httpx.AsyncClient:
    """A browser before a portal that people reach there; it keeps no cookies by itself."""
    app = portal(addresses, public_url=address)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=address)


@pytest.mark.parametrize(
    ("address", "name", "secure"),
    [(TOWN, "__Host-cococity-refresh", True), (DEMO, "cococity-refresh", False)],
)
@pytest.mark.usefixtures("directory")
async def test_the_cookie_is_this_hosts_alone_where_people_come_by_https(
    addresses: dict[str, str], address: str, name: str, *, secure: bool
) -> None:
    async with at(address, addresses) as browser:
        signed_in = await browser.post("/sign-in", data=CODE)
    cookie = signed_in.headers["set-cookie"]
    parts = cookie.split("; ")
    assert parts[0] == f"{name}={SESSION['refresh_token']}"
    assert {"Path=/", "HttpOnly", "SameSite=lax"} <= set(parts)
    assert ("Secure" in parts) is secure
    assert "domain" not in cookie.lower()


@pytest.mark.parametrize(
    ("address", "name", "counts"),
    [
        (TOWN, "__Host-cococity-refresh", True),
        (TOWN, "cococity-refresh", False),  # any host of the domain could have set it
        (DEMO, "cococity-refresh", True),
    ],
)
async def test_a_cookie_counts_under_the_name_of_the_deployment_alone(
    directory: StandIn, addresses: dict[str, str], address: str, name: str, *, counts: bool
) -> None:
    async with at(address, addresses) as browser:
        answer = await browser.get("/account", headers={"Cookie": f"{name}=a-refresh-token"})
    assert (REFRESH in [request.url.path for request in directory.asked]) is counts
    assert (answer.status_code != 303) is counts


async def test_signing_out_takes_the_cookie_away_under_its_name(
    directory: StandIn, addresses: dict[str, str]
) -> None:
    async with at(TOWN, addresses) as browser:
        gone = await browser.post(
            "/account", data={"do": "sign-out"}, headers={"Cookie": "__Host-cococity-refresh=a-token"}
        )
    parts = gone.headers["set-cookie"].split("; ")
    assert parts[0] == '__Host-cococity-refresh=""'
    assert {"Max-Age=0", "Path=/", "Secure"} <= set(parts)


@pytest.mark.parametrize("site", ["cross-site", "same-origin"])
async def test_no_log_and_no_trace_tells_the_token_of_an_invitation_refused_or_not(
    addresses: dict[str, str], site: str, capsys: pytest.CaptureFixture[str]
) -> None:
    exporter, settings = InMemorySpanExporter(), ServiceSettings(service_name="portal", trace_sample=1)
    telemetry.set_up(settings, exporter)
    async with at(TOWN, addresses) as browser:
        answer = await browser.post(PAGE, data={"do": "decline"}, headers={"Sec-Fetch-Site": site})
    telemetry.provider().force_flush()
    telemetry.set_up(ServiceSettings(service_name="portal"))

    assert (answer.status_code == 403) is (site == "cross-site")
    spans = exporter.get_finished_spans()
    assert [
        span.attributes["url.path"] for span in spans if span.attributes and "url.path" in span.attributes
    ]
    assert not any(TOKEN in span.to_json() for span in spans)
    assert TOKEN not in "".join(capsys.readouterr())

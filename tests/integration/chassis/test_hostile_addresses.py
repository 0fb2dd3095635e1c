"""Five hundred addresses that lead inward, and a canary on loopback that none of them reaches."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from ipaddress import ip_address
from itertools import count
from urllib.parse import unquote

import httpx
import pytest
from aiohttp import web

from chassis.fetching import AddressRefused, NotFetched, Outside
from chassis.public_addresses import Address
from tests.support.hostile_addresses import hosts, tricks
from tests.support.web import DECOY, Canary, Site, canary, judge, site

REACHES = ("127.0.0.1", "2130706433", "0x7f000001", "127.1", "[::1]", "[::ffff:127.0.0.1]", "0")
"""Of these notations it is known that a client without any check comes to the canary."""


async def test_the_canary_is_there_for_whoever_does_not_check() -> None:
    async with canary() as bird, httpx.AsyncClient(trust_env=False) as careless:
        for host in REACHES:
            assert (await careless.get(f"http://{host}:{bird.port}/")).text == "hi"
        assert bird.visits == len(REACHES)
        checks_nothing = Outside("tests", judge=lambda address: True, ports=None)
        assert (await checks_nothing.get(f"http://localhost:{bird.port}/")).body == b"hi"
        await checks_nothing.close()
        assert bird.visits == len(REACHES) + 1


def test_digits_and_dots_of_other_widths_are_among_them() -> None:
    written = set("".join(hosts()))
    assert {chr(wide) for wide in range(0xFF10, 0xFF1A)} | {"\u3002", "\uff0e", "\uff61"} <= written
    assert {"\uff11\uff12\uff17.\uff10.\uff10.\uff11", "127\uff0e0\uff0e0\uff0e1"} <= {*hosts()}


async def test_five_hundred_hostile_addresses_never_reach_the_canary() -> None:
    async with canary() as bird, site(_redirecting) as decoy:
        direct = [*(f"http://{host}:{bird.port}/" for host in hosts()), *tricks(bird.port)]
        redirected = [_by_way_of(decoy, url, hops=n % 3 + 1) for n, url in enumerate(direct) if n % 2]
        rebound = [f"http://{name}:{bird.port}/" for name in _Names.ALL]
        assert len({*direct, *redirected, *rebound}) >= 500

        outside = Outside("tests", judge=judge, ports=None, resolve=_Names(bird))
        for url in (*direct, *rebound):
            with pytest.raises(NotFetched):
                await outside.get(url)
        for url in redirected:
            with suppress(NotFetched):  # what is no address is read as a path of the site it came from
                assert (await outside.get(url)).url.startswith(decoy.url)
        await outside.close()
        assert bird.visits == 0
        assert len(decoy.asked) >= len(redirected)  # the redirects were followed to where they were refused


async def test_a_name_that_points_elsewhere_a_moment_later_is_connected_to_where_it_was_judged() -> None:
    async def answer(request: web.Request) -> web.Response:
        if request.path == "/again":
            raise web.HTTPFound(f"http://rebinding.example:{request.query['port']}/")
        return web.Response(text="the decoy")

    async with site(answer) as decoy, canary() as bird:
        answers = iter([DECOY, "127.0.0.1", DECOY, "127.0.0.1"])

        async def changing(name: str, port: int) -> Sequence[Address]:
            return [ip_address(next(answers))]

        outside = Outside("tests", judge=judge, ports=None, resolve=changing)
        first = await outside.get(f"http://rebinding.example:{decoy.port}/")
        assert first.body == b"the decoy"
        with pytest.raises(AddressRefused):
            await outside.get(f"http://rebinding.example:{decoy.port}/")
        with pytest.raises(AddressRefused):
            await outside.get(f"http://rebinding.example:{decoy.port}/again?port={bird.port}")
        await outside.close()
        assert bird.visits == 0
        assert [request.host for request in decoy.asked] == [f"rebinding.example:{decoy.port}"] * 2


class _Names:
    """A resolver in the hands of an attacker."""

    ALL = (
        *(f"inward-{n}.example" for n in range(10)),
        *(f"both-{n}.example" for n in range(10)),
        *(f"turns-{n}.example" for n in range(10)),
        *(f"nowhere-{n}.example" for n in range(5)),
    )
    INWARD = ("127.0.0.1", "::1", "::ffff:127.0.0.1", "10.1.2.3", "169.254.169.254")

    def __init__(self, bird: Canary) -> None:
        self._asked = count()
        self._port = bird.port

    async def __call__(self, name: str, port: int) -> Sequence[Address]:
        inward = ip_address(self.INWARD[next(self._asked) % len(self.INWARD)])
        match name.partition("-")[0]:
            case "inward":
                return [inward]
            case "both":
                return [ip_address(DECOY), inward]
            case "turns":  # public for the check, if there were another look-up for the connection
                return [ip_address(DECOY)] if next(self._asked) % 2 else [ip_address("127.0.0.1")]
            case "nowhere":
                return []
            case _:
                return [ip_address("127.0.0.1")]


async def _redirecting(request: web.Request) -> web.Response:
    if "to" not in request.query:
        return web.Response(status=404)
    hops, target = int(request.query["hops"]), request.query["to"]
    if hops > 1:
        raise web.HTTPTemporaryRedirect(str(request.url.update_query(hops=hops - 1)))
    return web.Response(status=302, headers={"Location": unquote(target)})


def _by_way_of(decoy: Site, url: str, *, hops: int) -> str:
    query = httpx.QueryParams({"to": url.strip().replace("\n", ""), "hops": str(hops)})
    return f"{decoy.url}/?{query}"

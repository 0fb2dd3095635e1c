"""Three real NATS servers as one cluster on loopback, whose routes run through small proxies.

A proxy in front of each, which servers also tell each other of, lets a test cut one off without root, as a
broken cable would.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import signal
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import nats as nats_client
from nats.aio.client import Client

from contracts.streams import DEPLOYER, inbox_prefix, nats_users
from deploy.nats.configuration import NatsCluster, NatsSettings
from deploy.one_machine.nats_server import NatsServer
from tests.support.one_service import until
from tests.support.servers import free_port

NAMES = ("one", "two", "three")


class Door:
    """A TCP proxy in front of a server's cluster port, which knows who comes through and can be shut."""

    def __init__(self, target: int) -> None:
        self.port, self._target = free_port(), target
        self._shut_to: frozenset[str] = frozenset()
        self._routes: dict[asyncio.StreamWriter, set[str]] = {}
        """Each side of each open connection, with the name of the server that opened it once it is known."""
        self.broken = 0
        """Connections that a shut door has ended."""

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", self.port)

    def shut(self, *names: str) -> None:
        """End what these servers have open through here, and let nothing of them in."""
        self._shut_to = frozenset(names)
        for writer, opened_by in self._routes.items():
            # Who has not said its name yet is not let through either: it comes again.
            if not opened_by or opened_by & self._shut_to:
                self.broken += 1
                writer.transport.abort()

    def open(self) -> None:
        self._shut_to = frozenset()

    async def close(self) -> None:
        self._server.close()
        self.shut(*NAMES)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened_by: set[str] = set()
        ends, copying = [writer], list[asyncio.Task[None]]()
        self._routes[writer] = opened_by
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
            ends.append(back)
            self._routes[back] = opened_by
            copying.append(asyncio.create_task(self._copy(reader, back, opened_by)))
            copying.append(asyncio.create_task(self._copy(there, writer, None)))
            await asyncio.wait(copying, return_when=asyncio.FIRST_COMPLETED)
        except OSError:
            pass
        finally:
            for task in copying:
                task.cancel()
            for end in ends:
                self._routes.pop(end, None)
                end.transport.abort()

    async def _copy(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, opened_by: set[str] | None
    ) -> None:
        """Pass on what comes; who opened a route says its name in the first INFO it sends."""
        with suppress(OSError):
            while data := await reader.read(1 << 16):
                if opened_by is not None and not opened_by and (said := _NAME.search(data)):
                    opened_by.add(said[1].decode())
                if opened_by and opened_by & self._shut_to:
                    return
                writer.write(data)
                await writer.drain()


_NAME = re.compile(rb'"server_name":"(\w+)"')


class ClusterOfThree:
    """As `Nats` of tests.support.servers, with three servers and what may befall them."""

    def __init__(self, root: Path) -> None:
        self.credentials = {user.name: secrets.token_hex(8) for user in nats_users()}
        ports = {name: free_port() for name in NAMES}
        self.doors = {name: Door(ports[name]) for name in NAMES}
        password = secrets.token_hex(8)
        self.servers = {
            name: NatsServer(
                root / f"{name}.conf",
                NatsSettings(
                    root / name,
                    free_port(),
                    free_port(),
                    server_name=name,
                    cluster=NatsCluster(
                        ports[name],
                        tuple(f"127.0.0.1:{self.doors[other].port}" for other in NAMES if other != name),
                        password,
                        advertise=f"127.0.0.1:{self.doors[name].port}",
                    ),
                ),
                self.credentials,
                log=root / f"{name}.log",
            )
            for name in NAMES
        }

    @property
    def url(self) -> str:
        return ",".join(server.url for server in self.servers.values())

    def password(self, user: str) -> str:
        return self.credentials[user]

    async def start(self) -> None:
        for door in self.doors.values():
            await door.start()
        await self.start_servers(*NAMES)

    async def start_servers(self, *names: str) -> None:
        """All at once: a server alone waits for a majority before it is healthy."""
        await asyncio.gather(*(asyncio.to_thread(self.servers[name].start) for name in names))

    async def close(self) -> None:
        for door in self.doors.values():
            await door.close()
        for server in self.servers.values():
            server.kill()

    async def connect(self, user: str = DEPLOYER) -> Client:
        return await nats_client.connect(
            self.url.split(","),
            user=user,
            password=self.credentials[user],
            inbox_prefix=inbox_prefix(user).encode(),
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.25,
        )

    async def seen_by(self, name: str, stream: str = "CAMPAIGNS") -> dict[str, Any]:
        """The stream's cluster as this server sees it: `leader`, and `replicas` with `offline`, `lag`."""
        port = self.servers[name].settings.monitoring_port
        async with httpx.AsyncClient(timeout=2) as client:
            answer = await client.get(f"http://127.0.0.1:{port}/jsz?streams=true")
        for account in answer.json().get("account_details") or []:
            for each in account.get("stream_detail") or []:
                if each["name"] == stream:
                    return dict(each.get("cluster") or {})
        return {}

    async def leader(self, among: tuple[str, ...] = NAMES) -> str:
        """The one of `among` that leads the stream by the word of two of them; waits for an election.

        One alone may be a leader of yesterday that has not heard of its successor.
        """
        found: list[str] = []

        async def elected() -> bool:
            found.clear()
            named: Counter[str] = Counter()
            for name in among:
                with suppress(httpx.HTTPError):
                    named[(await self.seen_by(name)).get("leader") or ""] += 1
            found.extend(name for name, votes in named.items() if name in among and votes > 1)
            return bool(found)

        await until(elected, 60)
        return found[0]

    async def until_whole(self) -> None:
        """All three hold the stream, and none is behind."""

        async def whole() -> bool:
            try:
                seen = await self.seen_by(await self.leader())
            except httpx.HTTPError:
                return False
            replicas = seen.get("replicas") or []
            return len(replicas) == 2 and all(
                each.get("current") and not each.get("offline") for each in replicas
            )

        await until(whole, 90)

    def kill(self, *names: str) -> None:
        for name in names:
            assert self.servers[name].pid, f"{name} was dead before: the fault hit nothing"
            self.servers[name].kill()

    def pause(self, name: str) -> None:
        os.kill(self._pid(name), signal.SIGSTOP)

    def go_on(self, name: str) -> None:
        os.kill(self._pid(name), signal.SIGCONT)

    def cut_off(self, name: str) -> None:
        """No route to or from this server; its clients still reach it."""
        broken = sum(door.broken for door in self.doors.values())
        for owner, door in self.doors.items():
            door.shut(*(NAMES if owner == name else (name,)))
        broken = sum(door.broken for door in self.doors.values()) - broken
        assert broken, f"{name} had no route: the cut hit nothing"

    def mend(self) -> None:
        for door in self.doors.values():
            door.open()

    def _pid(self, name: str) -> int:
        pid = self.servers[name].pid
        assert pid, f"{name} does not run"
        return pid

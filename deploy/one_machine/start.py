"""`cococity up`: the whole system on one machine, from nothing to ready, until somebody stops it."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

from deploy.one_machine import footprint
from deploy.one_machine.ports import DEFAULT_BASE, Ports
from deploy.one_machine.program import NotStarted
from deploy.one_machine.supervisor import SecondInstance, Stopped, Supervisor
from deploy.one_machine.system import System

READY_SECONDS = 60.0


class CannotStart(RuntimeError):
    """Nothing runs that was not running before; the message says what to do."""


def up(root: Path, base: int, demo: bool) -> None:
    """Start everything, say where to go, and keep it running until a signal. CannotStart otherwise."""
    began = time.monotonic()
    system = System(root, Ports.from_base(base))
    if system.environment == "production":
        raise CannotStart("This is the system for one machine and a demo; production is described in docs/.")
    root.mkdir(parents=True, exist_ok=True)
    try:
        with Supervisor(system.run, report=say) as supervisor:
            _check_ports(system.ports)
            _start(system, supervisor)
            seconds = time.monotonic() - began
            footprint.remember_ready(system.run, seconds)
            say(f"Ready in {seconds:.1f} s.")
            if demo:
                _load_demo(system, supervisor)
            _say_where_to_go(system, demo)
            supervisor.watch()
            say("Stopping…")
    except SecondInstance as error:
        raise CannotStart(f"{error} Stop it first, or choose another directory with --root.") from None
    except Stopped:
        say("Stopped before everything was up.")
        return
    except NotStarted as error:
        raise CannotStart(f"{error}\nEverything was stopped again.") from None
    say("Everything is stopped. The data stays in " + str(system.root))


def say(line: str) -> None:
    with suppress(OSError):  # the terminal may be gone; what runs is still to be stopped in order
        print(line, flush=True)


def _check_ports(ports: Ports) -> None:
    taken = ports.taken()
    if taken:
        other = DEFAULT_BASE + 1_000 if ports.gateway == DEFAULT_BASE else ports.gateway + 1_000
        advice = f"Nothing was started. Free what is in use, or take other ports: cococity up --port {other}"
        raise CannotStart("\n".join([*taken, advice]))


def _start(system: System, supervisor: Supervisor) -> None:
    system.secrets.create_missing()
    for directory in (system.logs, system.root / "cache"):
        directory.mkdir(parents=True, exist_ok=True)
    say("Starting PostgreSQL, NATS, the mail catcher and the trace viewer")
    # A start is mostly Python importing: what needs no database does so while the database comes up.
    supervisor.begin(system.windows())
    supervisor.start(system.servers())
    say("Bringing databases and streams to the present version")
    supervisor.run_once(system.deploy_step())
    say("Starting the services and the gateway")
    supervisor.begin(system.services())
    supervisor.begin([system.gateway()])
    supervisor.wait_for()
    _wait_until_ready(system, supervisor)


def _wait_until_ready(system: System, supervisor: Supervisor) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not system.is_ready():
        if supervisor.stop_requested:
            raise Stopped
        if time.monotonic() > deadline:
            raise NotStarted(f"{system.address}/readyz did not answer 200 within {READY_SECONDS:.0f} s.")
        supervisor.look_once()
        time.sleep(0.05)


def _load_demo(system: System, supervisor: Supervisor) -> None:
    say("Loading the demo town (a second start finds it there)")
    try:
        supervisor.run_once(system.load_demo())
    except NotStarted as error:
        say(f"The demo town could not be loaded; everything else runs. {error}")


def _say_where_to_go(system: System, demo: bool) -> None:
    address = system.address
    lines = [
        "",
        f"  CoCoCity            {address}/",
        f"  API, to try out     {address}/docs",
        f"  Mails it sent       {address}/mails/",
        f"  Traces              {address}/traces/",
    ]
    if demo:
        lines += [
            "",
            "  As whom             .venv/bin/cococity token NAME prints a token for",
            "                        sophie, tom, lea       ambassadors",
            "                        marc, nele, dieter     merchants (fr, nl, de)",
            "                        claire                 city officer of Habay",
            "                        anna                   consultant",
            "                        otto                   operator",
            "  To see it work      .venv/bin/cococity simulate",
            "  To look after it    .venv/bin/cococity status",
        ]
    measured = footprint.measure(system.run)
    if measured is not None:
        lines += ["", f"  All processes take {measured.total / 1e6:,.0f} MB ({measured.measure})."]
    lines += ["", f"  Logs in {_short(system.logs)}. Ctrl-C stops everything, in order.", ""]
    for line in lines:
        say(line)


def _short(path: Path) -> str:
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)

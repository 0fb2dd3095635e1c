"""The whole system as real processes that a test may kill one by one, at a chosen step, and start again."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from deploy.one_machine.ports import Ports
from deploy.one_machine.program import Child, Program
from deploy.one_machine.system import SERVICES, System
from tests.support.servers import end_leftovers, temporary_root

OWNERS_OF_DATA = tuple(name for name in SERVICES if name != "portal")


class RunningSystem:
    """A demo system over a temporary directory, without a supervisor: what a test kills stays dead."""

    def __init__(self, root: Path) -> None:
        self.system = System(root, free_ports(range(100, 140)))
        self.gateway = self.system.address
        self.children: dict[str, Child] = {}

    def start(self) -> None:
        """Everything, the demo town included."""
        for directory in (self.system.logs, self.system.run, self.system.root / "cache"):
            directory.mkdir(parents=True, exist_ok=True)
        self.system.secrets.create_missing()
        self.programs = {
            program.name: program for program in (*self.system.windows(), *self.system.servers())
        }
        for name in self.programs:
            self.launch(name)
        self.run_once(self.system.deploy_step())
        self.programs |= {program.name: program for program in self.system.services()}
        self.programs["gateway"] = self.system.gateway()
        for name in (*SERVICES, "gateway"):
            self.launch(name, wait=False)
        self.wait_until_ready()
        self.run_once(self.system.load_demo())

    def launch(self, name: str, *, crash_at: str = "", wait: bool = True) -> None:
        """Start a program; `crash_at` names the step at which it is to kill itself."""
        program = self.programs[name]
        if name in OWNERS_OF_DATA:
            environment = {
                **program.environment,
                "COCOCITY_ENVIRONMENT": "test",
                "COCOCITY_CRASH_AT": crash_at,
            }
            program = replace(program, environment=environment)
        self.children[name] = Child(program)
        if wait:
            self.children[name].wait_until_ready(30)

    def run_once(self, program: Program) -> None:
        """Run a program to its end, which must be a good one."""
        child = Child(program)
        assert child.process.wait(120) == 0, f"{program.name} failed.{child.end_of_log()}"

    def kill(self, name: str) -> None:
        """SIGKILL, asserted to have hit a living process."""
        child = self.children[name]
        assert child.exit_code is None, f"{name} was dead before it was killed: the fault hit nothing"
        child.kill()
        assert child.exit_code == -signal.SIGKILL

    def stop_postgres_at_once(self) -> None:
        """PostgreSQL's immediate shutdown (SIGQUIT), asserted to have been one."""
        child = self.children["postgres"]
        assert child.exit_code is None, "PostgreSQL was dead before it was stopped: the fault hit nothing"
        said = self.log("postgres").count("received immediate shutdown request")
        child.process.send_signal(signal.SIGQUIT)
        child.process.wait(30)
        assert self.log("postgres").count("received immediate shutdown request") == said + 1

    def wait_for_crash(self, name: str, seconds: float = 30) -> None:
        """Until the process has killed itself at the step it was told; fails where it never got there."""
        deadline = time.monotonic() + seconds
        while self.children[name].exit_code is None:
            assert time.monotonic() < deadline, f"{name} never reached the step it was to die at"
            time.sleep(0.02)
        assert self.children[name].exit_code == -signal.SIGKILL

    def wait_until_ready(self, seconds: float = 60) -> None:
        """Until the gateway says that everything behind it is ready."""
        deadline = time.monotonic() + seconds
        while not self.system.is_ready():
            for name, child in self.children.items():
                assert child.exit_code is None, f"{name} ended.{child.end_of_log()}"
            assert time.monotonic() < deadline, "the system did not become ready"
            time.sleep(0.05)

    def log(self, name: str) -> str:
        """What a program wrote so far."""
        return (self.system.logs / f"{name}.log").read_text(errors="replace")

    def database_url(self, service: str) -> str:
        """The service's database, as the administrator sees it."""
        password = self.system.secrets.read("postgres_admin")
        return f"postgresql://postgres:{password}@127.0.0.1:{self.system.ports.postgres}/{service}"

    def stop(self) -> None:
        """All of it, services before servers."""
        for name in reversed(list(self.children)):
            self.children[name].stop()


def free_ports(ranges: range) -> Ports:
    """A free one of these hundreds of ports, which nobody else asks for.

    Systems of two workers start at the same moment, and what a test kills must find its ports again: all
    lie below those of `free_port`.
    """
    bases = [base * 100 for base in ranges]
    for _ in range(50):
        ports = Ports.from_base(secrets.choice(bases))
        if not ports.taken():
            return ports
    raise RuntimeError(f"no free range of ports between {bases[0]} and {bases[-1]}")


@contextmanager
def running_system(before: Callable[[System], None] = lambda _: None) -> Iterator[RunningSystem]:
    """A system that lives as long as the block, and leaves nothing behind."""
    end_leftovers()
    root = temporary_root()
    os.environ.setdefault("COCOCITY_GATEWAY_RATE", "5000")
    os.environ.setdefault("COCOCITY_DEMO_WEEKS", "0")
    os.environ.setdefault("COCOCITY_GATEWAY_BURST", "5000")
    made = RunningSystem(root)
    before(made.system)
    try:
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(root, ignore_errors=True)

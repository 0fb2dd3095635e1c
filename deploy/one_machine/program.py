"""A program that one machine runs, and the running child it becomes."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from deploy.one_machine.unprivileged import Account

BIGGEST_LOG_BYTES = 20 * 1024 * 1024


class NotStarted(RuntimeError):
    """A program ended or stayed silent before it was ready; the message carries the end of its log."""


@dataclass(frozen=True)
class Program:
    """What to start, as whom, and how to see that it is ready."""

    name: str
    command: tuple[str, ...]
    ready: Callable[[], bool]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    account: Account | None = None
    """Whom to run as; None is the present user. PostgreSQL refuses to be root."""
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 7.0
    """How long it may take to end by itself once asked."""
    directory: Path | None = None


class Child:
    """One run of a program, in a session of its own: Ctrl-C at the terminal reaches the supervisor alone."""

    def __init__(self, program: Program) -> None:
        self.program = program
        account = program.account
        turn_over(program.log)
        with program.log.open("ab") as log:
            self.process = subprocess.Popen(
                program.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **program.environment},
                cwd=program.directory,
                start_new_session=True,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
            )

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self.process.poll()

    def wait_until_ready(self, seconds: float = 30.0, given_up: Callable[[], bool] = lambda: False) -> None:
        """Return once it is ready or the caller gives up. NotStarted when it ends or stays silent."""
        deadline = time.monotonic() + seconds
        while not given_up() and not self.program.ready():
            if self.exit_code is not None:
                raise NotStarted(f"{self.program.name} ended with code {self.exit_code}.{self.end_of_log()}")
            if time.monotonic() > deadline:
                raise NotStarted(f"{self.program.name} was not ready in {seconds:.0f} s.{self.end_of_log()}")
            time.sleep(0.01)

    def ask_to_stop(self) -> None:
        if self.exit_code is None:
            self.process.send_signal(self.program.stop_signal)

    def stop(self, deadline: float | None = None) -> None:
        """Ask, wait, and kill it if it still runs at the (monotonic) deadline, or after its patience."""
        self.ask_to_stop()
        latest = deadline or time.monotonic() + self.program.stop_seconds
        try:
            self.process.wait(max(0.0, latest - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """SIGKILL to the child and all it started, as a power switch would."""
        kill_tree(self.process.pid)
        self.process.wait()

    def end_orphans(self) -> None:
        """After its death: end what it started (nginx workers outlive their master and keep its port)."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def end_of_log(self, lines: int = 12) -> str:
        try:
            last = self.program.log.read_text(errors="replace").splitlines()[-lines:]
        except OSError:
            return ""
        return f" The end of {self.program.log}:\n  " + "\n  ".join(last)


def turn_over(log: Path) -> None:
    """Keep a log from growing for ever: at a start, a big one becomes the previous one."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > BIGGEST_LOG_BYTES:
        log.rename(log.with_name(f"{log.name}.1"))


def kill_tree(pid: int) -> None:
    """SIGKILL a process and its descendants, and wait until they are gone.

    Not by process group: PostgreSQL gives each of its processes a session of its own, and one that lived on
    would hold the shared memory and keep the server from starting again.
    """
    try:
        first = psutil.Process(pid)
        doomed = [first, *first.children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    for process in doomed:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    deadline = time.monotonic() + 5
    while any(_lives(process) for process in doomed) and time.monotonic() < deadline:
        time.sleep(0.005)


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False

"""Starts the programs of one machine in order, keeps them running, and stops them in the reverse order.

Each child has a session of its own, so that Ctrl-C at the terminal reaches the supervisor alone and the
order is kept. A supervisor that is killed leaves children behind; the next one finds them by pid file.
"""

from __future__ import annotations

import fcntl
import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO, Any

from deploy.one_machine.pid_files import PidFiles
from deploy.one_machine.program import Child, NotStarted, Program

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
HEALTHY_SECONDS = 60.0
"""A child that ran this long is trusted again: its next restart is quick."""
TICK = 0.1


class SecondInstance(RuntimeError):
    """Another supervisor runs over the same directory."""


class Stopped(RuntimeError):
    """Somebody asked to stop while things were still starting."""


@dataclass
class _Kept:
    """A program that is to run, its present child, and how patient to be when it dies."""

    program: Program
    child: Child
    started: float = field(default_factory=time.monotonic)
    pause: float = FIRST_PAUSE
    restart_at: float | None = None


class Supervisor:
    """One per run directory, for as long as `with supervisor:` lasts."""

    def __init__(self, run_directory: Path, report: Callable[[str], None] = print) -> None:
        self.report = report
        self.stop_requested = False
        self._pid_files = PidFiles(run_directory)
        self._directory = run_directory
        self._lock: IO[str] | None = None
        self._handlers: dict[signal.Signals, Any] = {}
        self._stages: list[list[_Kept]] = []

    def __enter__(self) -> Supervisor:
        """Take the directory's lock and end what an earlier run left. SecondInstance when it is taken."""
        lock = (self._directory / "supervisor.lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            lock.close()
            raise SecondInstance(
                f"CoCoCity already runs over {self._directory.parent} (process {holder})."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self._handlers[sign] = signal.signal(sign, self._on_signal)
        for name in self._pid_files.end_leftovers():
            self.report(f"{name} was left running by an earlier run: ended")
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()
        for sign, handler in self._handlers.items():
            signal.signal(sign, handler)
        if self._lock is not None:
            self._lock.truncate(0)
            self._lock.close()

    def begin(self, programs: Sequence[Program]) -> None:
        """Launch programs side by side as one stage, and return at once.

        NotStarted when one cannot be launched, Stopped when a signal came in between; whoever holds the
        supervisor then leaves its `with`, and everything is stopped again.
        """
        stage: list[_Kept] = []
        self._stages.append(stage)
        for program in programs:
            # One by one: what was launched must be known to stop() even if the next cannot be.
            stage.append(_Kept(program, self._launch(program)))  # noqa: PERF401

    def wait_for(self, *names: str, seconds: float = 60.0) -> None:
        """Return when these, or without names all, are ready. NotStarted when one does not come up."""
        for kept in (kept for stage in self._stages for kept in stage):
            if not names or kept.program.name in names:
                kept.child.wait_until_ready(seconds, given_up=lambda: self.stop_requested)
                self._leave_if_asked()

    def start(self, programs: Sequence[Program]) -> None:
        """Launch programs and wait for them."""
        self.begin(programs)
        self.wait_for(*(program.name for program in programs))

    def run_once(self, program: Program, seconds: float = 120.0) -> None:
        """Run a program to its end. NotStarted when it fails; its log says why."""
        child = self._launch(program)
        deadline = time.monotonic() + seconds
        try:
            while child.exit_code is None and time.monotonic() < deadline and not self.stop_requested:
                time.sleep(TICK / 5)
        finally:
            child.stop()
            self._pid_files.remove(program.name)
        self._leave_if_asked()
        if child.exit_code != 0:
            raise NotStarted(f"{program.name} failed with code {child.exit_code}.{child.end_of_log()}")

    def watch(self) -> None:
        """Keep everything running until a signal asks to stop."""
        with suppress(Stopped):
            while not self.stop_requested:
                self.look_once()
                time.sleep(TICK)

    def look_once(self) -> None:
        """Restart what died, each after its own pause."""
        now = time.monotonic()
        for kept in (kept for stage in self._stages for kept in stage):
            if kept.restart_at is not None:
                if now >= kept.restart_at:
                    self._restart(kept)
            elif kept.child.exit_code is not None:
                kept.child.end_orphans()
                if now - kept.started > HEALTHY_SECONDS:
                    kept.pause = FIRST_PAUSE
                kept.restart_at = now + kept.pause
                self.report(
                    f"{kept.program.name} ended with {_ending(kept.child.exit_code)}: "
                    f"starting it again in {kept.pause:g} s (log: {kept.program.log})"
                )
                kept.pause = min(kept.pause * 2, LONGEST_PAUSE)

    def stop(self) -> None:
        """Stop all stages, the last one first; within a stage side by side."""
        while self._stages:
            stage = self._stages.pop()
            for kept in stage:
                kept.child.ask_to_stop()
            # One patience for all of them: several that hang do not add up.
            deadline = time.monotonic() + max((kept.program.stop_seconds for kept in stage), default=0)
            for kept in stage:
                kept.child.stop(deadline)
                self._pid_files.remove(kept.program.name)

    def children(self) -> dict[str, int]:
        """Name and pid of what runs at present."""
        return {
            kept.program.name: kept.child.pid
            for stage in self._stages
            for kept in stage
            if kept.child.exit_code is None
        }

    def _launch(self, program: Program) -> Child:
        self._leave_if_asked()
        child = Child(program)
        self._pid_files.write(child)
        return child

    def _restart(self, kept: _Kept) -> None:
        kept.child = self._launch(kept.program)
        kept.started = time.monotonic()
        kept.restart_at = None

    def _leave_if_asked(self) -> None:
        if self.stop_requested:
            raise Stopped

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.stop_requested = True


def _ending(code: int) -> str:
    """Popen gives a death by signal as a negative code."""
    return f"code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"

"""Who of an earlier run is still alive: one file per child, with what tells it from a recycled pid."""

from __future__ import annotations

import contextlib
import json
import signal
import time
from pathlib import Path

import psutil

from deploy.one_machine.program import Child, kill_tree

SAME_START_SECONDS = 1.0
"""Two processes with one pid cannot have started within this time of each other."""
PATIENCE_SECONDS = 8.0


class PidFiles:
    """The files `<name>.pid` of one run directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    def write(self, child: Child) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):  # it ended at once; who waits for it will say so
            content = {
                "pid": child.pid,
                "started": psutil.Process(child.pid).create_time(),
                "stop_signal": int(child.program.stop_signal),
            }
            new = self.directory / f"{child.program.name}.new"
            new.write_text(json.dumps(content))
            new.replace(self._path(child.program.name))  # never half of one is seen

    def remove(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def end_leftovers(self) -> list[str]:
        """Stop what an earlier supervisor left behind, politely first. Returns the names it ended."""
        ended = []
        asked: list[psutil.Process] = []
        for path in sorted(self.directory.glob("*.pid"), reverse=True):
            process, stop_signal = _living(path)
            if process is not None:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.send_signal(stop_signal)
                asked.append(process)
                ended.append(path.stem)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while any(_runs(process) for process in asked) and time.monotonic() < deadline:
            time.sleep(0.05)
        for process in asked:
            if _runs(process):
                kill_tree(process.pid)
        for path in self.directory.glob("*.pid"):
            path.unlink()
        return ended

    def _path(self, name: str) -> Path:
        return self.directory / f"{name}.pid"


def _living(path: Path) -> tuple[psutil.Process | None, signal.Signals]:
    """The process of the file, if it is still the same one: a recycled pid belongs to somebody else."""
    try:
        content = json.loads(path.read_text())
        process = psutil.Process(int(content["pid"]))
        same = abs(process.create_time() - float(content["started"])) < SAME_START_SECONDS
        stop_signal = signal.Signals(int(content["stop_signal"]))
    except (ValueError, KeyError, TypeError, psutil.Error):
        return None, signal.SIGTERM
    return (process if same and _runs(process) else None), stop_signal


def _runs(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False

"""How much memory the system takes, and how long it took to be ready the last time."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Share:
    """A child with all its processes."""

    name: str
    processes: int
    bytes: int


@dataclass(frozen=True)
class Footprint:
    shares: list[Share]
    measure: str
    """PSS where the kernel tells it (Linux): shared pages count once, divided among those that share them."""
    seconds_to_ready: float | None

    @property
    def total(self) -> int:
        return sum(share.bytes for share in self.shares)


def measure(run_directory: Path) -> Footprint | None:
    """None when no system runs over the directory."""
    try:
        supervisor = int((run_directory / "supervisor.lock").read_text())
        root = psutil.Process(supervisor)
    except (OSError, ValueError, psutil.NoSuchProcess):
        return None
    names = {_pid_in(path): path.stem for path in run_directory.glob("*.pid")}
    shares = [Share("supervisor", 1, memory_of(supervisor))]
    for child in root.children():
        family = [child, *child.children(recursive=True)]
        shares.append(
            Share(names.get(child.pid, "other"), len(family), sum(memory_of(member.pid) for member in family))
        )
    measure_name = "PSS" if Path("/proc/self/smaps_rollup").exists() else "RSS"
    return Footprint(sorted(shares, key=lambda share: -share.bytes), measure_name, _ready_in(run_directory))


def memory_of(pid: int) -> int:
    """Bytes; 0 for a process that just ended."""
    try:
        found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
        if found:
            return int(found[1]) * 1024
    except OSError:
        pass  # no Linux, or another account's process: its resident size is the best there is
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


def remember_ready(run_directory: Path, seconds: float) -> None:
    (run_directory / "ready.json").write_text(json.dumps({"seconds": round(seconds, 2)}))


def _ready_in(run_directory: Path) -> float | None:
    try:
        return float(json.loads((run_directory / "ready.json").read_text())["seconds"])
    except (OSError, ValueError, KeyError):
        return None


def _pid_in(path: Path) -> int | None:
    try:
        return int(json.loads(path.read_text())["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return None

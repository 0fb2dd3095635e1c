"""The test's side of tests/support/losing_disk.py, which is a process of its own."""

from __future__ import annotations

import ctypes.util
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path


def is_possible() -> bool:
    """Whether this machine has FUSE and we may use it."""
    library = ctypes.util.find_library("fuse3") or ctypes.util.find_library("fuse")
    return bool(library) and os.access("/dev/fuse", os.R_OK | os.W_OK)


class Disk:
    """A mounted disk whose power can be cut."""

    def __init__(self, mount_point: Path, directory: Path) -> None:
        self.mount_point = mount_point
        mount_point.mkdir(parents=True, exist_ok=True)
        directory.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "tests.support.losing_disk", str(mount_point), str(directory)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        deadline = time.monotonic() + 10
        while not os.path.ismount(mount_point):
            assert self._process.poll() is None, "the disk could not be mounted"
            assert time.monotonic() < deadline, "the disk was not mounted within ten seconds"
            time.sleep(0.02)

    def cut_power(self) -> int:
        """Drop what was not synced; how many bytes. Whoever had files open must be dead already."""
        return self._ask("cut")

    def sync(self) -> int:
        """Everything written so far is on the disk, as after minutes without a write; how many files."""
        return self._ask("sync")

    def _ask(self, command: str) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{command}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def unmount(self) -> None:
        """Take it away, and end its process."""
        with suppress(OSError, subprocess.SubprocessError):
            program = ["umount"] if os.geteuid() == 0 else ["fusermount3", "-u"]
            subprocess.run([*program, str(self.mount_point)], check=True, timeout=10)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        self._process.kill()
        self._process.wait()

"""A disk whose power can be cut: what was written and not synced is gone afterwards. For tests only.

A FUSE file system over a directory. Each write and truncation is done at once and its reverse is kept until
the file is synced; a cut undoes them in reverse. Directory operations (create, rename, remove) survive, as
on a journalling file system; a file that was created and never synced is there, and empty.

    python -m tests.support.losing_disk <mount point> <directory>

takes lines on standard input: `cut` is answered with how many bytes were lost, `sync` with how many files
had something unsynced.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

from mfusepy import FUSE, Operations, fuse_file_info

_SYNCED = os.O_SYNC | os.O_DSYNC


class _Reverse(NamedTuple):
    """How to undo one write: the bytes that were there, where, and how long the file was."""

    offset: int
    bytes: bytes
    size: int


class Unsynced:
    """What a cut would undo, by file (device and inode, whatever its name is by now)."""

    def __init__(self) -> None:
        self._undo: defaultdict[int, list[_Reverse]] = defaultdict(list)
        self._files: dict[int, int] = {}
        """A descriptor of our own of each file with unsynced writes."""

    def note(self, descriptor: int, offset: int, length: int) -> None:
        """Remember what a change of `length` bytes from `offset` is about to replace."""
        state = os.fstat(descriptor)
        if state.st_ino not in self._files:
            self._files[state.st_ino] = os.dup(descriptor)
        old = os.pread(descriptor, length, offset) if offset < state.st_size else b""
        self._undo[state.st_ino].append(_Reverse(offset, old, state.st_size))

    def forget(self, descriptor: int) -> None:
        """The file is synced."""
        inode = os.fstat(descriptor).st_ino
        self._undo.pop(inode, None)
        if inode in self._files:
            os.close(self._files.pop(inode))

    def forget_all(self) -> int:
        """Everything is synced; in how many files something was not."""
        known = list(self._files.values())
        for descriptor in known:
            self.forget(descriptor)
        return len(known)

    def undo_all(self) -> int:
        """The power is cut; in how many bytes the disk differs from what was written."""
        dropped = 0
        for inode, descriptor in self._files.items():
            size = os.fstat(descriptor).st_size
            for each in reversed(self._undo[inode]):
                dropped += len(each.bytes)
                os.pwrite(descriptor, each.bytes, each.offset)
                os.ftruncate(descriptor, each.size)
            dropped += max(0, size - os.fstat(descriptor).st_size)
            os.close(descriptor)
        self._undo.clear()
        self._files.clear()
        return dropped


class PowerLoss(Operations):  # type: ignore[misc]  # the library has no types
    """The file system: each operation on the directory below, and what a cut would undo."""

    use_ns = True

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._unsynced = Unsynced()
        self._synced_handles: set[int] = set()
        self._one_at_a_time = threading.Lock()

    def obey(self) -> None:
        """Commands from standard input, until it ends: then whoever mounted this is gone, and so is it."""
        for line in sys.stdin:
            with self._one_at_a_time:
                cut = line.strip() == "cut"
                answer = self._unsynced.undo_all() if cut else self._unsynced.forget_all()
            print(answer, flush=True)
        os.kill(os.getpid(), signal.SIGTERM)

    def _below(self, path: str) -> str:
        return f"{self._directory}{path}"

    # --- files ---------------------------------------------------------------------------------------

    def create(self, path: str, mode: int, fi: fuse_file_info) -> int:
        return self._open(path, fi, os.O_CREAT | (fi.flags & (os.O_EXCL | os.O_TRUNC)), mode)

    def open(self, path: str, fi: fuse_file_info) -> int:
        return self._open(path, fi, 0, 0o600)

    def _open(self, path: str, fi: fuse_file_info, flags: int, mode: int) -> int:
        # For reading too, whatever was asked for: what a write replaces has to be read.
        fi.fh = os.open(self._below(path), os.O_RDWR | (flags & ~os.O_TRUNC), mode)
        if fi.flags & _SYNCED == _SYNCED or fi.flags & os.O_DSYNC:
            self._synced_handles.add(fi.fh)
        if fi.flags & os.O_TRUNC:
            self._shorten(fi.fh, 0)
        return 0

    def read(self, path: str, size: int, offset: int, fi: fuse_file_info) -> bytes:
        return os.pread(fi.fh, size, offset)

    def write(self, path: str, data: bytes, offset: int, fi: fuse_file_info) -> int:
        with self._one_at_a_time:
            if fi.fh in self._synced_handles:
                self._unsynced.forget(fi.fh)
            else:
                self._unsynced.note(fi.fh, offset, len(data))
            return os.pwrite(fi.fh, data, offset)

    def truncate(self, path: str, length: int, fi: fuse_file_info | None = None) -> int:
        descriptor = os.open(self._below(path), os.O_RDWR)
        try:
            self._shorten(descriptor, length)
        finally:
            os.close(descriptor)
        return 0

    def _shorten(self, descriptor: int, length: int) -> None:
        with self._one_at_a_time:
            size = os.fstat(descriptor).st_size
            if size != length:
                self._unsynced.note(descriptor, min(size, length), max(0, size - length))
                os.ftruncate(descriptor, length)

    def fsync(self, path: str, datasync: int, fi: fuse_file_info) -> int:
        with self._one_at_a_time:
            self._unsynced.forget(fi.fh)
        return 0

    def release(self, path: str, fi: fuse_file_info) -> int:
        self._synced_handles.discard(fi.fh)
        os.close(fi.fh)
        return 0

    # --- directories and the rest: done at once, and for good ------------------------------------------

    def getattr(self, path: str, fi: fuse_file_info | None = None) -> dict[str, Any]:
        found = os.lstat(self._below(path))
        names = ("st_mode", "st_nlink", "st_size", "st_uid", "st_gid", "st_blocks")
        times = {f"st_{each}time": getattr(found, f"st_{each}time_ns") for each in "amc"}
        return {**{name: getattr(found, name) for name in names}, **times}

    def readdir(self, path: str, fi: fuse_file_info) -> list[str]:
        return [".", "..", *os.listdir(self._below(path))]

    def mkdir(self, path: str, mode: int) -> int:
        os.mkdir(self._below(path), mode)
        return 0

    def rmdir(self, path: str) -> int:
        os.rmdir(self._below(path))
        return 0

    def unlink(self, path: str) -> int:
        os.unlink(self._below(path))
        return 0

    def rename(self, old: str, new: str) -> int:
        os.rename(self._below(old), self._below(new))
        return 0

    def chmod(self, path: str, mode: int) -> int:
        os.chmod(self._below(path), mode)
        return 0

    def chown(self, path: str, uid: int, gid: int) -> int:
        os.chown(self._below(path), uid, gid)
        return 0

    def utimens(self, path: str, times: tuple[int, int] | None = None) -> int:
        if times is None:
            os.utime(self._below(path))
        else:
            os.utime(self._below(path), ns=times)
        return 0

    def statfs(self, path: str) -> dict[str, int]:
        found = os.statvfs(self._below(path))
        names = ("f_bavail", "f_bfree", "f_blocks", "f_bsize", "f_favail", "f_ffree", "f_files", "f_frsize")
        return {name: getattr(found, name) for name in names}


if __name__ == "__main__":
    disk = PowerLoss(Path(sys.argv[2]))
    threading.Thread(target=disk.obey, daemon=True).start()
    FUSE(disk, sys.argv[1], foreground=True, nothreads=True, raw_fi=True)

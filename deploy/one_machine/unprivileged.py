"""Where and as whom servers run that refuse to be root, or should not be.

As an ordinary user there is nothing to do: everything runs as oneself, in place. As root, PostgreSQL and
the gateway's workers run as `nobody`, and what they touch must be reachable for `nobody`: a checkout under
a closed directory (root's home) is not, and opening somebody's directories is not ours to do.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

OPEN_PLACES = Path("/var/lib/cococity")


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int
    name: str


def account_for_servers() -> Account | None:
    """None as an ordinary user; `nobody` as root. It must be a named account: initdb looks its name up."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam("nobody")
    return Account(entry.pw_uid, entry.pw_gid, entry.pw_name)


def reachable(path: Path, account: Account) -> bool:
    """Whether the account may pass through every directory above the path, and read the path."""
    path = path.resolve()
    return all(_may(parent, account, stat.S_IXOTH, stat.S_IXUSR) for parent in path.parents) and _may(
        path, account, stat.S_IROTH | stat.S_IXOTH, stat.S_IRUSR | stat.S_IXUSR
    )


def _may(path: Path, account: Account, others: int, owner: int) -> bool:
    status = path.stat()
    wanted = owner if status.st_uid == account.uid else others
    return status.st_mode & wanted == wanted


def place_for_servers(root: Path) -> Path:
    """A directory for the data of such servers: the root itself where they can reach it.

    Otherwise one under /var/lib/cococity, of this root alone, with a link to it in the root.
    """
    root.mkdir(parents=True, exist_ok=True)
    account = account_for_servers()
    if account is None or reachable(root, account):
        return root
    digest = hashlib.sha256(str(root.resolve()).encode()).hexdigest()[:16]
    place = OPEN_PLACES / digest
    place.mkdir(parents=True, exist_ok=True)
    for directory in (OPEN_PLACES, place):
        directory.chmod(0o755)
    link = root / "servers"
    if not link.is_symlink():
        link.symlink_to(place, target_is_directory=True)
    return place


def give(path: Path, account: Account | None) -> Path:
    """Create a directory of the account's own, closed to others."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if account is not None:
        os.chown(path, account.uid, account.gid)
    return path


def copy_readable(source: Path, target: Path) -> None:
    """Copy a tree so that everyone may read it; an interrupted copy leaves nothing behind."""
    unfinished = target.with_name(f"{target.name}.{os.getpid()}.unfinished")
    shutil.copytree(source, unfinished, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a"))
    unfinished.chmod(0o755)
    for directory, names, files in os.walk(unfinished):
        for name in (*names, *files):
            entry = Path(directory, name)
            if not entry.is_symlink():
                executable = entry.is_dir() or entry.stat().st_mode & stat.S_IXUSR
                entry.chmod(0o755 if executable else 0o644)
    try:
        unfinished.rename(target)
    except OSError:  # another process was quicker; its copy is as good
        shutil.rmtree(unfinished)

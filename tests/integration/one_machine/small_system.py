"""A supervisor over small children, run as a process of its own by the tests: `small_system.py ROOT NAMES…`.

Each child writes its pid to a file when it is ready and, when asked to stop, a line to `stopped`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from deploy.one_machine.program import Program
from deploy.one_machine.supervisor import Supervisor

SCRIPT = 'trap "echo $1 >> $0/stopped; exit 0" TERM; echo $$ > $0/$1.up; while :; do sleep 0.05; done'


def child(root: Path, name: str, script: str = SCRIPT) -> Program:
    return Program(
        name=name,
        command=("sh", "-c", script, str(root), name),
        ready=(root / f"{name}.up").exists,
        log=root / "log" / f"{name}.log",
        stop_seconds=2,
    )


def main() -> None:
    root = Path(sys.argv[1])
    with Supervisor(root / "run") as supervisor:
        for name in sys.argv[2:]:
            supervisor.start([child(root, name)])
        print("ready", flush=True)
        supervisor.watch()


if __name__ == "__main__":
    main()

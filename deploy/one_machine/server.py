"""What PostgreSQL and NATS have in common when they are started by themselves, without a supervisor."""

from __future__ import annotations

from abc import ABC, abstractmethod

from deploy.one_machine.program import Child, NotStarted, Program


class Server(ABC):
    """One server program and its present run."""

    _child: Child | None = None

    @abstractmethod
    def program(self) -> Program:
        """The server as a child of whoever starts it."""

    def start(self) -> None:
        """Start it; one that runs goes on running. NotStarted when it does not come up."""
        if self._child is not None and self._child.exit_code is None:
            return
        child = Child(self.program())
        try:
            child.wait_until_ready()
        except NotStarted:
            child.kill()
            raise
        self._child = child

    def stop(self) -> None:
        """In order, by the program's own signal."""
        if self._child is not None:
            self._child.stop()
            self._child = None

    def kill(self) -> None:
        """Every process of it at once, as in a crash; what was acknowledged is on the disk."""
        if self._child is not None:
            self._child.kill()
            self._child = None

    @property
    def pid(self) -> int | None:
        """None while it does not run."""
        return self._child.pid if self._child else None

"""What the supervisor promises: order, restarts, one instance, nothing left behind, nobody else's process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from deploy.one_machine.pid_files import PidFiles
from deploy.one_machine.program import Child, NotStarted, Program
from deploy.one_machine.supervisor import SecondInstance, Supervisor
from tests.integration.one_machine.small_system import child

pytestmark = pytest.mark.slow


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, lines: list[str]) -> Iterator[Supervisor]:
    with Supervisor(tmp_path / "run", report=lines.append) as supervisor:
        yield supervisor


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def watch_until(supervisor: Supervisor, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        supervisor.look_once()
        time.sleep(0.02)


def test_a_killed_child_is_restarted_with_a_clear_line(
    supervisor: Supervisor, tmp_path: Path, lines: list[str]
) -> None:
    supervisor.start([child(tmp_path, "service")])
    first = supervisor.children()["service"]

    os.kill(first, signal.SIGKILL)
    watch_until(supervisor, lambda: supervisor.children().get("service", first) != first)

    assert lines == [
        f"service ended with signal SIGKILL: starting it again in 0.5 s (log: {tmp_path}/log/service.log)"
    ]


def test_a_child_that_keeps_dying_is_given_longer_pauses(
    supervisor: Supervisor, tmp_path: Path, lines: list[str]
) -> None:
    supervisor.start([child(tmp_path, "restless", "touch $0/$1.up; exit 3")])

    watch_until(supervisor, lambda: len(lines) >= 3)

    assert [line.split(" (")[0] for line in lines[:3]] == [
        f"restless ended with code 3: starting it again in {pause} s" for pause in ("0.5", "1", "2")
    ]


def test_a_second_instance_is_refused_and_the_first_goes_on(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start([child(tmp_path, "service")])

    with pytest.raises(SecondInstance, match=f"already runs over .* \\(process {os.getpid()}\\)"):
        Supervisor(tmp_path / "run").__enter__()

    assert "service" in supervisor.children()


def test_when_one_does_not_come_up_the_others_are_stopped_and_its_log_is_shown(tmp_path: Path) -> None:
    programs = [child(tmp_path, "good"), child(tmp_path, "broken", "echo no such luck; exit 1")]

    with pytest.raises(NotStarted, match=r"(?s)broken ended with code 1.*no such luck"):  # noqa: SIM117
        with Supervisor(tmp_path / "run") as supervisor:
            supervisor.start(programs)

    assert not psutil.pid_exists(int((tmp_path / "good.up").read_text()))
    assert not list((tmp_path / "run").glob("*.pid"))


def test_sigterm_stops_everything_in_the_reverse_order(tmp_path: Path) -> None:
    process = start_small_system(tmp_path, "one", "two", "three")
    pids = pids_of(tmp_path, "one", "two", "three")

    process.send_signal(signal.SIGTERM)

    assert process.wait(10) == 0
    assert (tmp_path / "stopped").read_text().split() == ["three", "two", "one"]
    assert not any(map(runs, pids))


def test_children_that_do_not_listen_are_killed_within_one_patience(tmp_path: Path) -> None:
    deaf = 'trap "" TERM; echo $$ > $0/$1.up; while :; do sleep 0.05; done'
    names = ("one", "two", "three")
    with Supervisor(tmp_path / "run") as supervisor:
        supervisor.start([child(tmp_path, name, deaf) for name in names])
        pids = pids_of(tmp_path, *names)
        began = time.monotonic()

    assert time.monotonic() - began < 4
    assert not any(map(runs, pids))


def test_what_a_killed_supervisor_left_behind_is_ended_by_the_next(tmp_path: Path) -> None:
    killed = start_small_system(tmp_path, "one", "two")
    orphans = pids_of(tmp_path, "one", "two")
    killed.kill()
    killed.wait()
    assert all(map(runs, orphans))
    for name in ("one", "two"):
        (tmp_path / f"{name}.up").unlink()

    following = start_small_system(tmp_path, "one", "two")

    assert not any(map(runs, orphans))
    following.terminate()
    following.wait(10)
    assert "one was left running by an earlier run: ended" in (tmp_path / "output").read_text()
    assert not any(map(runs, pids_of(tmp_path, "one", "two")))


def test_a_recycled_pid_is_left_alone(tmp_path: Path) -> None:
    somebody = subprocess.Popen(["sleep", "60"])
    try:
        run = tmp_path / "run"
        run.mkdir()
        started = psutil.Process(somebody.pid).create_time() - 3_600
        content = {"pid": somebody.pid, "started": started, "stop_signal": int(signal.SIGTERM)}
        (run / "service.pid").write_text(json.dumps(content))

        with Supervisor(run):
            pass

        assert somebody.poll() is None
        assert not (run / "service.pid").exists()
    finally:
        somebody.kill()
        somebody.wait()


def start_small_system(root: Path, *names: str) -> subprocess.Popen[bytes]:
    """Running and ready; what it prints is in `output`."""
    with (root / "output").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.one_machine.small_system", str(root), *names],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    wait_for(lambda: "ready" in (root / "output").read_text(), seconds=30)
    return process


def pids_of(root: Path, *names: str) -> list[int]:
    wait_for(lambda: all((root / f"{name}.up").read_text().strip() for name in names))
    return [int((root / f"{name}.up").read_text()) for name in names]


def runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_who_looks_for_a_pid_while_it_is_written_sees_one(tmp_path: Path) -> None:
    program = Program("sleeper", ("sleep", "60"), lambda: True, tmp_path / "log")
    running, written = Child(program), threading.Event()
    files = PidFiles(tmp_path / "run")
    files.write(running)

    def write() -> None:
        for _ in range(400):
            files.write(running)
        written.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while not written.is_set():
            assert json.loads((tmp_path / "run" / "sleeper.pid").read_text())["pid"] == running.pid
    finally:
        writer.join()
        running.kill()

"""A port in use is named before anything starts."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from deploy.one_machine.ports import Ports
from deploy.one_machine.start import CannotStart, up

BASE = 18_080


def test_a_taken_port_is_refused_by_name_before_anything_starts(tmp_path: Path) -> None:
    ports = Ports.from_base(BASE)
    with socket.create_server(("127.0.0.1", ports.nats)):
        expected = rf"(?s)Port {ports.nats} \(for nats\) is in use by .*Nothing was started.*--port 19080"
        with pytest.raises(CannotStart, match=expected):
            up(tmp_path, BASE, demo=False)

    assert not (tmp_path / "postgres").exists()
    assert not list((tmp_path / "run").glob("*.pid"))


def test_ports_move_together_and_none_is_used_twice() -> None:
    default, other = Ports.from_base(), Ports.from_base(9_080)

    assert (default.gateway, default.nats, default.postgres) == (8080, 8122, 8132)
    assert (other.gateway, other.nats, other.postgres) == (9080, 9122, 9132)
    assert len(set(vars(default).values())) == len(vars(default))


def test_production_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COCOCITY_ENVIRONMENT", "production")
    with pytest.raises(CannotStart, match="one machine and a demo"):
        up(tmp_path, BASE, demo=False)

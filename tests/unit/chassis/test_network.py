"""Whom a network stands for."""

import pytest

from chassis.network import network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("81.240.12.200", "81.240.12.200"),
        ("2a02:a03f:6b7e:1::5", "2a02:a03f:6b7e:1::/64"),
        ("", "unknown"),
        ("unix:", "unknown"),
    ],
)
def test_a_network_is_what_one_subscriber_has(address: str, network: str) -> None:
    assert network_of(address) == network

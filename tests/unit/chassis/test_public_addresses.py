"""What may be spoken to outside."""

from ipaddress import ip_address

import pytest

from chassis.public_addresses import host_address, is_public, network, public_and
from chassis.settings import ServiceSettings
from tests.support.hostile_addresses import INWARD_V6, LOOPBACK, PRIVATE


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:4700::6810:85e5", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]
)
def test_the_public_internet_is_spoken_to(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("address", [*LOOPBACK, *PRIVATE, *INWARD_V6, "64:ff9b::7f00:1", "2002:5db8:d822::1"])
def test_nothing_inward_is(address: str) -> None:
    assert not is_public(ip_address(address))


def test_an_operators_own_network_is_opened_by_name_and_nothing_beside_it() -> None:
    judge = public_and([network("10.20.0.0/16"), network("fd12::/32")])
    opened = ["10.20.3.4", "::ffff:10.20.3.4", "fd12::1", "93.184.216.34"]
    assert all(judge(ip_address(address)) for address in opened)
    assert not any(judge(ip_address(address)) for address in ["10.21.0.1", "127.0.0.1", "fd13::1"])


@pytest.mark.parametrize(
    "networks", ["127.0.0.0/8", "0.0.0.0/0", "::/0", "169.254.169.254/32", "10.0.0.1/8", "x"]
)
def test_no_setting_opens_this_machine_or_a_clouds_metadata(networks: str) -> None:
    with pytest.raises(ValueError, match="outside_networks"):
        ServiceSettings(outside_networks=networks)


def test_networks_come_from_one_setting() -> None:
    settings = ServiceSettings(outside_networks="10.20.0.0/16, fd12::/32")
    assert [str(each) for each in settings.own_networks()] == ["10.20.0.0/16", "fd12::/32"]


@pytest.mark.parametrize(
    "host", ["0177.0.0.1", "2130706433", "0x7f.1", "127.1", "127.0.0.1.", "a..b", "-a.be", "a b"]
)
def test_a_host_is_a_name_or_an_address_in_its_usual_form(host: str) -> None:
    with pytest.raises(ValueError, match="host"):
        host_address(host)


def test_names_are_names() -> None:
    assert host_address("shop.example") is host_address("xn--caf-dma.be") is host_address("1and1.com") is None

"""Addresses that lead inward, in the notations that have passed such checks before."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote

LOOPBACK = ("127.0.0.1", "127.1.2.3", "127.255.255.254", "0.0.0.0")
PRIVATE = (
    "10.0.0.5", "10.255.255.255", "172.16.0.1", "172.31.255.254", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "192.0.0.8", "192.0.2.7", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
)  # fmt: skip
INWARD_V6 = (
    "::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1", "100::1",
    "5f00::1", "64:ff9b:1::a00:5", "3fff::1", "2001:2::1", "2001:10::1",
)  # fmt: skip
_CIRCLED = str.maketrans("0123456789", "⓪①②③④⑤⑥⑦⑧⑨")
# As escapes: some editors and tools bring full-width digits and dots to ASCII.
_WIDE = str.maketrans("0123456789", "".join(map(chr, range(0xFF10, 0xFF1A))))
_DOTS = ("\u3002", "\uff0e", "\uff61")
"""Ideographic, full-width and half-width: IDNA reads each as a dot (UTS 46)."""
_ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def hosts() -> list[str]:
    """As they stand in a URL, without repetitions."""
    found: dict[str, None] = {}
    for address in (*LOOPBACK, *PRIVATE):
        for host in (*_numbers(address), *_within_v6(address), *_unicode(address)):
            found[host] = None
    for six in INWARD_V6:
        found[f"[{six}]"] = None
        found[f"[{IPv6Address(six).exploded}]"] = None
    found["[fe80::1%25lo]"] = found["[::1%lo]"] = None
    return list(found)


def _numbers(address: str) -> Iterator[str]:
    """Everything that inet_aton, and with it most resolvers, takes."""
    a, b, c, d = (int(part) for part in address.split("."))
    whole = int(IPv4Address(address))
    yield address
    yield f"{address}."
    yield from (str(whole), hex(whole), f"0{whole:o}", f"0X{whole:x}")
    yield f"{a}.{whole & 0xFFFFFF}"
    yield f"{a}.{b}.{whole & 0xFFFF}"
    yield ".".join(f"0{part:o}" for part in (a, b, c, d))
    yield ".".join(f"{part:#x}" for part in (a, b, c, d))
    yield ".".join(f"{part:03}" for part in (a, b, c, d))
    yield f"{a:#x}.{b}.0{c:o}.{d}"
    yield quote(address, safe="").replace(".", "%2e")
    yield "".join(f"%{ord(character):02x}" for character in address)


def _within_v6(address: str) -> Iterator[str]:
    whole = int(IPv4Address(address))
    high, low = whole >> 16, whole & 0xFFFF
    yield f"[::ffff:{address}]"
    yield f"[::ffff:{high:x}:{low:x}]"
    yield f"[0:0:0:0:0:ffff:{high:x}:{low:x}]"
    yield f"[::{high:x}:{low:x}]"
    yield f"[64:ff9b::{high:x}:{low:x}]"
    yield f"[2002:{high:x}:{low:x}::1]"
    yield f"[2001:0:{high:x}:{low:x}::]"
    yield f"[2001::{high ^ 0xFFFF:x}:{low ^ 0xFFFF:x}]"
    yield f"[2a00:1450::5efe:{high:x}:{low:x}]"


def _unicode(address: str) -> Iterator[str]:
    yield address.translate(_CIRCLED)
    yield address.translate(_WIDE)
    yield address.translate(_ARABIC)
    for dot in _DOTS:
        yield address.replace(".", dot)
        yield address.replace(".", dot).translate(_WIDE)


def tricks(port: int) -> list[str]:
    """URLs on which two parsers have disagreed, and schemes that are no web."""
    inward = f"127.0.0.1:{port}"
    return [
        f"http://shop.example@{inward}/",
        f"http://shop.example:80@{inward}/",
        f"http://{inward}\\@shop.example/",
        f"http://{inward}#@shop.example/",
        f"http://{inward}?@shop.example/",
        f"http://shop.example%40{inward}/",
        f"http://shop.example%00.{inward}/",
        f"http://{inward}%23@shop.example/",
        f"http:\\\\{inward}\\",
        f"http:{inward}",
        f"http:/{inward}/",
        f"http:///{inward}/",
        f"//{inward}/",
        f"\thttp://{inward}/",
        f"http://\t{inward}/",
        f"http://127.0.\n0.1:{port}/",
        f"HTTP://LOCALHOST:{port}/",
        f"http://localhost.:{port}/",
        f"http://localhost%2e:{port}/",
        f"http://[::1]:{port}@shop.example/",
        f"http://user:secret@[::1]:{port}/",
        f"file:///etc/passwd#{inward}",
        f"gopher://{inward}/_GET%20/",
        f"ftp://{inward}/",
        f"dict://{inward}/info",
        f"ldap://{inward}/",
        f"jar:http://{inward}!/",
        f"ws://{inward}/",
        f"data:text/html,{inward}",
        f"http+unix://%2fvar%2frun%2fsocket/{inward}",
        f"http://[::ffff:127.0.0.1%25eth0]:{port}/",
        f"http://0:{port}/",
        f"http://00000000:{port}/",
        f"http://0x0:{port}/",
        f"http://127.0.0.1.:{port}/",
        f"http://[[::1]]:{port}/",
        f"http://::1:{port}/",
        f"http://127.0.0.1:{port}:80/",
        f"http://xn--:{port}/",
        f"http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:{port}/",
    ]

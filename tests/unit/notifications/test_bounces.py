"""What comes back to a return path: which of it says that a mailbox is gone."""

from __future__ import annotations

from uuid import UUID

import pytest

from chassis.mail import sender_of
from services.notifications.suppression.bounces import Bounce, bounce_of
from services.notifications.suppression.intake import delivery_of, return_path

DELIVERY = UUID("01890000-0000-7000-8000-000000000001")
BOUNCES = sender_of("bounces@mail.town.example")


def report(*fields: str, boundary: str = "=_1") -> bytes:
    """A delivery status notification (RFC 3464) about one recipient, as servers write them."""
    lines = [
        "From: MAILER-DAEMON@mx.example", "To: bounces@mail.town.example", "Subject: Undelivered Mail",
        "Auto-Submitted: auto-replied", "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type=delivery-status; boundary="{boundary}"', "",
        f"--{boundary}", "Content-Type: text/plain", "", "I'm sorry to have to inform you …", "",
        f"--{boundary}", "Content-Type: message/delivery-status", "",
        "Reporting-MTA: dns; mx.example", "Arrival-Date: Mon, 23 Nov 2026 09:00:00 +0000", "",
        "Final-Recipient: rfc822; zoe@shop.example", *fields, "",
        f"--{boundary}", "Content-Type: text/rfc822-headers", "", "Subject: 5 avis", "",
        f"--{boundary}--", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode()


@pytest.mark.parametrize(
    ("fields", "status", "of_mailbox"),
    [
        (("Action: failed", "Status: 5.1.1", "Diagnostic-Code: smtp; 550 5.1.1 User unknown"), "5.1.1", True),
        (("Action: Failed", "Status: 5.1.10", "Remote-MTA: dns;outlook.example"), "5.1.10", True),
        (("Action: failed", "Status: 5.0.0", "Diagnostic-Code: smtp; 550 5.2.1 disabled"), "5.2.1", True),
        (("Action: failed", "Status: 5.4.4", "Diagnostic-Code: X-Postfix; Host not found"), "5.4.4", True),
        (("Action: failed",), "5.0.0", True),
        (("Action: failed", "Status: 5.2.2", "Diagnostic-Code: smtp; 552 mailbox full"), "5.2.2", False),
        (("Action: failed", "Status: 5.7.1", "Diagnostic-Code: smtp; 550 looks like spam"), "5.7.1", False),
        (("Action: failed", "Status: 4.4.7", "Diagnostic-Code: smtp; delivery expired"), "4.4.7", False),
        (("status: 5.1.1 (bad mailbox)", "action: failed (after a while)"), None, False),
        (("Action: delayed", "Status: 4.4.1"), None, False),
        (("Action: relayed", "Status: 2.0.0"), None, False),
        (("Status: 5.1.1",), None, False),
    ],
)
def test_a_report_says_whether_a_mailbox_is_gone(
    fields: tuple[str, ...], status: str | None, of_mailbox: bool
) -> None:
    bounce = bounce_of(report(*fields))
    assert bounce == (Bounce(status) if status else None)
    assert (bounce is not None and bounce.is_of_mailbox) == of_mailbox


NESTED = b"".join(
    b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (depth, depth)
    for depth in range(3000)
)
ANSWERING = (
    b"Subject: Out of office\r\nAuto-Submitted: auto-replied\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n"
)


@pytest.mark.parametrize(
    "raw",
    [b"", b"\x00\xff\xfe", ANSWERING, NESTED, report("Action: failed")[:300],
     report("Action: failed", boundary="x").replace(b"message/delivery-status", b"text/plain")],
)  # fmt: skip
def test_whatever_else_comes_says_nothing(raw: bytes) -> None:
    assert bounce_of(raw) is None


def test_a_return_path_names_its_delivery_and_nobody_elses_does() -> None:
    path = return_path(BOUNCES, DELIVERY)
    assert path == "bounces+01890000000070008000000000000001@mail.town.example"
    assert delivery_of(BOUNCES, path.upper()) == DELIVERY
    for other in (
        "bounces@mail.town.example",
        path + "x",
        "x" + path,
        "bounces+zz@mail.town.example",
        "",
        "@",
    ):
        assert delivery_of(BOUNCES, other) is None

"""Short links: what a code looks like, and where one leads. Pure.

Where a link leads is made of ids alone, under our own public address: nobody can have it lead elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

ALPHABET = "23456789cdfhjkmnprtvwxy"
"""Without letters that look like a figure or each other, and without vowels: no code is a word."""
LENGTH = 8
"""23^8 codes: of a million links, a guess meets one in 78,000 times."""
PATH = "/s/"
_CODE = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")


def code_of(typed: str) -> str | None:
    """The code in what was typed or scanned, in whatever case; None where it is none."""
    code = typed.lower()
    return code if _CODE.fullmatch(code) else None


class Kind(StrEnum):
    """Whose link it is."""

    SHARE = "share"
    """An ambassador's own, to a shop or a campaign."""
    SHOP = "shop"
    """The permanent one of a listed shop, campaign or not."""
    JOIN = "join"
    """The one by which a campaign is joined."""


@dataclass(frozen=True)
class Target:
    """What a link leads to: a shop, or else a campaign."""

    city_id: UUID
    merchant_id: UUID | None = None
    campaign_id: UUID | None = None


@dataclass(frozen=True)
class Link:
    """One short link."""

    id: UUID
    code: str
    kind: Kind
    target: Target
    contributor_id: UUID | None
    """Whose it is; none of a permanent one."""
    made_at: datetime
    withdrawn_at: datetime | None = None


def page_of(target: Target, *, closed: bool, nis_code: str | None) -> str:
    """The path of the portal's page it leads to.

    A shop that is closed or not listed any more has none: its codes, which hang in town, lead to the
    town's page.
    """
    if target.campaign_id is not None:
        return f"/campaigns/{target.campaign_id}"
    if closed:
        return f"/towns/{nis_code}" if nis_code else "/"
    return f"/merchants/{target.merchant_id}"

"""What a mail says, as data. Delivery decides it and puts it together; `writer` makes the message of it.

    Content(delivery.id, "nl", name="Bakkerij Zoé", title="40 reviews van uw zaak", lead="…", …)

Texts are plain, in the reader's language, and may hold whatever people typed: the writer takes out control
and direction characters and escapes the rest. No address is in here, and no markup.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of news; in a digest, all that a kind has to tell, merged: forty reviews are one item."""

    title: str
    text: str
    reason: str | None = None
    """Why the reader is told: "you get this because…"."""
    path: str | None = None
    """Where to see more, behind the gateway's public address; begins with a slash."""


@dataclass(frozen=True, slots=True)
class Step:
    """The one thing that the reader is advised to do next."""

    title: str
    text: str = ""
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """Counts in order of time, drawn as bars. The mail shows the same figures as text beside the picture."""

    title: str
    summary: str
    """What the picture shows, in one sentence: read out where it is not seen."""
    points: tuple[tuple[str, int], ...]
    """(label, count) from the oldest, at most MOST_POINTS; labels as people read them ("17 Nov")."""


MOST_POINTS = 31


@dataclass(frozen=True, slots=True)
class Content:
    """One mail to one reader: a single notice (`items` empty) or a digest.

    Raises ValueError where a chart has more than MOST_POINTS or a count below nought.
    """

    id: UUID
    """The delivery's: the same at every attempt, and so is the Message-ID."""
    language: str
    """One of LANGUAGES."""
    kind: str
    """What it is about ("milestone", "digest"): names the list (List-Id) and what the first link ends."""
    name: str
    """Whom it is about, as the reader knows it: the shop's name. Empty in what is told to a single person."""
    title: str
    lead: str
    reason: str
    """Why the reader gets this mail, in one sentence."""
    token: str | None
    """The secret that ends mails to this reader; None for what nobody can end (security, law)."""
    written_at: datetime
    items: tuple[Item, ...] = ()
    step: Step | None = None
    chart: Chart | None = None
    path: str = "/"
    """Where its button leads to, behind the gateway's public address."""
    is_about_path: bool = False
    """Whether that is the page of what the mail is about; it is the feed otherwise."""

    def __post_init__(self) -> None:
        points = self.chart.points if self.chart else ()
        if len(points) > MOST_POINTS or any(count < 0 for _, count in points):
            raise ValueError(f"a chart has at most {MOST_POINTS} points, none below nought")

"""A report as its page shows it: sums of groups of five at least, as the assessment service tells them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from msgspec import Struct

from services.portal.neighbours import NotThere, Unanswered
from services.portal.visitors import Visitor

REPORTS = "/api/v1/reports"


class Share(Struct):
    count: int
    percent: float


class Class(Struct):
    lowest: int
    highest: int
    count: int


class Mean(Struct):
    text: str
    answered: int
    mean: float


class Rank(Struct):
    text: str
    count: int
    percent: float


class Kind(Struct):
    text: str
    participants: int
    mean: float
    share_50_or_more: Share
    share_above_70: Share


class Year(Struct):
    year: int
    mean: int


class Regional(Struct):
    region: str
    title: str
    source: str
    means: list[Year]
    caution: str


class LeftOut(Struct):
    small_units: int
    open_units: int
    other_editions: list[str]


class Report(Struct):
    participants: int
    sessions: int
    mean: float | None
    share_50_or_more: Share
    share_above_70: Share
    asked_for_training: Share
    distribution: list[Class]
    dimensions: list[Mean]
    recommendations: list[Rank]
    wishes: list[Rank]
    kinds: list[Kind]
    regional: list[Regional]
    left_out: LeftOut
    rule: str


@dataclass(frozen=True)
class AskedReport:
    """Of a session, of a programme, or of a city and months; of nothing yet where none is named."""

    session: UUID | None = None
    programme: UUID | None = None
    city: UUID | None = None
    first_month: str = ""
    last_month: str = ""

    @property
    def query(self) -> str:
        """As the page, its files and the service are asked for it."""
        given = {name: str(value) for name, value in vars(self).items() if value}
        return urlencode(given)

    async def read(self, visitor: Visitor) -> Report | str:
        """The report, or what of the question is wrong. Raises NotThere, Unanswered."""
        path = f"{REPORTS}?{self.query}&language={visitor.language}"
        answer = await visitor.send("GET", "assessment", path)
        if answer.status == 422:
            return str(answer.body.get("field") or "refused")
        if answer.status != 200:
            raise NotThere(f"assessment: HTTP {answer.status}")
        try:
            return msgspec.convert(answer.body, Report)
        except msgspec.ValidationError as error:
            raise Unanswered(f"assessment: {error}") from error

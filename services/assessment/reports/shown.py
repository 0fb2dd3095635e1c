"""What callers are shown of a report, in their language."""

from uuid import UUID

from msgspec import Struct

from chassis.http import Shown
from services.assessment.kinds.catalogue import merchant_kinds
from services.assessment.questionnaires.domain.questions import Choice
from services.assessment.questionnaires.shown import ShownText
from services.assessment.reports.bases import Basis
from services.assessment.reports.domain.figures import OTHER
from services.assessment.reports.domain.report import Report, Share, report_of
from services.assessment.reports.read import Found, Scope
from services.assessment.reports.storage import WISH
from services.assessment.reports.words import Regional, ReportWords


class ShownShare(Shown):
    count: int
    percent: float
    """Of all participants, with one decimal."""


class ShownClass(Shown):
    lowest: int
    highest: int
    count: int


class ShownMean(ShownText):
    answered: int
    """By how many participants: those who skipped all its questions count nowhere."""
    mean: float


class ShownRank(ShownText):
    count: int
    percent: float


class ShownKind(Shown):
    kind: str | None
    """As somebody said, else as the directory lists the shop. None for kinds that are too small to be shown,
    and where neither says one."""
    text: str
    participants: int
    mean: float
    share_50_or_more: ShownShare
    share_above_70: ShownShare


class ShownYear(Shown):
    year: int
    mean: int


class ShownRegional(Shown):
    """What somebody else published: a landmark."""

    region: str
    title: str
    source: str
    means: list[ShownYear]
    caution: str


class ShownLeftOut(Shown):
    small_units: int
    """Sessions and months with fewer than five persons, or with as few latecomers; not how many persons."""
    open_units: int
    """Sessions and months that are not closed yet."""
    other_editions: list[str]
    """Questionnaires and versions that were answered there, too: their scores are never added."""


class ShownReport(Shown):
    """Sums of groups of at least five persons each; no two reports differ by fewer."""

    questionnaire: str
    version: int
    along_with: str | None
    """The other version whose answers count, too, scored anew over the questions `over`."""
    over: list[ShownText] | None
    language: str
    cities: list[UUID]
    session: UUID | None
    programme: UUID | None
    first_month: str | None
    last_month: str | None
    participants: int
    sessions: int
    mean: float | None
    share_50_or_more: ShownShare
    share_above_70: ShownShare
    asked_for_training: ShownShare
    distribution: list[ShownClass]
    dimensions: list[ShownMean]
    recommendations: list[ShownRank]
    """The most frequent first. None over two versions: they recommend by different rules."""
    wishes: list[ShownRank]
    kinds: list[ShownKind]
    regional: list[ShownRegional]
    left_out: ShownLeftOut
    rule: str


class ReportInWords(Struct, frozen=True):
    """Texts and series that every report is shown with."""

    words: ReportWords
    regional: tuple[Regional, ...]

    def shown(self, scope: Scope, basis: Basis, found: Found, language: str) -> ShownReport:
        """That report, in that language."""
        by = basis.by
        report = report_of(found.figures, [each.key for each in by.dimensions])
        titles = {each.key: each.title.into(language) for each in by.dimensions}
        own, other = basis.editions[-1], basis.editions[0]
        return ShownReport(
            questionnaire=own.name,
            version=own.version,
            along_with=f"{other.name}.v{other.version}" if basis.over else None,
            over=[
                ShownText(key=each.key, text=each.text.into(language))
                for each in by.questions
                if each.key in basis.over
            ]
            or None,
            language=language,
            cities=[*scope.cities],
            session=scope.session_id,
            programme=scope.programme_id,
            first_month=f"{scope.first:%Y-%m}" if scope.first else None,
            last_month=f"{scope.last:%Y-%m}" if scope.last else None,
            participants=report.participants,
            sessions=found.sessions,
            mean=report.mean,
            share_50_or_more=_share(report.at_least_50),
            share_above_70=_share(report.above_70),
            asked_for_training=_share(report.asking),
            distribution=[
                ShownClass(lowest=each.lowest, highest=each.highest, count=each.count)
                for each in report.distribution
            ],
            dimensions=[
                ShownMean(key=each.key, text=titles[each.key], answered=each.answered, mean=each.mean)
                for each in report.dimensions
            ],
            recommendations=_recommendations(report, basis, language),
            wishes=_wishes(report, basis, language),
            kinds=self._kinds(report, language),
            regional=self._published(language),
            left_out=ShownLeftOut(
                small_units=found.left_out.small_units,
                open_units=found.left_out.open_units,
                other_editions=[*found.left_out.other_editions],
            ),
            rule=self.words.rule.into(language),
        )

    def _kinds(self, report: Report, language: str) -> list[ShownKind]:
        known = merchant_kinds()
        other = self.words.other_kinds.into(language)
        return [
            ShownKind(
                kind=None if each.kind == OTHER else each.kind,
                text=known[each.kind].title.into(language) if each.kind in known else each.kind or other,
                participants=each.participants,
                mean=each.mean,
                share_50_or_more=_share(each.at_least_50),
                share_above_70=_share(each.above_70),
            )
            for each in report.kinds
        ]

    def _published(self, language: str) -> list[ShownRegional]:
        return [
            ShownRegional(
                region=series.region.into(language),
                title=series.title.into(language),
                source=series.source,
                means=[ShownYear(year=each.year, mean=each.mean) for each in series.means],
                caution=self.words.landmark.into(language),
            )
            for series in self.regional
        ]


def _share(share: Share) -> ShownShare:
    return ShownShare(count=share.count, percent=share.percent)


def _recommendations(report: Report, basis: Basis, language: str) -> list[ShownRank]:
    return [
        ShownRank(
            key=each.key,
            text=basis.by.recommendation(each.key).title.into(language),
            count=each.share.count,
            percent=each.share.percent,
        )
        for each in report.recommendations
    ]


def _wishes(report: Report, basis: Basis, language: str) -> list[ShownRank]:
    question = basis.by.question(WISH)
    options = question.options if isinstance(question, Choice) else ()
    titles = {option.key: option.text.into(language) for option in options}
    return [
        ShownRank(
            key=each.key,
            text=titles.get(each.key, each.key),
            count=each.share.count,
            percent=each.share.percent,
        )
        for each in report.wishes
    ]

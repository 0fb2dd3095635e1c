"""The report's texts in the reader's language: the catalogues `study`, and English as it stands here."""

from __future__ import annotations

from pathlib import Path

from babel.numbers import format_decimal

from chassis.catalogues import compiled, translatable
from services.campaigns.evaluation.domain import Figure
from services.campaigns.study.domain.answer import Verdict
from services.campaigns.study.domain.funnel import Step
from services.campaigns.study.domain.outcomes import Outcome

FOLDER = Path(__file__).parents[1] / "locales"
DOMAIN = "study"

VERDICTS = {
    Verdict.NOT_FIXED: translatable(
        "Nothing was fixed beforehand to judge this campaign by, so nothing is claimed."
    ),
    Verdict.SOLICITED: translatable(
        "The campaign itself asked for this: it is reported, and not called an effect."
    ),
    Verdict.TOO_EARLY: translatable("It is too early to say. This is what happened so far."),
    Verdict.TOO_FEW: translatable("The data are too few to say. This is what happened."),
    Verdict.PARTED_BEFORE: translatable(
        "Both groups of shops had gone apart before the campaign began: "
        "what came after may have another cause."
    ),
    Verdict.ROSE: translatable("Yes: there was more than without the campaign, and hardly by chance."),
    Verdict.FELL: translatable("No: there was less than without the campaign, and hardly by chance."),
    Verdict.NOT_SHOWN: translatable(
        "No effect was shown. There may be none, or one too small for these data to show."
    ),
}
OUTCOMES = {
    Outcome.PAGE_VISIT: translatable("Visitors of shops' pages"),
    Outcome.QR_VISIT: translatable("Visitors by shops' QR codes"),
    Outcome.FOLLOW: translatable("New followers"),
    Outcome.CLAIM: translatable("Shops whose accounts were taken over"),
    Outcome.ASSESSMENT: translatable("Self-assessments"),
    Outcome.TRAINING_REQUEST: translatable("Requests for training"),
    Outcome.REVIEWS_ELSEWHERE: translatable("New reviews on other platforms"),
}
STEPS = {
    Step.REACHED: translatable("Reached by ambassadors"),
    Step.TOLD: translatable("Told of their audience"),
    Step.OPENED: translatable("Opened what they were told"),
    Step.ASSESSED: translatable("Assessed themselves"),
    Step.TRAINED: translatable("Came to a training"),
    Step.REASSESSED: translatable("Assessed themselves again"),
}
FIGURES = {
    Figure.AMBASSADORS: translatable("Ambassadors who joined"),
    Figure.ACTIVE_AMBASSADORS: translatable("Ambassadors who contributed"),
    Figure.REVIEWS: translatable("Reviews"),
    Figure.PHOTOS: translatable("Photos"),
    Figure.VIDEOS: translatable("Videos"),
    Figure.SHARES: translatable("Shares"),
    Figure.MERCHANTS_REACHED: translatable("Shops reached"),
}
DONE = translatable("What was done, because the campaign asked for it: no effect")
TITLE = translatable("Did it work?")
WEEK = translatable("Week")
WITH = translatable("With the campaign")
COMPARED = translatable("In comparison")
SHOPS = translatable("Shops")
BY_WEEK = translatable("For each shop, by week; week 0 is the first one with the campaign")
WITHHELD = translatable("Figures of fewer than five shops are withheld.")
EFFECT = translatable(
    "Effect for each shop and week: {estimate} (between {lowest} and {highest} at 95 %). "
    "Without the campaign {expected} were to be expected."
)
DETECTABLE = translatable("An effect of {detectable} would have been found in about four cases of five.")
PLACEBO = translatable(
    "The same on the time before, where there can be no effect: {estimate} (between {lowest} and {highest})."
)
TAKES_SHOPS = translatable("To know, it would take {number} shops in each group.")
TAKES_COUNTED = translatable("To know, it would take {number} of them in all.")
TAKES_UNITS = translatable(
    "To know, it would take {number} districts, kinds or shops, half of them with the campaign."
)
FUNNEL = translatable("How far the campaign's shops came")
FEW = translatable("fewer than five")
IN_ORDER = translatable(
    "Each row counts shops that took all steps above it, in this order of time. A message counts as opened "
    "when somebody opens it in the feed or follows the link in a mail: nothing watches who reads mails."
)
BESIDE = translatable(
    "Beside it, “{name}” ran in shops of both groups or of one ({own} with the campaign, {compared} in "
    "comparison): what it brought is in these figures too."
)
METHOD = translatable(
    "Shops with the campaign are compared with shops outside of it, before and after, as was fixed before it "
    "began. Districts, kinds or shops that were chosen as a whole count once. The interval holds every "
    "effect that a permutation test does not refuse."
)


def said(text: str, language: str, **values: str) -> str:
    """The text in that language."""
    found = text if language == "en" else str(compiled(FOLDER, language, DOMAIN).gettext(text))
    return found.format(**values)


def number(value: float, language: str) -> str:
    """With two decimals at most, as that language writes it."""
    return str(format_decimal(round(value, 2) + 0.0, format="#,##0.##", locale=language))

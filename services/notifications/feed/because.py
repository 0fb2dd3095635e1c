"""Why somebody is told something: a sentence for each kind, shown with it."""

from __future__ import annotations

from chassis.catalogues import translatable as _

BECAUSE: dict[str, str] = {
    "milestone": _("You get this because people did something for your shop, and a new mark was reached."),
    "first": _("You get this because it is the first of its kind for your shop."),
    "campaign-begins": _("You get this because your shop lies where the campaign runs."),
    "campaign-ends": _("You get this because your shop lies where the campaign ran."),
    "welcome": _("You get this because the account of your shop has just been opened."),
    "unusual-rise": _(
        "You get this because the week had more than chance gives beside your eight weeks before: "
        "chance alone does that in at most one week of a hundred."
    ),
    "next-step": _("You get this because you assessed your shop and no message has named the step yet."),
    "reassessment-due": _("You get this because your newest self-assessment is some months old."),
    "seat-given": _("You get this because you waited for a seat of this session."),
    "coaching-offered": _("You get this because you asked for a training."),
    "claim-disputed": _("You get this because an answer of yours is needed to keep your shop's account."),
    "held": _("You get this because you contributed it: whoever did is told why it waits."),
    "decision": _("You get this because you contributed it: whoever did is told what was decided."),
    "report-decided": _("You get this because you reported it: whoever did is told what was decided."),
    "appeal-decided": _("You get this because an appeal was made about it, by you or by the other side."),
    "goal-reached": _("You get this because you are an officer of the city that runs the campaign."),
    "request-waiting": _("You get this because you are a consultant who works in the shop's town."),
    "queue-waiting": _(
        "You get this because you are an officer of the city, or of its deputy city, and something "
        "has waited for half of its time."
    ),
    "thanks": _("You get this because you contributed something; at most once a week for each town."),
    "answer-needed": _("You get this because these reviews are some days old and have no answer yet."),
    "contribution-reported": _(
        "You get this because it is about your shop: it was reported, or what was reported is decided."
    ),
    "photo-taken-back": _("You get this because your shop took that photo for its own use."),
    "review-answered": _("You get this because you wrote the review."),
    "account-changed": _("You get this because it is about the security of your account."),
}
UNKNOWN = _("You get this because there is news for your shop.")
"""Of a kind that this version does not know."""

"""The policy check, as tables: what may be asked for, where, and for what reward."""

from pathlib import Path

import pytest

from services.campaigns.policy.catalogue import FILE as RULES
from services.campaigns.policy.catalogue import BadRules, read, rules
from services.campaigns.policy.domain import (
    POSSIBLE,
    Action,
    Ask,
    Judgement,
    Platform,
    Reward,
    Verdict,
    every_ask,
    judge,
)
from services.campaigns.policy.table import document

ELSEWHERE = [platform for platform in Platform if platform is not Platform.HERE]
GROUND = "Autorisation du collège du 1er septembre 2026"

# where, what, for which reward, on which legal ground: what becomes of it, and the rule that says so.
DECISIONS = """
here         review      none        -       allowed                  asking-is-free
here         review      points      -       allowed-with-disclosure  rewarded-reviews-say-so
here         review      benefit     -       allowed-with-disclosure  rewarded-reviews-say-so
here         review      contest     -       refused                  opinions-do-not-compete
here         review      prize-draw  -       refused                  no-public-lottery
here         review      prize-draw  stated  allowed-with-disclosure  draws-state-their-ground
here         photo       points      -       allowed                  contributions-here-may-earn
here         photo       benefit     -       allowed-with-disclosure  paid-recommendations-say-so
here         photo       contest     -       allowed-with-disclosure  contests-say-who-judges
here         share       points      -       allowed                  contributions-here-may-earn
here         follow      benefit     -       allowed-with-disclosure  paid-recommendations-say-so
here         correction  points      -       allowed                  contributions-here-may-earn
google       review      none        -       allowed                  asking-is-free
google       review      points      -       refused                  nothing-done-elsewhere-earns-anything
google       photo       points      -       refused                  nothing-done-elsewhere-earns-anything
google       review      prize-draw  stated  refused                  nothing-done-elsewhere-earns-anything
tripadvisor  review      none        -       allowed                  asking-is-free
tripadvisor  review      benefit     -       refused                  nothing-done-elsewhere-earns-anything
tripadvisor  review      prize-draw  stated  refused                  nothing-done-elsewhere-earns-anything
yelp         review      none        -       refused                  yelp-is-never-asked-for
yelp         photo       none        -       refused                  yelp-is-never-asked-for
facebook     share       none        -       allowed                  asking-is-free
facebook     share       points      -       refused                  nothing-done-elsewhere-earns-anything
instagram    photo       contest     -       refused                  nothing-done-elsewhere-earns-anything
mangrove     review      points      -       refused                  nothing-done-elsewhere-earns-anything
openstreetmap correction none        -       allowed                  asking-is-free
openstreetmap correction points      -       refused                  nothing-done-elsewhere-earns-anything
"""


def judged(platform: str, action: str, reward: str, ground: str | None = None) -> Judgement:
    return judge(rules(), Ask(Platform(platform), Action(action), Reward(reward)), ground)


@pytest.mark.parametrize("line", DECISIONS.strip().splitlines())
def test_the_table_of_decisions_holds(line: str) -> None:
    platform, action, reward, ground, verdict, rule = line.split()
    judgement = judged(platform, action, reward, GROUND if ground == "stated" else None)
    assert judgement.verdict == verdict
    assert rule in [each.key for each in judgement.rules]


@pytest.mark.parametrize("ground", [None, GROUND])
@pytest.mark.parametrize("ask", every_ask(), ids=lambda ask: f"{ask.platform}-{ask.action}-{ask.reward}")
def test_whatever_can_be_asked_for_is_decided_by_a_rule(ask: Ask, ground: str | None) -> None:
    assert judge(rules(), ask, ground).rules


@pytest.mark.parametrize("ground", [None, GROUND])
def test_nothing_that_is_done_elsewhere_is_rewarded(ground: str | None) -> None:
    for ask in every_ask():
        if ask.platform in ELSEWHERE and ask.reward is not Reward.NONE:
            assert judge(rules(), ask, ground).verdict is Verdict.REFUSED, ask


@pytest.mark.parametrize(
    ("narrowed", "rule"),
    [({"least_stars": 1}, "no-star-target"), ({"only_satisfied": True}, "not-only-the-satisfied")],
)
def test_no_rating_is_aimed_at_and_nobody_picked_out_whatever_is_asked(
    narrowed: dict[str, bool], rule: str
) -> None:
    for ask in every_ask():
        aimed = Ask(ask.platform, ask.action, ask.reward, **narrowed)
        judgement = judge(rules(), aimed, GROUND)
        assert judgement.verdict is Verdict.REFUSED, aimed
        assert rule in [each.key for each in judgement.rules]


def test_yelp_is_never_targeted() -> None:
    for action in POSSIBLE[Platform.YELP]:
        for reward in Reward:
            assert judged("yelp", action, reward, GROUND).verdict is Verdict.REFUSED


def test_what_no_rule_speaks_of_is_refused() -> None:
    assert judge((), Ask(Platform.HERE, Action.PHOTO), None).verdict is Verdict.REFUSED


def test_the_document_says_what_the_rules_say() -> None:
    """`make contracts` writes it."""
    file = Path(__file__).parents[3] / "docs" / "campaign-policy.md"
    assert file.read_text(encoding="utf-8") == document()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("platforms: [yelp]", "platforms: [yelpp]"),
        ("platforms: [yelp]", "platform: [yelp]"),
        ("verdict: refused", "verdict: forbidden"),
        ("key: no-star-target", "key: yelp-is-never-asked-for"),
        ("    en: Yelp forbids", "    es: Yelp forbids"),
        ("    en: Yelp forbids businesses, and whoever acts for them, to ask for reviews. "
         "A campaign never invites to it.", "    en: ''"),
    ],
)  # fmt: skip
def test_a_rule_that_is_misspelt_twice_there_or_not_in_all_languages_stops_the_start(
    before: str, after: str
) -> None:
    body = RULES.read_text(encoding="utf-8")
    assert before in body
    with pytest.raises(BadRules):
        read(body.replace(before, after, 1).encode())

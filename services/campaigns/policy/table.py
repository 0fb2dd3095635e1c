"""docs/campaign-policy.md: what the rules come to, as a table that a person can read and a test compares.

python -m services.campaigns.policy.table > docs/campaign-policy.md
"""

import sys
from collections.abc import Iterator, Sequence

from services.campaigns.policy.catalogue import rules
from services.campaigns.policy.domain import POSSIBLE, Action, Ask, Platform, Reward, Rule, Verdict, judge

_SIGNS = {Verdict.ALLOWED: "yes", Verdict.DISCLOSED: "said", Verdict.REFUSED: "no"}
_HEAD = """# What a campaign may ask for

Made by `python -m services.campaigns.policy.table` of `services/campaigns/policy/rules.yaml`; a test
compares the two.

A campaign is announced only where nothing it asks for is refused. **yes**: allowed; **said**: allowed, if
readers are told the words of the rule; **no**: refused. The numbers are those of the rules below. Never
allowed, whatever the table says: a minimum of stars (`no-star-target`), and asking only those who are known
to be content (`not-only-the-satisfied`). Of a draw of lots, the second sign is for a city that states its
legal ground.
"""


def document() -> str:
    """The whole file."""
    known = rules()
    return "\n".join([_HEAD, *_table(known), "", "## The rules", "", *_list(known), ""])


def _table(known: Sequence[Rule]) -> Iterator[str]:
    yield "| where | what | " + " | ".join(Reward) + " |"
    yield "|---|---|" + "---|" * len(Reward)
    for platform, actions in POSSIBLE.items():
        for action in actions:
            cells = [_cell(known, platform, action, reward) for reward in Reward]
            yield f"| {platform} | {action} | " + " | ".join(cells) + " |"


def _cell(known: Sequence[Rule], platform: Platform, action: Action, reward: Reward) -> str:
    grounds = (None, "stated") if reward is Reward.PRIZE_DRAW else (None,)
    signs = [_sign(known, Ask(platform, action, reward), ground) for ground in grounds]
    return " / ".join(dict.fromkeys(signs))


def _sign(known: Sequence[Rule], ask: Ask, ground: str | None) -> str:
    judgement = judge(known, ask, ground)
    numbers = [str(known.index(rule) + 1) for rule in judgement.rules]
    return f"{_SIGNS[judgement.verdict]} {', '.join(numbers)}".strip()


def _list(known: Sequence[Rule]) -> Iterator[str]:
    for number, rule in enumerate(known, 1):
        sources = "; ".join(
            f"[{each.title}]({each.address})" if each.address else each.title for each in rule.sources
        )
        yield f"{number}. `{rule.key}`: {rule.text.en} Source: {sources}."


if __name__ == "__main__":
    sys.stdout.write(document())

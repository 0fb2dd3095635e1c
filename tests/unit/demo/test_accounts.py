"""What counts as lost, as duplicated, and as known."""

from __future__ import annotations

from demo.effects import Audience, Milestone, repeated
from demo.simulator import Result, Tally


def _result(accepted: set[str], effected: set[str], duplicated: int = 0, unknown: int = 0) -> Result:
    return Result(
        attempted=frozenset({"a", "b", "c"}),
        accepted=frozenset(accepted),
        refused={},
        unknown={f"key-{number}": "silence" for number in range(unknown)},
        effected=frozenset(effected),
        duplicated=duplicated,
        notified=1,
        seconds=2.00049,
        disturbances={},
    )


def test_what_was_accepted_and_is_in_no_audience_is_lost() -> None:
    result = _result({"1", "2", "3"}, {"1", "3"})

    assert result.lost == {"2"}
    assert not result.exact
    assert result.line() == {
        "attempted": 3,
        "accepted": 3,
        "refused": 0,
        "effected": 2,
        "notified": 1,
        "lost": 1,
        "duplicated": 0,
        "seconds": 2.0,
    }


def test_an_account_is_exact_only_where_everything_is_known_and_counted_once() -> None:
    assert _result({"1"}, {"1"}).exact
    assert not _result({"1"}, {"1"}, duplicated=1).exact
    assert not _result({"1"}, {"1"}, unknown=1).exact


def test_a_total_above_its_contributions_and_a_contribution_listed_twice_are_duplicates() -> None:
    assert Audience(2, ("1", "2")).duplicated == 0
    assert Audience(3, ("1", "2")).duplicated == 1
    assert Audience(2, ("1", "1", "2")).duplicated == 1
    assert Audience(3, ("1", "1", "2")).duplicated == 2


def test_a_milestone_told_again_is_a_duplicate_whatever_its_notification() -> None:
    told = [Milestone("n1", "shop", "review", 1), Milestone("n2", "shop", "review", 5)]

    assert repeated(told) == 0
    assert repeated([*told, Milestone("n3", "shop", "review", 5)]) == 1


def test_every_answer_ends_one_post() -> None:
    tally = Tally(
        planned=4, accepted={"1": "shop"}, refused={"k2": "already-reviewed"}, unknown={"k3": "silence"}
    )

    assert tally.answered == 3

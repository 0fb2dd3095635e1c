"""The pledge, and somebody's standing in a campaign."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from services.campaigns.enrolments.domain import Enrolment, Standing
from services.campaigns.enrolments.pledges import FILE, BadPledge, newest, read

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
WORDS = "{fr: a, nl: b, de: c, en: d}"


def asked() -> Enrolment:
    ids = {name: uuid4() for name in ("id", "city_id", "campaign_id", "contributor_id")}
    return Enrolment(**ids, enrolled_at=NOW, introduction="Bonjour")  # type: ignore[arg-type]


def test_who_asked_waits_until_somebody_decides_and_is_not_remembered_by_what_they_said() -> None:
    waiting, officer = asked(), uuid4()
    approved, refused = waiting.approved(officer, NOW), waiting.refused(officer, "Déjà complet", NOW)
    assert [each.standing for each in (waiting, approved, refused)] == list(Standing)
    assert (approved.introduction, refused.introduction) == (None, None)


def test_the_newest_pledge_is_the_last_of_the_file_and_names_the_least_age() -> None:
    assert newest() == read(FILE.read_bytes())[-1]
    assert all("13" in newest().text.into(language) for language in ("fr", "nl", "de", "en"))


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        f"[{{version: 2, since: 2026-11-26, text: {WORDS}}}]",
        "[{version: 1, since: 2026-11-26, text: {fr: a, nl: b, de: c}}]",
        "[{version: 1, since: 2026-11-26, text: {fr: a, nl: b, de: c, en: ' '}}]",
        f"[{{version: 1, since: soon, text: {WORDS}}}]",
    ],
)
def test_a_pledge_that_lacks_something_is_refused(body: str) -> None:
    with pytest.raises(BadPledge):
        read(body.encode())

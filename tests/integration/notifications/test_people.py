"""What single people are told of what they did: found by their pseudonyms, and told once for ever."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.as_service import Unreachable
from chassis.clock import utc_now
from chassis.ids import new_id
from contracts.campaigns.moderation import (
    ContributionHeld,
    ModerationDecided,
    ReportedContributionWithdrawn,
)
from contracts.campaigns.v1 import (
    AmbassadorWeekCounted,
    MerchantAnswered,
)
from contracts.envelope import Event
from services.notifications.addressing.job import Addressing
from services.notifications.addressing.who import Who
from services.notifications.main import build
from tests.support.delivered import deliver
from tests.support.mails import parts
from tests.support.notifications import Notifications

MINE = "/api/v1/people/me/notifications"


def contributor(notifications: Notifications, language: str = "en") -> tuple[UUID, UUID]:
    """A pseudonym and the person behind it."""
    pseudonym, person = new_id(), uuid4()
    notifications.directory.contributors[pseudonym] = person
    notifications.directory.knows_person(person, f"{person.hex}@home.example", language)
    return pseudonym, person


def decision(
    notifications: Notifications, author: UUID, *reporters: UUID, **changed: Any
) -> ModerationDecided:
    about: dict[str, Any] = {
        "decision_id": new_id(),
        "contribution_id": new_id(),
        "merchant_id": new_id(),
        "kind": "review",
        "outcome": "removed",
        "ground": "insult",
    }
    return ModerationDecided(
        city_id=notifications.city, contributor_id=author, reporter_ids=reporters, **(about | changed)
    )


async def test_a_decision_reaches_its_author_and_reporters_at_once_with_reasons_and_the_way_to_appeal(
    notifications: Notifications,
) -> None:
    service = build(notifications.settings, keys=notifications.issuer.keys())
    who = Who(notifications.settings)
    addressing = Addressing(notifications.database, who, utc_now)
    (author, author_person), (reporter, reporter_person) = (
        contributor(notifications, "fr"),
        contributor(notifications, "de"),
    )
    decided = decision(notifications, author, reporter, new_id())  # the last of them was erased
    old = decision(notifications, author)
    answered = MerchantAnswered(
        city_id=notifications.city,
        answer_id=new_id(),
        contribution_id=new_id(),
        merchant_id=new_id(),
        contributor_id=author,
    )
    held = ContributionHeld(
        city_id=notifications.city,
        contribution_id=decided.contribution_id,
        merchant_id=decided.merchant_id,
        contributor_id=author,
        kind="review",
        reasons=("link", "of-a-newer-version"),
        version=1,
    )
    counts = {"contributions": 2, "answers": 1, "visits": 0, "claims": 0, "photos_reused": 10}
    week = AmbassadorWeekCounted(
        city_id=notifications.city,
        week_id=new_id(),
        contributor_id=reporter,
        week=date(2026, 11, 16),
        **counts,
    )
    taken_back = ReportedContributionWithdrawn(
        city_id=notifications.city,
        case_id=new_id(),
        contribution_id=new_id(),
        merchant_id=new_id(),
        kind="photo",
        reporter_ids=(author,),  # who wrote one thing and reported another
    )
    events = [Event.of(fact, utc_now()) for fact in (decided, answered, held, week, taken_back)]
    await deliver(service, *events, Event.of(old, utc_now() - timedelta(days=90)))
    notifications.directory.away = True
    with pytest.raises(Unreachable):
        await addressing.tell_all()
    assert await notifications.value("SELECT count(*) FROM unaddressed") == 7, "they wait for campaigns"
    notifications.directory.away = False
    await addressing.tell_all()
    await deliver(service, *events)
    await addressing.tell_all()
    assert await notifications.value("SELECT count(*) FROM unaddressed") == 0
    assert await notifications.value("SELECT count(*) FROM notification") == 6
    told = str(await notifications.rows("SELECT * FROM notification"))
    assert not any(str(each) in told for each in (author, reporter)), "no pseudonym beside a person"

    async with notifications.running() as client:

        async def feed(person: UUID, language: str) -> dict[str, Any]:
            headers = notifications.issuer.headers(person) | {"Accept-Language": language}
            items = (await client.get(MINE, headers=headers)).json()["items"]
            return {each["kind"]: each for each in items}

        mine, theirs = await feed(author_person, "en"), await feed(reporter_person, "nl")
        assert mine.keys() == {"held", "decision", "review-answered", "report-decided"}
        assert mine["report-decided"]["title"] == "What you reported was taken back"
        assert mine["report-decided"]["text"].startswith("Its author has taken it back: it is public no more")
        assert mine["report-decided"]["path"] == f"/reports/about/{taken_back.contribution_id}"
        assert mine["held"]["text"].startswith("It is not public yet: somebody at your town will look at it")
        noticed = "What an automatic rule noticed: The text holds a web or mail address. A rule can be wrong"
        assert noticed in mine["held"]["text"]
        assert mine["held"]["path"] == f"/contributions/{decided.contribution_id}"
        assert mine["decision"]["title"] == "What you contributed was removed"
        assert "The reason: The text insults or threatens somebody." in mine["decision"]["text"]
        assert "you may ask once" in mine["decision"]["text"]
        assert mine["decision"]["data"]["events"] == [str(events[0].id)]
        assert theirs.keys() == {"report-decided", "thanks"}
        assert theirs["thanks"]["text"] == (
            "In de week vanaf 16 november 2026: 2 bijdragen, 1 antwoord van een zaak op uw reviews, "
            "10 foto's van u die zaken nu gebruiken. Dank u."
        )
        assert theirs["report-decided"]["title"] == "Wat u meldde is verwijderd"
        assert theirs["report-decided"]["path"].startswith("/reports/about/")

        # Nobody agreed to mails: what the law asks for goes out at once all the same, the rest does not.
        mailbox = notifications.mailbox

        async def both() -> bool:
            return len(mailbox.raw) >= 4

        await notifications.eventually(both)
    by_subject = {each["Subject"]: each for each in mailbox.to(f"{author_person.hex}@home.example")}
    assert by_subject.keys() == {
        "Votre contribution a été retirée",
        "Votre contribution attend d'être examinée",
        "Ce que vous avez signalé a été retiré par son auteur",
    }
    to_author = by_subject["Votre contribution a été retirée"]
    (to_reporter,) = mailbox.to(f"{reporter_person.hex}@home.example")
    assert f"https://town.example/contributions/{decided.contribution_id}" in parts(to_author)[0]
    assert to_reporter["Subject"] == "Was Sie gemeldet haben, wurde entfernt"
    assert (to_author["List-Unsubscribe"], to_reporter["List-Unsubscribe"]) == (None, None)
    await who.close()
    await service.database.close()

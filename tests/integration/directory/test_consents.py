"""What somebody agrees to is dated and kept by the version they saw; nobody under 18 is ranked in public."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, cast
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from chassis.clock import utc_now
from services.directory.consents.domain import Purpose
from services.directory.consents.texts import TEXTS, current
from services.directory.languages import LANGUAGES
from tests.integration.directory.test_people import verified
from tests.support.delivered import deliver
from tests.support.directory import DirectoryUnderTest
from tests.support.erasures import erasure_of
from tests.support.signing_in import refreshed, signed_in

RANKING = "public-ranking"


async def agree(
    directory: DirectoryUnderTest, person: str | None = "sophie", purpose: str = "taking-part", **asked: Any
) -> httpx.Response:
    token = asked.pop("token", None)
    body = {"version": current(Purpose(purpose)), "language": "fr", "age": "13_or_older", **asked}
    path = f"/people/me/consents/{purpose}"
    return await directory.call("PUT", path, None if token else person, token=token, json=body)


def in_json(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


async def agreed(directory: DirectoryUnderTest, person: str = "sophie") -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await directory.call("GET", "/people/me/consents", person)).json()["items"]
    return items


async def test_a_consent_says_to_which_text_and_when_and_so_does_its_end(
    directory: DirectoryUnderTest,
) -> None:
    at = utc_now() - timedelta(minutes=9)  # tokens are good for longer, and never from the future
    directory.service.clock = lambda: at
    await agree(directory)
    directory.service.clock = lambda: at + timedelta(minutes=1)
    for _ in range(2):
        gone = await directory.call("DELETE", "/people/me/consents/taking-part", "sophie")
        assert gone.status_code == 204

    (shown,) = await agreed(directory)

    assert shown == {
        "purpose": "taking-part",
        "version": "2026-11",
        "language": "fr",
        "age": "13_or_older",
        "text": TEXTS[Purpose.TAKING_PART]["2026-11"]["fr"],
        "given_at": in_json(at),
        "withdrawn_at": in_json(at + timedelta(minutes=1)),
        "asks_again": False,
    }


async def test_agreeing_again_changes_nothing_and_in_another_language_begins_anew(
    directory: DirectoryUnderTest,
) -> None:
    first, second = await agree(directory), await agree(directory)
    assert first.json() == second.json()

    await agree(directory, language="nl")

    assert [(each["language"], each["withdrawn_at"] is None) for each in await agreed(directory)] == [
        ("fr", False),
        ("nl", True),
    ]


async def test_of_many_that_are_given_side_by_side_one_goes_on(directory: DirectoryUnderTest) -> None:
    answers = await asyncio.gather(*(agree(directory, language=LANGUAGES[n % 4]) for n in range(8)))

    assert {answer.status_code for answer in answers} == {200}
    assert len([each for each in await agreed(directory) if each["withdrawn_at"] is None]) == 1


@pytest.mark.parametrize(
    ("purpose", "asked", "status", "field"),
    [
        (RANKING, {"age": "13_or_older"}, 403, "age"),
        (RANKING, {"age": "under_13"}, 403, "age"),
        ("taking-part", {"age": "under_13"}, 403, "age"),
        ("taking-part", {"age": "12_or_older"}, 422, "age"),
        ("taking-part", {"age": None}, 422, "age"),
        ("taking-part", {"version": "2016-11"}, 409, "version"),
        ("taking-part", {"language": "lb"}, 422, "language"),
        ("taking-part", {"born": "2013-01-01"}, 422, "born"),
    ],
)
async def test_what_nobody_agreed_to_is_refused_by_its_field(
    directory: DirectoryUnderTest, purpose: str, asked: dict[str, Any], status: int, field: str
) -> None:
    answer = await agree(directory, purpose=purpose, **asked)

    assert (answer.status_code, answer.json()["field"]) == (status, field)
    assert await agreed(directory) == []


async def test_the_database_too_refuses_somebody_under_18_in_a_public_ranking(
    directory: DirectoryUnderTest,
) -> None:
    await agree(directory, purpose=RANKING, age="18_or_older")
    with pytest.raises(IntegrityError):
        async with directory.database.transaction() as tx:
            await tx.execute(text("UPDATE consent SET age = '13_or_older'"))


async def test_a_token_says_who_may_be_ranked_until_they_agree_no_more(directory: DirectoryUnderTest) -> None:
    tokens = await signed_in(directory)
    await agree(directory, token=tokens["token"])
    assert not (await verified(directory, tokens["token"])).may_be_ranked

    await agree(directory, purpose=RANKING, age="18_or_older", token=tokens["token"])
    tokens = (await refreshed(directory, tokens["refresh_token"])).json()
    assert (await verified(directory, tokens["token"])).may_be_ranked

    await directory.call("DELETE", f"/people/me/consents/{RANKING}", token=tokens["token"])
    tokens = (await refreshed(directory, tokens["refresh_token"])).json()
    assert not (await verified(directory, tokens["token"])).may_be_ranked


async def test_a_new_text_asks_again_and_the_old_one_is_read_as_it_was(
    directory: DirectoryUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = await signed_in(directory)
    await agree(directory, purpose=RANKING, age="18_or_older", token=tokens["token"])
    old, new = TEXTS[Purpose.PUBLIC_RANKING], dict.fromkeys(LANGUAGES, "My face, too.")
    monkeypatch.setitem(cast("dict[Purpose, Any]", TEXTS), Purpose.PUBLIC_RANKING, {**old, "2027-03": new})

    listed = await directory.call("GET", "/people/me/consents", token=tokens["token"])
    (shown,) = listed.json()["items"]
    assert (shown["version"], shown["text"], shown["asks_again"]) == ("2026-11", old["2026-11"]["fr"], True)
    tokens = (await refreshed(directory, tokens["refresh_token"])).json()
    assert not (await verified(directory, tokens["token"])).may_be_ranked

    answer = await agree(directory, purpose=RANKING, age="18_or_older", token=tokens["token"])
    assert (answer.json()["text"], answer.json()["asks_again"]) == ("My face, too.", False)
    tokens = (await refreshed(directory, tokens["refresh_token"])).json()
    assert (await verified(directory, tokens["token"])).may_be_ranked


async def test_a_person_downloads_their_consents_and_an_erasure_deletes_them(
    directory: DirectoryUnderTest,
) -> None:
    await agree(directory)
    await agree(directory, "tom")
    data = (await directory.call("GET", "/people/me/data/directory", "sophie")).json()["data"]
    (held,) = data["consents"]
    assert (held["purpose"], held["version"], held["age"]) == ("taking-part", "2026-11", "13_or_older")

    sophie = str(data["account"][0]["id"])
    await deliver(directory.service, erasure_of(UUID(sophie)))

    async with directory.database.connection() as connection:
        left = (await connection.execute(text("SELECT person_id FROM consent"))).scalars().all()
    assert len(left) == 1
    assert str(left[0]) != sophie


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_texts_of_today_are_shown_to_everybody(
    directory: DirectoryUnderTest, language: str
) -> None:
    shown = (await directory.call("GET", f"/people/consent-texts?language={language}")).json()["items"]

    assert [each["purpose"] for each in shown] == list(Purpose)
    assert all(each["text"] == TEXTS[Purpose(each["purpose"])][each["version"]][language] for each in shown)
    assert ["13" in shown[0]["text"], "18" in shown[1]["text"]] == [True, True]


PUBLISHED = {
    ("taking-part", "2026-11"): "ca0733b377603a89",
    ("public-ranking", "2026-11"): "7e659e157bb680fa",
}
"""Digests: a version that somebody may have agreed to is never changed. A new wording is a new version."""


def test_a_text_that_was_published_is_still_what_it_was() -> None:
    digests = {
        (purpose.value, version): sha256(json.dumps(texts, sort_keys=True).encode()).hexdigest()[:16]
        for purpose, versions in TEXTS.items()
        for version, texts in versions.items()
    }
    assert digests == PUBLISHED


def test_every_version_was_published_in_every_language_in_words_of_its_own() -> None:
    for versions in TEXTS.values():
        for texts in versions.values():
            assert set(texts) == set(LANGUAGES)
            assert len(set(texts.values())) == len(LANGUAGES)

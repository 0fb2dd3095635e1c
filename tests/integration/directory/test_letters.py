"""Letters for a whole district: prepared with progress, printed, sent once, revoked; their pages."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import httpx
import pypdfium2
import pytest
import zxingcpp
from pypdf import PdfReader
from sqlalchemy import text

from chassis.clock import utc_now
from chassis.retention import enforce
from services.directory.claims import preparing, runs
from services.directory.claims.audience import Figures, Unreachable
from services.directory.claims.codes import INVITATIONS
from services.directory.claims.domain import VALID_FOR
from services.directory.claims.preparing import Preparing
from services.directory.people.tokens import TokenIssuer
from services.directory.retention import FIGURES_KEPT, RULES
from tests.support.directory import DirectoryUnderTest, extract, feature, square
from tests.support.import_jobs import imported, lines
from tests.support.register import register

_CODE = re.compile(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}")
_PAGE = re.compile(r"/audience/([A-Za-z0-9_-]{24})")


class CountedAudience:
    """Notifications, as far as the directory sees it: seven reviews for everybody."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.is_away = False

    async def of(self, merchants: Collection[UUID]) -> dict[UUID, Figures]:
        if self.is_away:
            raise Unreachable("away")
        self.asked.append(len(merchants))
        return {merchant: Figures({"review": 7}, date(2026, 9, 3)) for merchant in merchants}


class Town:
    """Habay with a district of some shops, and the job that prepares its letters."""

    def __init__(self, directory: DirectoryUnderTest) -> None:
        self.directory = directory
        self.audience = CountedAudience()
        self.city = self.district = ""
        self.shops: list[str] = []
        self.key = TokenIssuer.from_file(directory.folder / "signing.pem", may_create=False).derived(
            INVITATIONS
        )
        self.job = Preparing(directory.database, self.audience, lambda: self.key, utc_now)  # type: ignore[arg-type]

    async def settle(self, shops: int) -> None:
        self.city = await self.directory.city()
        drawn = {"name": "Centre", "polygon": square(5.64, 49.72)}
        path = f"/cities/{self.city}/districts"
        self.district = (await self.directory.call("POST", path, "claire", json=drawn)).json()["id"]
        found = [
            feature(f"node/{number}", 5.645, 49.725, name=f"Shop {number:02}", shop="tea", addr_street="Rue")
            for number in range(1, shops + 1)
        ]
        report = await self.directory.imported(self.city, extract(*found))
        self.shops = [each["merchant_id"] for each in report["items"]]

    async def begin(self, status: int = 201, by: str = "claire", **body: Any) -> dict[str, object]:
        body = {"language": "fr", **(body or {"district_id": self.district})}
        answer = await self.directory.call("POST", f"/cities/{self.city}/letters", by, json=body)
        assert answer.status_code == status, answer.text
        shown: dict[str, object] = answer.json()
        return shown

    async def run(
        self, run: object, path: str = "", method: str = "GET", by: str = "claire"
    ) -> httpx.Response:
        return await self.directory.call(method, f"/cities/{self.city}/letters/{run}{path}", by)

    async def printed(self, **body: Any) -> tuple[str, list[str]]:
        """The id of a new run, prepared, and the words of its pages."""
        run = str((await self.begin(**body))["id"])
        while await self.job.step():
            pass
        pdf = await self.run(run, "/pdf")
        assert pdf.status_code == 200, pdf.text
        assert pdf.headers["cache-control"] == "no-store"
        return run, [page.extract_text() for page in PdfReader(BytesIO(pdf.content)).pages]

    async def claim(self, shop: str, person: str, words: str) -> int:
        code = _CODE.findall(words)[0]
        return (
            await self.directory.call("POST", f"/merchants/{shop}/claim", person, json={"code": code})
        ).status_code

    async def page(self, words: str) -> httpx.Response:
        secret = _PAGE.findall(words.replace("\n", ""))[0]
        return await self.directory.call("GET", f"/merchants/audience-pages/{secret}")


@pytest.fixture
async def town(directory: DirectoryUnderTest) -> Town:
    made = Town(directory)
    await made.settle(3)
    return made


async def test_a_printed_code_claims_its_shop_and_its_page_shows_the_figures(town: Town) -> None:
    _, pages = await town.printed()

    assert len(pages) == 3
    assert "Shop 01" in pages[0]
    assert "7" in pages[0]
    assert "OpenStreetMap" in pages[0]
    shown = await town.page(pages[0])
    assert shown.status_code == 200
    assert (shown.json()["totals"], shown.json()["since"]) == ({"review": 7}, "2026-09-03")
    assert "noindex" in shown.headers["x-robots-tag"]
    assert await town.claim(town.shops[1], "marc", pages[0]) == 422
    assert await town.claim(town.shops[0], "marc", pages[0]) == 200


@pytest.mark.parametrize("form", ["letter", "card"])
async def test_the_code_that_a_camera_reads_leads_to_the_page_of_this_shop(town: Town, form: str) -> None:
    run, _ = await town.printed(district_id=town.district, form=form)
    pdf = pypdfium2.PdfDocument((await town.run(run, "/pdf")).content)
    shown = []
    for page in pdf:
        (code,) = zxingcpp.read_barcodes(page.render(scale=2).to_pil())
        assert re.fullmatch(r"https?://[^/]+/audience/[A-Za-z0-9_-]{24}", code.text)
        path = f"/merchants/audience-pages/{code.text.rpartition('/')[2]}"
        shown.append((await town.directory.call("GET", path)).json()["merchant_id"])
    assert shown == town.shops


async def test_progress_is_seen_and_a_killed_job_goes_on(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparing, "AT_ONCE", 2)
    run = (await town.begin())["id"]
    waiting = (await town.run(run)).json()
    early = await town.run(run, "/pdf")
    await town.job.step()
    running = (await town.run(run)).json()
    town.job = Preparing(town.directory.database, town.audience, town.job._key, utc_now)  # type: ignore[arg-type]
    await town.job.step()
    done = (await town.run(run)).json()

    assert (waiting["state"], waiting["done"], waiting["total"]) == ("waiting", 0, 3)
    assert early.status_code == 409
    assert (running["state"], running["done"]) == ("running", 2)
    assert (done["state"], done["done"], town.audience.asked) == ("done", 3, [2, 1])


async def test_letters_wait_while_the_audience_cannot_be_asked(town: Town) -> None:
    run = (await town.begin())["id"]
    town.audience.is_away = True
    with pytest.raises(Unreachable):
        await town.job.step()
    told = (await town.run(run)).json()
    assert (told["state"], told["done"]) == ("waiting", 0)
    assert "cannot be asked" in told["trouble"]
    town.audience.is_away = False
    assert await town.job.step()
    assert (await town.run(run)).json()["trouble"] is None


async def test_a_shop_is_not_written_to_twice_unless_it_is_meant(town: Town) -> None:
    _, first = await town.printed()
    assert (await town.begin(409))["type"] == "urn:cococity:problem:nobody-to-write-to"
    _, second = await town.printed(district_id=town.district, again=True, form="card", language="nl")

    assert await town.claim(town.shops[0], "marc", first[0]) == 422
    assert (await town.page(first[0])).status_code == 404
    assert await town.claim(town.shops[0], "marc", second[0]) == 200


async def test_two_officers_at_once_write_to_a_shop_once(town: Town) -> None:
    body = {"language": "fr", "district_id": town.district}
    path = f"/cities/{town.city}/letters"
    answers = await asyncio.gather(
        *(town.directory.call("POST", path, "claire", json=body) for _ in range(4))
    )
    assert sorted(each.status_code for each in answers) == [201, 409, 409, 409]


async def test_claimed_and_closed_shops_are_never_printed(town: Town) -> None:
    marc = {"person_id": await town.directory.person_id("marc")}
    await town.directory.call("POST", f"/merchants/{town.shops[0]}/claim", "claire", json=marc)
    run = (await town.begin())["id"]
    await town.directory.call("POST", f"/merchants/{town.shops[1]}/close", "claire")
    while await town.job.step():
        pass
    pdf = await town.run(run, "/pdf")
    (page,) = PdfReader(BytesIO(pdf.content)).pages
    assert "Shop 03" in page.extract_text()

    await town.directory.call("POST", f"/merchants/{town.shops[2]}/close", "claire")
    assert (await town.run(run, "/pdf")).status_code == 409
    assert (await town.page(page.extract_text())).status_code == 404


async def test_delisted_and_objecting_shops_are_never_printed(town: Town) -> None:
    delisted, objecting, left = town.shops
    await town.directory.call("POST", f"/merchants/{delisted}/delist", "claire")
    run, pages = await town.printed()
    assert (await town.run(run)).json()["total"] == 2
    body = {"code": _CODE.findall(pages[0])[-1]}
    assert (await town.directory.client.post("/api/v1/merchants/objections", json=body)).status_code == 204

    pdf = await town.run(run, "/pdf")
    (page,) = PdfReader(BytesIO(pdf.content)).pages
    assert "Shop 03" in page.extract_text()
    assert (await town.page(pages[0])).status_code == 404
    assert await town.claim(objecting, "marc", pages[0]) == 410
    assert (await town.begin(district_id=town.district, again=True))["total"] == 1
    assert await town.claim(left, "marc", pages[1]) == 200


async def test_shops_known_from_the_register_alone_are_written_to_where_the_city_answers_for_it(
    town: Town,
) -> None:
    job = await imported(town.directory, town.city, register(), form="kbo")
    shops = [line["merchant_id"] for line in await lines(town.directory, job["id"]) if line["merchant_id"]]
    refused = await town.begin(409, merchant_ids=shops)
    assert "register" in str(refused["detail"])
    _, others = await town.printed(merchant_ids=[*shops, *town.shops])
    assert len(others) == len(town.shops)

    _, letters = await town.printed(merchant_ids=shops, register_cleared=True)

    assert len(letters) == len(shops) > 0
    assert all("Banque-Carrefour des Entreprises" in " ".join(words.split()) for words in letters)
    async with town.directory.database.connection() as connection:
        cleared = "SELECT details -> 'register_cleared' FROM audit_entry"
        begun = await connection.scalars(text(f"{cleared} WHERE action = 'invitations_begun' ORDER BY id"))
        assert list(begun) == [False, True]


async def test_a_shop_without_a_name_is_called_by_its_kind_in_the_language_of_the_letter(town: Town) -> None:
    report = await town.directory.imported(town.city, extract(feature("node/99", shop="bakery")))
    _, (words,) = await town.printed(merchant_ids=[report["items"][0]["merchant_id"]], language="de")
    assert "Bäckerei" in words


async def test_letters_that_were_sent_are_printed_no_more_and_it_is_noted_by_whom(town: Town) -> None:
    run, pages = await town.printed()
    for _ in range(2):
        sent = (await town.run(run, "/sent", "POST")).json()
    assert sent["sent_by"] == await town.directory.person_id("claire")
    assert sent["language"] == "fr"
    assert (await town.run(run, "/pdf")).status_code == 410
    assert await town.claim(town.shops[0], "marc", pages[0]) == 200


async def test_a_revoked_run_opens_nothing_and_its_shops_are_free_again(town: Town) -> None:
    run, pages = await town.printed()
    for _ in range(2):
        revoked = await town.run(run, "/revocation", "POST")
        assert revoked.json()["state"] == "revoked"
    assert await town.claim(town.shops[0], "marc", pages[0]) == 422
    assert (await town.page(pages[0])).status_code == 404
    assert (await town.run(run, "/pdf")).status_code == 410
    assert (await town.begin())["total"] == 3


async def test_one_letter_is_revoked_and_the_others_of_its_run_stay(town: Town) -> None:
    run, pages = await town.printed()
    lost, kept, _ = town.shops
    for _ in range(2):
        answer = await town.run(run, f"/merchants/{lost}/revocation", "POST")
        assert answer.status_code == 204

    assert await town.claim(lost, "marc", pages[0]) == 422
    assert (await town.page(pages[0])).status_code == 404
    body = {"code": _CODE.findall(pages[0])[-1]}
    assert (await town.directory.client.post("/api/v1/merchants/objections", json=body)).status_code == 422
    left = PdfReader(BytesIO((await town.run(run, "/pdf")).content)).pages
    assert ["Shop 02" in left[0].extract_text(), "Shop 03" in left[1].extract_text()] == [True, True]
    assert await town.claim(kept, "marc", pages[1]) == 200
    assert (await town.begin())["total"] == 1  # the shop may be written to again
    log = await town.directory.call("GET", f"/cities/{town.city}/audit?limit=100", "claire")
    noted = [each for each in log.json()["items"] if each["action"] == "letter_revoked"]
    assert [each["subject_id"] for each in noted] == [lost]


async def test_a_letter_that_is_not_there_or_not_ready_is_not_revoked(town: Town) -> None:
    run = (await town.begin(merchant_ids=town.shops[:1]))["id"]
    assert (await town.run(run, f"/merchants/{town.shops[0]}/revocation", "POST")).status_code == 409
    while await town.job.step():
        pass
    assert (await town.run(run, f"/merchants/{town.shops[1]}/revocation", "POST")).status_code == 404


async def test_a_run_is_drawn_in_parts_that_stay_the_same(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "LETTERS_A_PART", 2)
    run, first = await town.printed()
    assert (await town.run(run)).json()["parts"] == 2
    assert [("Shop 01" in first[0], "Shop 02" in first[1]), len(first)] == [(True, True), 2]
    await town.directory.call("POST", f"/merchants/{town.shops[0]}/close", "claire")

    second = await town.run(run, "/pdf?part=2")

    (page,) = PdfReader(BytesIO(second.content)).pages  # not moved up by the shop that closed
    assert "Shop 03" in page.extract_text()
    assert f"letters-{run}-2.pdf" in second.headers["content-disposition"]
    for part in (0, 3, 6, "x"):
        beyond = await town.run(run, f"/pdf?part={part}")
        assert (beyond.status_code, beyond.json()["field"]) == (422, "part")


async def test_letters_are_the_citys_own_officers_affair(town: Town) -> None:
    run, _ = await town.printed()
    arlon = await town.directory.city("81001")
    elsewhere = await town.directory.officer(arlon)
    for person in ("marc", "anna", "sophie"):
        assert (await town.run(run, "/pdf", by=person)).status_code == 403
    path = f"/cities/{town.city}/letters"
    for method, tail in (
        ("GET", ""),
        ("GET", f"/{run}"),
        ("GET", f"/{run}/pdf"),
        ("POST", f"/{run}/revocation"),
        ("POST", f"/{run}/merchants/{town.shops[0]}/revocation"),
    ):
        answer = await town.directory.call(method, path + tail, token=elsewhere)
        assert answer.status_code == 403
        other = await town.directory.call(method, f"/cities/{arlon}/letters{tail}", token=elsewhere)
        assert other.status_code == (404 if tail else 200)
    body = {"language": "fr", "merchant_ids": town.shops}
    stolen = await town.directory.call("POST", f"/cities/{arlon}/letters", token=elsewhere, json=body)
    assert (stolen.status_code, stolen.json()["field"]) == (422, "merchant_ids")
    body = {"language": "fr", "district_id": town.district}
    stolen = await town.directory.call("POST", f"/cities/{arlon}/letters", token=elsewhere, json=body)
    assert (stolen.status_code, stolen.json()["field"]) == (422, "district_id")


@pytest.mark.parametrize(
    "body",
    [{"language": "en"}, {"language": "fr", "form": "poster"}, {"language": "fr"}, {"merchant_ids": ["x"]}],
)
async def test_what_cannot_be_printed_is_refused(town: Town, body: dict[str, object]) -> None:
    answer = await town.directory.call("POST", f"/cities/{town.city}/letters", "claire", json=body)
    assert answer.status_code == 422
    assert answer.json()["field"]


async def test_no_secret_is_stored(town: Town) -> None:
    _, pages = await town.printed()
    code, secret = _CODE.findall(pages[0])[0], _PAGE.findall(pages[0].replace("\n", ""))[0]
    async with town.directory.database.connection() as connection:
        rows = (await connection.execute(text("SELECT i::text FROM invitation i"))).scalars().all()
    objection = _CODE.findall(pages[0])[-1]
    assert objection != code
    for stored in rows:
        assert code.replace("-", "") not in stored
        assert objection.replace("-", "") not in stored
        assert secret not in stored
        assert code.replace("-", "").encode().hex() not in stored


@pytest.mark.parametrize("secret", ["A" * 24, "short", "x" * 300, "%00" * 8])
async def test_a_page_is_not_guessed(town: Town, secret: str) -> None:
    answer = await town.directory.call("GET", f"/merchants/audience-pages/{secret}")
    assert answer.status_code in {404, 422}


async def test_figures_that_a_letter_told_go_once_it_is_over_and_it_is_printed_no_more(town: Town) -> None:
    run, _ = await town.printed()
    over = utc_now() + VALID_FOR + FIGURES_KEPT

    await enforce(town.directory.database, RULES, over - timedelta(hours=1))
    assert (await town.run(run, "/pdf")).status_code == 200

    await enforce(town.directory.database, RULES, over + timedelta(hours=1))
    async with town.directory.database.connection() as connection:
        rows = (await connection.execute(text("SELECT figures, objection_digest FROM invitation"))).all()
    assert [row.figures for row in rows] == [None] * 3
    assert all(row.objection_digest for row in rows)
    assert (await town.run(run, "/pdf")).status_code == 409

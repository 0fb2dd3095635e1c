"""The things that lie at each place of the world, service by service."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import Table, insert, select, text

from chassis import dead_letters
from chassis.clock import utc_now
from chassis.database import Transaction
from chassis.dead_letters import DeadLetter
from chassis.identity import Grant, Role
from chassis.ids import new_id
from chassis.received import Received
from contracts.directory.v1 import CityJoined, DistrictDrawn, MerchantClaimed, MerchantListed
from contracts.envelope import Event, Fact
from services.assessment import cities as assessed_cities
from services.assessment import merchants as assessed
from services.assessment.reports.domain.units import BRUSSELS
from services.campaigns.places import projections as places
from services.directory.claims import codes
from services.directory.claims.tables import invitation, invitation_run
from services.directory.doubts.tables import closure, duplicate
from services.directory.erasures import storage as wishes
from services.directory.erasures.domain import Erasure
from services.directory.factors.domain import OTP
from services.directory.factors.tables import passkey
from services.directory.invitations import storage as offers
from services.directory.merchants.tables import merchant
from services.directory.people.storage import grant
from services.directory.people.tables import role_grant
from services.directory.sessions.carried import MAIL
from services.directory.sessions.use_cases import begin
from services.notifications.delivery import preferences
from services.notifications.devices.storage import Subscription, add
from services.notifications.feed.notify import Notice, notify
from services.notifications.merchants import projection as notified
from services.notifications.recipients import Recipient, to_merchant, to_person
from services.notifications.settings import NotificationsSettings
from services.notifications.suppression.storage import Suppression
from tests.access import campaign_things, watch_things
from tests.access.callers import CALLERS
from tests.access.calls import SHEET, programme
from tests.access.corrections import corrections
from tests.access.provider import CITY as CITY_WITH_PROVIDER
from tests.access.webhooks import webhooks
from tests.access.world import Place, Preparation, World, operator
from tests.integration.assessment.conftest import ANSWERS
from tests.integration.assessment.hall import ANSWERS as FORM
from tests.integration.assessment.hall import draft
from tests.support.directory import extract, feature, square

LATITUDE = 49.72
HOME, NEXT_DOOR = 5.64, 5.74
"""Longitudes; each district reaches some 700 m to either side."""


async def people(world: World) -> None:
    """Everybody who calls is somebody of the directory."""
    for number, caller in enumerate(CALLERS, 1):
        world.persons[caller.column] = await _somebody(world, number)


async def _somebody(world: World, number: int) -> str:
    body = {"person": f"ambassador-{number}"}
    return str((await world.ask("directory", "POST", "/tokens/demo", json=body))["person_id"])


async def cities(world: World) -> None:
    """Two cities, three districts, three shops."""
    here, there = [
        await world.ask("directory", "POST", "/cities", operator(), json={"nis_code": code})
        for code in ("85046", "81001")
    ]
    for place, city, longitude in (
        (world.home, here, HOME),
        (world.next_door, here, NEXT_DOOR),
        (world.elsewhere, there, HOME),
    ):
        path = f"/cities/{city['id']}"
        outline = square(longitude - 0.01, LATITUDE - 0.01, 0.02)
        body = {"name": f"Quartier {longitude}", "polygon": outline}
        district = await world.ask("directory", "POST", f"{path}/districts", operator(), json=body)
        shop = extract(feature(f"node/{round(longitude * 100)}", longitude, LATITUDE))
        report = await world.ask(
            "directory", "POST", f"{path}/imports", operator(), content=json.dumps(shop).encode()
        )
        place |= {
            "city_id": city["id"],
            "district_id": district["id"],
            "merchant_id": report["items"][0]["merchant_id"],
            "person_id": await _somebody(world, 100),
            "polygon": json.dumps(outline["coordinates"]),
            "longitude": str(longitude),
            "latitude": str(LATITUDE),
        }


async def keys(world: World) -> None:
    """A key of each city's own systems."""
    for place in world.places.values():
        officer = Grant(Role.city_officer, UUID(place["city_id"]))
        body = {"name": "Billetterie", "scopes": ["campaigns"]}
        made = await world.ask("directory", "POST", f"/cities/{place['city_id']}/keys", officer, json=body)
        place |= {"key_id": made["id"], "key_secret": made["secret"]}


async def providers(world: World) -> None:
    """The city whose staff signs in at the provider takes part."""
    async with world.services["directory"].service.database.transaction() as tx:
        for statement in (
            "INSERT INTO city (id, version, joined_at, name_fr, name_nl) VALUES (:id, 1, now(), '-', '-')",
            "INSERT INTO city_nis_code (city_id, version, at, valid_from, nis_code) "
            "VALUES (:id, 1, now(), now(), '63079')",
        ):
            await tx.execute(text(statement), {"id": CITY_WITH_PROVIDER})


async def imports(world: World) -> None:
    """An import into each city, with its sheet and not started."""
    for place in world.places.values():
        path = f"/cities/{place['city_id']}/import-jobs"
        job = (await world.ask("directory", "POST", path, operator(), json={"source": "ucm"}))["id"]
        await world.ask("directory", "PUT", f"/imports/{job}/parts/0", operator(), content=SHEET)
        place |= {"job_id": job}


async def doubts(world: World) -> None:
    """At each place a shop that a sheet has, too, and that the map has no more."""
    async with world.services["directory"].service.database.transaction() as tx:
        for place in world.places.values():
            pair = sorted([UUID(place["merchant_id"]), await _twin(tx, place)])
            place |= {
                "duplicate_id": await _doubt(
                    tx, place, duplicate, first_id=pair[0], second_id=pair[1], likeness=100, metres=5
                ),
                "closure_id": await _doubt(tx, place, closure, merchant_id=UUID(place["merchant_id"])),
            }


async def _twin(tx: Transaction, place: Place) -> UUID:
    twin = new_id()
    columns = ", ".join(column.name for column in merchant.c if column.name not in ("id", "source"))
    await tx.execute(
        text(
            f"INSERT INTO merchant (id, source, {columns}) SELECT :id, 'csv:twin', {columns}"
            " FROM merchant WHERE id = :of"
        ),
        {"id": twin, "of": UUID(place["merchant_id"])},
    )
    return twin


async def _doubt(tx: Transaction, place: Place, table: Table, **values: object) -> str:
    doubt = {"id": new_id(), "city_id": UUID(place["city_id"]), "state": "proposed", "found_at": utc_now()}
    await tx.execute(insert(table).values(**doubt, **values))
    return str(doubt["id"])


async def roles(world: World) -> None:
    """The directory knows the callers' roles."""
    async with world.services["directory"].service.database.transaction() as tx:
        for caller in CALLERS:
            for given in caller.grants(world.scope):
                await grant(tx, UUID(world.persons[caller.column]), given, utc_now())


async def staff_of_shops(world: World) -> None:
    """At each shop somebody works, for each caller another: for its owner, so they come after the owner."""
    async with world.services["directory"].service.database.transaction() as tx:
        for number, caller in enumerate(CALLERS, 101):
            staff = UUID(await _somebody(world, number))
            for name, place in world.places.items():
                works = Grant(Role.merchant_staff, UUID(place["city_id"]), UUID(place["merchant_id"]))
                await grant(tx, staff, works, utc_now())
                found = select(role_grant.c.id).where(
                    role_grant.c.person_id == staff, role_grant.c.merchant_id == works.merchant_id
                )
                world.own[caller.column, name] |= {"role_id": str(await tx.scalar(found))}


async def invitations(world: World) -> None:
    """An officer of each city has invited somebody to each role that calls may end: one for each caller."""
    sent_at = utc_now() - timedelta(hours=1)
    async with world.services["directory"].service.database.transaction() as tx:
        for number, (name, place) in enumerate(world.places.items(), 301):
            officer, city = UUID(await _somebody(world, number)), UUID(place["city_id"])
            await grant(tx, officer, Grant(Role.city_officer, city), utc_now())
            for caller in CALLERS:
                for thing in ("invitation", "offer", "unwanted"):
                    address = f"{thing}-{name}-{caller.column}@home.example"
                    wanted = Grant(Role.consultant, city)
                    added = await offers.add(
                        tx, wanted, address, "fr", by=officer, hands_over=False, at=sent_at
                    )
                    assert added is not None
                    made, token = added
                    world.own[caller.column, name] |= {
                        f"{thing}_id": str(made.id),
                        f"{thing}_token": token,
                    }


async def colleagues(world: World) -> None:
    """Each city has a consultant of its own."""
    for number, place in enumerate(world.places.values(), 311):
        colleague, works = await _somebody(world, number), Grant(Role.consultant, UUID(place["city_id"]))
        async with world.services["directory"].service.database.transaction() as tx:
            await grant(tx, UUID(colleague), works, utc_now())
        place |= {"colleague_id": colleague}


async def disputes(world: World) -> None:
    """Each shop is somebody's, and somebody else says that it is theirs."""
    for place in world.places.values():
        officer = Grant(Role.city_officer, UUID(place["city_id"]))
        owner, claimant = [await _somebody(world, number) for number in (201, 202)]
        # At home the caller with the role of a merchant is the owner.
        for person in (claimant,) if place is world.home else (owner, claimant):
            path = f"/merchants/{place['merchant_id']}/claim"
            await world.ask("directory", "POST", path, officer, json={"person_id": person})
        found = await world.ask("directory", "GET", f"/cities/{place['city_id']}/disputes", officer)
        (dispute,) = [each for each in found["items"] if each["merchant_id"] == place["merchant_id"]]
        place |= {"dispute_id": dispute["id"]}


async def papers(world: World) -> None:
    """Each shop was written a letter, with a page."""
    async with world.services["directory"].service.database.transaction() as tx:
        for place in world.places.values():
            run, paper, at = new_id(), new_id(), utc_now()
            secret, objection = codes.page_secret(b"a key", paper), codes.objection_code(b"a key", paper)
            lies = {"city_id": UUID(place["city_id"])}
            kind = {"language": "fr", "form": "letter", "state": "done", "total": 1, "done": 1}
            await tx.execute(insert(invitation_run).values(id=run, asked_at=at, **lies, **kind))
            secrets = {
                "code_digest": codes.page_digest(str(paper)),
                "page_digest": codes.page_digest(secret),
                "objection_digest": codes.objection_digest(objection),
                "expires_at": at + timedelta(days=1),
            }
            lies |= {"run_id": run, "merchant_id": UUID(place["merchant_id"])}
            figures: dict[str, Any] = {"totals": {}, "since": None}
            await tx.execute(
                insert(invitation).values(id=paper, prepared_at=at, figures=figures, **lies, **secrets)
            )
            place |= {"run_id": str(run), "secret": secret, "objection_code": objection}


async def news(world: World) -> None:
    """The other services have heard of them."""
    for place in world.places.values():
        city, merchant, district = (UUID(place[name]) for name in ("city_id", "merchant_id", "district_id"))
        joined = CityJoined(city_id=city, nis_code="85046", version=1)
        drawn = DistrictDrawn(
            city_id=city, district_id=district, version=1, polygon=json.loads(place["polygon"])
        )
        listed = MerchantListed(
            city_id=city,
            merchant_id=merchant,
            version=1,
            kind="shop=bakery",
            longitude=HOME,
            latitude=LATITUDE,
            district_ids=(district,),
        )
        claimed = MerchantClaimed(city_id=city, merchant_id=merchant, version=2)
        async with world.services["campaigns"].service.database.transaction() as tx:
            await places.learn(tx, [joined, drawn, listed])
        async with world.services["assessment"].service.database.transaction() as tx:
            await assessed.apply(tx, [_received(listed)])
            await assessed_cities.apply(tx, [_received(joined)])
        async with world.services["notifications"].service.database.transaction() as tx:
            await notified.project(tx, [_received(listed), _received(claimed)])


def _received(fact: Fact) -> Received[Any]:
    event = Event.of(fact, utc_now())
    return Received(event.id, event.time, fact, replayed=False, traceparent=None, message=cast("Any", None))


async def assessments(world: World) -> None:
    """An assessment of each shop, and a request for a training, by its owner."""
    for place in world.places.values():
        answers = {"questionnaire": "digital-maturity", "version": 1, "answers": ANSWERS}
        body = {"merchant_id": place["merchant_id"], **answers}
        done = await world.ask("assessment", "POST", "/assessments", _owner(place), json=body)
        place |= {"assessment_id": done["id"]}
        await _declared(world, place, done["id"])
        wish = {
            "merchant_id": place["merchant_id"],
            "wish": "free-visibility",
            "language": "fr",
            "may_be_contacted": True,
        }
        asked = await world.ask("assessment", "POST", "/training-requests", _owner(place), json=wish)
        place |= {"request_id": asked["id"]}


async def coaching(world: World) -> None:
    """A coaching group of each city, in which the place's shop took a seat."""
    for place in world.places.values():
        starts_at = utc_now() + timedelta(days=20)
        body = {
            "city_id": place["city_id"],
            "dimension": "visibility",
            "language": "fr",
            "starts_at": starts_at.isoformat(),
            "ends_at": (starts_at + timedelta(hours=2)).isoformat(),
            "place": "Hôtel de ville",
            "request_ids": [place["request_id"]],
        }
        consultant = Grant(Role.consultant)
        made = await world.ask("assessment", "POST", "/coaching-groups", consultant, json=body)
        path, seen = f"/coaching-groups/{made['id']}/offers", {"If-Match": "*"}
        await world.ask("assessment", "POST", path, consultant, headers=seen)
        place |= {"group_id": made["id"], "seat_id": made["seats"][0]["id"]}
        taking = f"/coaching-seats/{place['seat_id']}/acceptance"
        await world.ask("assessment", "POST", taking, _owner(place))


async def proposals(world: World) -> None:
    """A shop that is proposed in each city, for each caller: what is decided is decided."""
    headers = world.service_headers("assessment")
    client = world.services["directory"].client
    for name, place in world.places.items():
        for caller in CALLERS:
            number = str(uuid4())
            body = {
                "city_id": place["city_id"],
                "name": f"Chez {caller.column} {name}",
                "street": "Grand-Rue",
                "postcode": "6720",
                "kind": "shop=tea",
            }
            path = f"/api/v1/merchant-proposals/{number}"
            answer = await client.put(path, json=body, headers=headers)
            assert answer.is_success, answer.text
            world.own[caller.column, name] |= {"proposal_id": number}


async def _declared(world: World, place: Place, assessment: str) -> None:
    """A tool for each caller, to be taken back."""
    name = next(name for name, each in world.places.items() if each is place)
    callers = (*(each.column for each in CALLERS), *world.service_names)
    tools = (await world.ask("assessment", "GET", "/tools", _owner(place)))["items"]
    day = {"done_on": utc_now().astimezone(BRUSSELS).date().isoformat()}
    for caller, tool in zip(callers, tools, strict=False):
        path = f"/assessments/{assessment}/done/tool/{tool['key']}"
        await world.ask("assessment", "PUT", path, _owner(place), json=day)
        world.own[caller, name] |= {"kind": "tool", "key": tool["key"]}


async def drafts(world: World) -> None:
    """Answers that are ready to be handed in, and others to be discarded: for each caller, of each place."""
    running = world.services["assessment"]
    begun = {"questionnaire": "digital-maturity", "version": 1, "answers": ANSWERS}
    for name in world.places:
        for number, caller in enumerate((*(each.column for each in CALLERS), *world.service_names)):
            for thing in ("ready", "unwanted_draft", "proposing"):
                answer = await running.client.post("/api/v1/assessment-drafts", json=begun)
                made = {f"{thing}_id": answer.json()["id"], f"{thing}_secret": answer.json()["secret"]}
                world.own[caller, name] |= made
            shop = {"city_id": world.places[name]["city_id"], "name": "Chez Zoé", "street": "Grand-Rue"}
            shop |= {"postcode": "6720", "kind": "shop=tea"}
            # From networks of their own: proposals are limited.
            own = {
                "Draft-Secret": world.own[caller, name]["proposing_secret"],
                "X-Forwarded-For": f"203.0.113.{number}",
            }
            path = f"/api/v1/assessment-drafts/{world.own[caller, name]['proposing_id']}/proposal"
            assert (await running.client.put(path, json=shop, headers=own)).is_success


async def town_sessions(world: World) -> None:
    """A session in the city of each shop, and a form of it for each caller that is no shop's yet."""
    for name, place in world.places.items():
        consultant = Grant(Role.consultant, UUID(place["city_id"]))
        plan = draft(city_id=place["city_id"])
        session = await world.ask("assessment", "POST", "/town-sessions", consultant, json=plan)
        path = f"/town-sessions/{session['id']}/join"
        place |= {"town_session_id": session["id"]}
        place |= {"code": (await world.ask("assessment", "GET", path, consultant))["code"]}
        plan = programme(place)
        made = await world.ask("assessment", "POST", "/programmes", consultant, json=plan)
        place |= {"programme_id": made["id"]}
        for caller in (*(each.column for each in CALLERS), *world.service_names):
            form = await world.ask(
                "assessment",
                "POST",
                f"/join/{place['code']}/forms",
                json={"answers": FORM},
                headers={"Idempotency-Key": str(uuid4())},
            )
            world.own[caller, name] |= {"form_id": form["id"], "form_secret": form["secret"]}


async def notices(world: World) -> None:
    """Each shop was told something, and may stop its mails."""
    async with world.services["notifications"].service.database.transaction() as tx:
        for place in world.places.values():
            city, merchant = UUID(place["city_id"]), UUID(place["merchant_id"])
            (told,) = await notify(
                tx, [Notice(city, to_merchant(merchant), "welcome", "-", {"totals": {}}, utc_now(), None)]
            )
            chosen = preferences.Preference(to_merchant(merchant))
            await preferences.choose(tx, chosen, city, mail=True, language="fr", now=utc_now())
            stop = await tx.scalar(
                text("SELECT unsubscribe_token FROM preference WHERE recipient_id = :id"), {"id": merchant}
            )
            place |= {"notification_id": str(told), "token": stop}
            since = {"claimed_at": utc_now().isoformat()}
            binding = Notice(city, to_merchant(merchant), "account-changed", "-", since, utc_now(), None)
            await notify(tx, [binding])
            queued = text("SELECT id FROM delivery WHERE recipient_id = :id")
            place |= {"message_id": str(await tx.scalar(queued, {"id": merchant}))}
            place |= {"own_notification_id": await _told(tx, city, place["person_id"])}
            place |= {"device_id": await _browser(tx, to_merchant(merchant), city)}
            place |= {"own_device_id": await _browser(tx, to_person(UUID(place["person_id"])), None)}
        for caller in CALLERS:
            if caller.signed_in and not caller.is_key:
                told_them = await _told(tx, UUID(world.home["city_id"]), world.persons[caller.column])
                theirs = await _browser(tx, to_person(UUID(world.persons[caller.column])), None)
                world.own[caller.column, "home"] |= {
                    "own_notification_id": told_them,
                    "own_device_id": theirs,
                }


async def _browser(tx: Transaction, recipient: Recipient, city: UUID | None) -> str:
    """One in which they are told."""
    browser = Subscription(f"https://push.example/{new_id()}", "-", "-")
    person = new_id() if recipient.merchant_id else recipient.id
    await add(tx, recipient, browser, city=city, person=person, language="fr", now=utc_now())
    return browser.device_id


async def mailboxes_gone(world: World) -> None:
    """An address at each place that no mail goes to."""
    service = world.services["notifications"].service
    assert isinstance(service.settings, NotificationsSettings)
    listed = Suppression(service.database, service.settings.service_secret)
    for place in world.places.values():
        gone = f"{new_id().hex}@shop.example"
        await listed.refused(new_id(), gone, utc_now())
        place |= {"gone": gone, "address_hash": listed.hash_of(gone)}


async def _told(tx: Transaction, city: UUID, person: str) -> str:
    """What one person was told themselves."""
    welcome = Notice(city, to_person(UUID(person)), "welcome", str(new_id()), {"totals": {}}, utc_now(), None)
    return str((await notify(tx, [welcome]))[0])


async def sessions(world: World) -> None:
    """Somebody else's session at each place, and at home one of each caller who is a person."""
    database = world.services["directory"].service.database
    async with database.transaction() as tx:
        for place in world.places.values():
            other = await begin(tx, UUID(place["person_id"]), [MAIL], None, utc_now())
            place |= {"session_id": str(other.id), "refresh_token": other.refresh_token}
        for caller in CALLERS:
            if caller.signed_in and not caller.is_key:
                person = UUID(world.persons[caller.column])
                own = await begin(tx, person, [MAIL, OTP], None, utc_now())
                world.own[caller.column, "home"] |= {"session_id": str(own.id)}


async def passkeys(world: World) -> None:
    """Somebody else's passkey at each place, and at home one of each caller who is a person."""
    database = world.services["directory"].service.database
    async with database.transaction() as tx:
        for place in world.places.values():
            place |= {"passkey_id": await _passkey(tx, place["person_id"])}
        for caller in CALLERS:
            if caller.signed_in and not caller.is_key:
                own = await _passkey(tx, world.persons[caller.column])
                world.own[caller.column, "home"] |= {"passkey_id": own}


async def _passkey(tx: Transaction, person_id: str) -> str:
    made = {"id": new_id(), "person_id": UUID(person_id), "credential_id": new_id().bytes}
    key = {"public_key": b"-", "sign_count": 0, "is_synced": False, "name": "Key", "added_at": utc_now()}
    await tx.execute(insert(passkey).values(**made, **key))
    return str(made["id"])


async def letters(world: World) -> None:
    """A dead letter of the first consumer of each service that has one, and an event that was published."""
    for running in world.services.values():
        if running.service.consumers:
            event_id = str(new_id())
            event = {"id": event_id, "subject": "-", "body": b"{}"}
            published = (
                "INSERT INTO outbox (id, subject, body, published_at) VALUES (:id, :subject, :body, now())"
            )
            letter = DeadLetter(
                running.service.consumers[0].durable.name, "-", 1, utc_now(), None, {}, b"-", "-", 1, None
            )
            async with running.service.database.transaction() as tx:
                await dead_letters.store(tx, [letter])
                stored = await tx.scalar(text("SELECT id FROM dead_letter"))
                await tx.execute(text(published), event)
            known = {"letter_id": str(stored), "name": letter.consumer, "event_id": event_id}
            world.in_service[running.name] |= known


async def erasures(world: World) -> None:
    """Everybody has confirmed that they want to be forgotten; no worker runs, so nobody is."""
    directory = world.services["directory"].service.database
    for caller in CALLERS:
        wish = Erasure(new_id(), UUID(world.persons[caller.column]), utc_now(), False, utc_now())
        async with directory.transaction() as tx:
            await wishes.add(tx, wish)
        for name, place in world.places.items():
            world.own[caller.column, name] |= {"erasure_id": str(wish.id)}
            place |= {"erasure_id": str(wish.id)}


def _owner(place: Place) -> Grant:
    return Grant(Role.merchant, UUID(place["city_id"]), UUID(place["merchant_id"]))


PREPARATIONS: tuple[Preparation, ...] = (
    people,
    cities,
    keys,
    providers,
    imports,
    doubts,
    roles,
    invitations,
    colleagues,
    disputes,
    staff_of_shops,
    papers,
    news,
    assessments,
    drafts,
    coaching,
    proposals,
    corrections,
    webhooks,
    town_sessions,
    *campaign_things.PREPARATIONS,
    *watch_things.PREPARATIONS,
    notices,
    mailboxes_gone,
    sessions,
    passkeys,
    letters,
    erasures,
)
"""In this order: later ones use what earlier ones put in their places."""

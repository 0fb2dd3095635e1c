"""What lies at each place of the world in campaigns: their plans, who joined, what was contributed."""

from __future__ import annotations

from uuid import UUID, uuid4

from chassis.clock import utc_now
from chassis.identity import Grant, Role
from chassis.ids import new_id
from services.campaigns.points.tables import leaderboard_name
from tests.access.callers import CALLERS
from tests.access.calls import ANY_VERSION, JOINING, STUDY_PLAN, district_plan, initiative, photos_of, plan
from tests.access.elsewhere_things import posts_elsewhere, seen_elsewhere
from tests.access.world import Place, Preparation, World


async def campaigns(world: World) -> None:
    """A scheduled campaign in the district of each place, and a draft."""
    for name, place in world.places.items():
        officer = Grant(Role.city_officer, UUID(place["city_id"]))
        draft, campaign = [
            await world.ask("campaigns", "POST", "/campaigns", officer, json=district_plan(place))
            for _ in range(2)
        ]
        await world.ask("campaigns", "POST", f"/campaigns/{campaign['id']}/schedule", officer)
        for caller in (*(each.column for each in CALLERS), *world.service_names):  # each may take one out
            entry = await world.ask("campaigns", "POST", "/initiatives", officer, json=initiative(place))
            world.own[caller, name] |= {"initiative_id": entry["id"]}
        await world.ask(
            "campaigns", "PUT", f"/campaigns/{campaign['id']}/study/plan", officer,
            json=STUDY_PLAN, headers=ANY_VERSION,
        )  # fmt: skip
        place |= {"draft_id": draft["id"], "campaign_id": campaign["id"]}
        for person in world.persons.values():
            path = f"/campaigns/{campaign['id']}/ambassadors"
            joined = await world.ask("campaigns", "POST", path, person=person, json=JOINING)
            place["enrolment_id"] = joined["id"]


async def several_cities(world: World) -> None:
    """Each city is asked to take part in a campaign of the other."""
    here, there = world.home["city_id"], world.elsewhere["city_id"]
    for place in world.places.values():
        other = there if place["city_id"] == here else here
        officer = Grant(Role.city_officer, UUID(other))
        asking = await world.ask(
            "campaigns", "POST", "/campaigns", officer, json=plan(place) | {"city_id": other}
        )
        path = f"/campaigns/{asking['id']}/cities/{place['city_id']}"
        await world.ask("campaigns", "PUT", path, officer)
        place |= {"other_city_id": other, "asking_id": asking["id"]}


async def listed_names(world: World) -> None:
    """A name on the leaderboard of each place's campaign."""
    for place in world.places.values():
        place |= {"listing_id": str(new_id())}
        async with world.services["campaigns"].service.database.transaction() as tx:
            await tx.execute(
                leaderboard_name.insert().values(
                    id=UUID(place["listing_id"]),
                    campaign_id=UUID(place["campaign_id"]),
                    city_id=UUID(place["city_id"]),
                    contributor_id=uuid4(),
                    name="Someone",
                    listed_at=utc_now(),
                )
            )


async def reviews(world: World) -> None:
    """A review of each shop: at home one by each caller, at the other places by somebody else."""
    for place in (world.next_door, world.elsewhere):
        place |= {"contribution_id": await _review(world, place, str(uuid4()))}
        place |= {"report_id": await _report(world, place["contribution_id"], str(uuid4()))}
    for column, person in world.persons.items():
        own = await _review(world, world.home, person)
        world.own[column, "home"] |= {"contribution_id": own, "report_id": await _report(world, own, person)}
    for place in world.places.values():
        place |= {"case_id": await _case(world, place)}


async def links(world: World) -> None:
    """The shop's own link and somebody's at each place, and at home one of each caller."""
    for place in world.places.values():
        of_shop = await world.ask("campaigns", "GET", f"/share-links/merchants/{place['merchant_id']}")
        place |= {"shop_code": of_shop["code"], "share_code": await _link(world, place, str(uuid4()))}
    for column, person in world.persons.items():
        world.own[column, "home"] |= {"share_code": await _link(world, world.home, person)}


async def _link(world: World, place: Place, person: str) -> str:
    body = {"campaign_id": place["campaign_id"]}
    made = await world.ask("campaigns", "POST", "/share-links", person=person, json=body)
    return str(made["code"])


async def answers(world: World) -> None:
    """A review of each shop that the shop has answered."""
    for place in world.places.values():
        review = await _review(world, place, str(uuid4()))
        shop = Grant(Role.merchant, UUID(place["city_id"]), UUID(place["merchant_id"]))
        path = f"/contributions/{review}/answer"
        await world.ask("campaigns", "POST", path, shop, json={"text": "Merci beaucoup"})
        place |= {"answered_id": review}


async def photos(world: World) -> None:
    """A photo of each shop by somebody else, which was reported."""
    for place in world.places.values():
        call = photos_of(place["merchant_id"])
        sent = await world.ask(
            *("campaigns", "POST", "/contributions/photos"),
            person=str(uuid4()),
            content=call.content,
            headers=dict(call.headers),
        )
        reported = await _reported(world, place, sent["id"])
        place |= {
            "photo_id": sent["id"],
            "file_id": sent["pictures"][0]["id"],
            "case_of_photo": reported,
        }


async def _report(world: World, contribution_id: str, person: str) -> str:
    path, body = f"/contributions/{contribution_id}/reports", {"ground": "insult"}
    made = await world.ask("campaigns", "POST", path, person=person, json=body)
    return str(made["id"])


async def _case(world: World, place: Place) -> str:
    """Of somebody's review, which nobody else needs."""
    return await _reported(world, place, await _review(world, place, str(uuid4())))


async def _reported(world: World, place: Place, contribution_id: str) -> str:
    """The case about it."""
    await _report(world, contribution_id, str(uuid4()))
    officer = Grant(Role.city_officer, UUID(place["city_id"]))
    path = f"/moderation/cases?city={place['city_id']}&limit=100"
    waiting = await world.ask("campaigns", "GET", path, officer)
    (found,) = [case for case in waiting["items"] if case["contribution"]["id"] == contribution_id]
    return str(found["id"])


async def _review(world: World, place: Place, author: str) -> str:
    body = {"merchant_id": place["merchant_id"], "rating": 4, "text": "Bon pain"}
    written = await world.ask("campaigns", "POST", "/contributions/reviews", person=author, json=body)
    return str(written["id"])


PREPARATIONS: tuple[Preparation, ...] = (
    campaigns,
    several_cities,
    listed_names,
    reviews,
    links,
    photos,
    answers,
    seen_elsewhere,
    posts_elsewhere,
)
"""In this order, once cities and shops are there."""

"""A shop as its page shows it: what the directory and the campaigns tell of it, read side by side."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from services.portal.neighbours import Neighbours, part

REVIEWS_A_PAGE = 20
_PHOTOS, _POSTS = 8, 6


class Address(Struct):
    street: str | None
    house_number: str | None
    postcode: str | None
    place: str | None

    @property
    def lines(self) -> list[str]:
        """As on an envelope."""
        street = " ".join(filter(None, (self.street, self.house_number)))
        return [line for line in (street, " ".join(filter(None, (self.postcode, self.place)))) if line]


class Hours(Struct):
    given: str
    normal: str | None
    open_now: bool | None
    next_change: datetime | None


class Source(Struct):
    name: str
    attribution: str | None


class Shop(Struct):
    id: UUID
    city_id: UUID
    name: str | None
    kind: str
    kind_name: str
    longitude: float
    latitude: float
    address: Address
    phone: str | None
    email: str | None
    website: str | None
    opening_hours: Hours | None
    district_ids: list[UUID]
    status: str
    claimed: bool
    source: Source
    checked_on: date

    @property
    def title(self) -> str:
        """What it is called; what it is, where it has no name."""
        return self.name or self.kind_name

    @property
    def web(self) -> str | None:
        """Its website, where that is an address of the web: a link to anything else could run a script."""
        return self.website if self.website and self.website.startswith(("https://", "http://")) else None


class NamedPerson(Struct):
    name: str
    role: str


class City(Struct):
    id: UUID
    nis_code: str
    name: dict[str, str]
    responsible: NamedPerson | None = None
    deputy: NamedPerson | None = None

    def called(self, language: str) -> str:
        """Its name in that language, or in the first it has one in."""
        return self.name.get(language) or next(iter(self.name.values()), self.nis_code)


class Answer(Struct):
    text: str
    answered_at: datetime
    edited_at: datetime | None


class Picture(Struct):
    alt: str
    width: int
    height: int
    large: str
    small: str


class Contribution(Struct):
    """A review or a photo, as far as pages show it."""

    id: UUID
    posted_at: datetime
    disclosures: list[str]
    rating: int | None = None
    text: str | None = None
    language: str | None = None
    tie: str | None = None
    edited_at: datetime | None = None
    answer: Answer | None = None
    verification: str | None = None
    credit: str | None = None
    pictures: list[Picture] | None = None


class Contributions(Struct):
    items: list[Contribution]
    next: str | None = None


class Button(Struct):
    address: str
    label: str
    asks: bool


class Profile(Struct):
    platform: str
    name: str
    url: str
    button: Button


class Profiles(Struct):
    items: list[Profile]


class Post(Struct):
    """Seen elsewhere."""

    name: str
    url: str
    kind: str
    day: date
    source: str
    via: str
    excerpt: str


class Posts(Struct):
    items: list[Post]
    next: str | None = None


class Followers(Struct):
    followers: int


class ShareLink(Struct):
    address: str
    qr: str


@dataclass(frozen=True)
class ShopPage:
    """The shop, and each part of its page; None where nobody tells."""

    shop: Shop
    city: City | None
    reviews: Contributions | None
    photos: Contributions | None
    profiles: Profiles | None
    posts: Posts | None
    followers: Followers | None
    share_link: ShareLink | None


async def read_shop(neighbours: Neighbours, merchant_id: UUID, language: str) -> Shop:
    """The shop alone. Raises NotThere, Unanswered."""
    return await neighbours.read("directory", f"/api/v1/merchants/{merchant_id}", Shop, language=language)


async def read_city(neighbours: Neighbours, city_id: UUID) -> City:
    """Its city. Raises NotThere, Unanswered."""
    return await neighbours.read("directory", f"/api/v1/cities/{city_id}", City)


async def read_reviews(
    neighbours: Neighbours, merchant_id: UUID, language: str, cursor: str | None = None
) -> Contributions:
    """The newest first. Raises Unanswered."""
    asked = {"merchant": str(merchant_id), "kind": "review", "language": language, "cursor": cursor}
    return await neighbours.read(
        "campaigns", "/api/v1/contributions", Contributions, limit=REVIEWS_A_PAGE, **asked
    )


async def read_shop_page(
    neighbours: Neighbours, merchant_id: UUID, language: str, cursor: str | None
) -> ShopPage:
    """All of it. Raises NotThere and Unanswered for the shop itself alone."""
    of_shop = {"merchant": str(merchant_id)}
    read = neighbours.read
    (shop, city), reviews, photos, profiles, (posts, followers, share_link) = await asyncio.gather(
        _with_city(neighbours, merchant_id, language),
        part(read_reviews(neighbours, merchant_id, language, cursor)),
        part(
            read("campaigns", "/api/v1/contributions", Contributions, limit=_PHOTOS, kind="photo", **of_shop)
        ),
        part(
            read(
                "campaigns",
                f"/api/v1/elsewhere/merchants/{merchant_id}/profiles",
                Profiles,
                language=language,
            )
        ),
        asyncio.gather(
            part(read("campaigns", "/api/v1/elsewhere/posts", Posts, limit=_POSTS, **of_shop)),
            part(read("campaigns", f"/api/v1/follows/{merchant_id}", Followers)),
            part(read("campaigns", f"/api/v1/share-links/merchants/{merchant_id}", ShareLink)),
        ),
    )
    return ShopPage(shop, city, reviews, photos, profiles, posts, followers, share_link)


async def _with_city(neighbours: Neighbours, merchant_id: UUID, language: str) -> tuple[Shop, City | None]:
    shop = await read_shop(neighbours, merchant_id, language)
    return shop, await part(read_city(neighbours, shop.city_id))

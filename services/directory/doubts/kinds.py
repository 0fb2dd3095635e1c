"""Which kinds two sources may give one shop: a register knows activities, a map what stands over the door."""

_LIKE = (
    {"amenity=restaurant", "amenity=fast_food", "amenity=cafe", "amenity=bar", "amenity=pub"},
    {"amenity=ice_cream", "amenity=cafe", "shop=ice_cream", "shop=confectionery"},
    {"shop=bakery", "shop=pastry", "shop=confectionery", "shop=chocolate"},
    {"shop=butcher", "shop=deli"},
    {"shop=supermarket", "shop=convenience", "shop=greengrocer", "shop=deli", "shop=farm", "shop=cheese"},
    {"shop=wine", "shop=alcohol", "shop=beverages"},
    {"shop=hairdresser", "shop=beauty", "shop=cosmetics", "shop=perfumery"},
    {"shop=clothes", "shop=shoes", "shop=boutique", "shop=fashion_accessories", "shop=bag", "shop=leather"},
    {"shop=books", "shop=newsagent", "shop=stationery", "shop=tobacco"},
    {"shop=electronics", "shop=computer", "shop=mobile_phone", "shop=appliance", "shop=hifi"},
    {"shop=car", "shop=car_repair", "shop=car_parts", "shop=tyres"},
    {"shop=florist", "shop=garden_centre"},
    {"shop=jewelry", "shop=watches", "craft=watchmaker", "craft=jeweller"},
    {"shop=furniture", "shop=interior_decoration", "shop=antiques", "shop=kitchen"},
    {"shop=doityourself", "shop=hardware", "shop=trade", "shop=paint"},
    {"shop=laundry", "shop=dry_cleaning"},
    {"shop=travel_agency", "office=travel_agent"},
    {"shop=shoes", "shop=shoe_repair", "craft=shoemaker"},
    {"shop=tailor", "craft=tailor", "craft=dressmaker"},
    {"tourism=hotel", "tourism=guest_house", "tourism=motel", "tourism=hostel", "tourism=apartment"},
)  # fmt: skip
_UNSAID = "yes"


def are_close(one: str, other: str) -> bool:
    """Whether they may be of one shop: the same, alike, or one of them only says that it is a shop."""
    if one == other or any(one in alike and other in alike for alike in _LIKE):
        return True
    families, values = zip(*(kind.split("=", 1) for kind in (one, other)), strict=True)
    return _UNSAID in values and families[0] == families[1]

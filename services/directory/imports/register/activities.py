"""Which activities of the register are merchants: NACE-BEL codes, by their beginning.

A longer beginning wins. What is not here has no counter that a citizen stands before: it is left out, and the
report says so.
"""

_KINDS = {
    "4511": "shop=car", "4520": "shop=car_repair", "4540": "shop=motorcycle",
    "4711": "shop=supermarket", "4719": "shop=department_store", "47112": "shop=convenience",
    "4721": "shop=greengrocer", "4722": "shop=butcher", "4723": "shop=seafood", "4724": "shop=bakery",
    "47242": "shop=confectionery", "4725": "shop=beverages", "4726": "shop=tobacco", "4729": "shop=deli",
    "4727": "shop=deli", "4730": "amenity=fuel",
    "4741": "shop=computer", "4742": "shop=mobile_phone", "4743": "shop=hifi", "4740": "shop=electronics",
    "4751": "shop=fabric", "4752": "shop=hardware", "4753": "shop=carpet", "4754": "shop=appliance",
    "4755": "shop=furniture", "4759": "shop=furniture",
    "4761": "shop=books", "4762": "shop=newsagent", "4763": "shop=music", "4764": "shop=sports",
    "4765": "shop=toys", "4769": "shop=art",
    "4771": "shop=clothes", "4772": "shop=shoes", "4773": "amenity=pharmacy", "4774": "shop=medical_supply",
    "4775": "shop=cosmetics", "4776": "shop=florist", "47762": "shop=pet", "4777": "shop=jewelry",
    "4778": "shop=yes", "4779": "shop=second_hand", "4781": "shop=car",
    "5510": "tourism=hotel", "5520": "tourism=guest_house", "5530": "tourism=camp_site",
    "5610": "amenity=restaurant", "5611": "amenity=restaurant", "56102": "amenity=fast_food",
    "5612": "amenity=fast_food", "5630": "amenity=cafe",
    "5914": "amenity=cinema", "6419": "amenity=bank", "6622": "office=insurance",
    "6831": "office=estate_agent", "7420": "craft=photographer", "7911": "shop=travel_agency",
    "9511": "shop=computer", "9521": "shop=electronics", "9523": "craft=shoemaker",
    "9525": "craft=watchmaker", "9529": "craft=tailor", "9313": "leisure=fitness_centre",
    "9601": "shop=laundry", "9602": "shop=hairdresser", "96022": "shop=beauty", "9604": "leisure=sauna",
    "9610": "shop=laundry", "9621": "shop=hairdresser", "9622": "shop=beauty", "9623": "leisure=sauna",
}  # fmt: skip
_OF_2025 = {
    "4712": "shop=department_store", "4763": "shop=sports", "4764": "shop=toys",
}  # fmt: skip
"""Where the nomenclature of 2025 uses a code of 2008 for something else, or has one of its own."""
_SINCE_2025 = _KINDS | _OF_2025
_LONGEST, _SHORTEST = 5, 4


def kind_of_activity(nace_code: str, version: int) -> str | None:
    """The kind of merchant that an activity is; None where it is none. `version` is 2003, 2008 or 2025."""
    kinds = _SINCE_2025 if version >= 2025 else _KINDS
    for length in range(min(len(nace_code), _LONGEST), _SHORTEST - 1, -1):
        if (kind := kinds.get(nace_code[:length])) is not None:
            return kind
    return None

"""What people call a kind of merchant: who types `bakkerij` looks for bakeries of any name.

In French, Dutch, German and English: what the editor of OpenStreetMap calls it (`kinds/names.json`) and, for
the kinds that shopping streets are made of, what people say besides. A kind that neither knows is found by
the words of its tag.
"""

from functools import cache, lru_cache

from services.directory.kinds.names import is_listed, kind_names, names_of
from services.directory.search.folding import folded

_WORDS = {
    "shop=bakery": "boulangerie bakkerij Bäckerei bakery pain brood Brot",
    "shop=pastry": "pâtisserie banketbakkerij Konditorei pastry",
    "shop=butcher": "boucherie charcuterie slagerij Metzgerei Fleischerei butcher",
    "shop=greengrocer": "primeur fruits légumes groentewinkel Gemüse greengrocer",
    "shop=cheese": "fromagerie kaaswinkel Käse cheese",
    "shop=seafood": "poissonnerie viswinkel Fischgeschäft fishmonger",
    "shop=chocolate": "chocolaterie chocolatier Schokolade chocolate",
    "shop=confectionery": "confiserie snoepwinkel Süßwaren sweets",
    "shop=convenience": "épicerie nachtwinkel buurtwinkel Lebensmittel convenience",
    "shop=supermarket": "supermarché supermarkt supermarket",
    "shop=wine": "vin wijn Wein wine caviste",
    "shop=beverages": "boissons drankhandel Getränke drinks",
    "shop=florist": "fleuriste fleurs bloemist bloemen Blumen florist flowers",
    "shop=hairdresser": "coiffeur coiffure kapper kapsalon Friseur hairdresser barber",
    "shop=beauty": "institut beauté schoonheidssalon Kosmetik beauty",
    "shop=clothes": "vêtements mode kleding Kleidung Mode clothes fashion",
    "shop=shoes": "chaussures schoenen Schuhe shoes",
    "shop=jewelry": "bijouterie juwelier Schmuck jewellery",
    "shop=optician": "opticien brillen Optiker optician glasses",
    "shop=books": "librairie boekhandel boeken Buchhandlung Bücher books",
    "shop=newsagent": "presse journaux krantenwinkel Zeitungen newsagent",
    "shop=stationery": "papeterie schrijfwaren Schreibwaren stationery",
    "shop=toys": "jouets speelgoed Spielzeug toys",
    "shop=gift": "cadeaux geschenken Geschenke gifts",
    "shop=furniture": "meubles meubelen Möbel furniture",
    "shop=electronics": "électronique elektronica Elektronik electronics",
    "shop=computer": "informatique computerwinkel Computer",
    "shop=mobile_phone": "téléphonie gsm telefoonwinkel Handy mobile phones",
    "shop=hardware": "quincaillerie ijzerwaren Eisenwaren hardware",
    "shop=doityourself": "bricolage doe-het-zelf Baumarkt diy",
    "shop=garden_centre": "jardinerie tuincentrum Gartencenter garden centre",
    "shop=bicycle": "vélo cycles fietsenwinkel fiets Fahrrad bicycle bike",
    "shop=car": "garage auto voiture autohandel Autohaus car",
    "shop=car_repair": "garage réparation autoherstelling Werkstatt car repair",
    "shop=sports": "articles de sport sportwinkel Sportgeschäft sports",
    "shop=pet": "animalerie dierenwinkel Tierhandlung pet",
    "shop=laundry": "laverie wasserette Wäscherei laundry",
    "shop=dry_cleaning": "nettoyage à sec droogkuis Reinigung dry cleaning",
    "shop=travel_agency": "agence de voyages reisbureau Reisebüro travel agency",
    "amenity=restaurant": "restaurant brasserie eethuis Gaststätte",
    "amenity=cafe": "café koffiehuis tearoom Kaffee coffee",
    "amenity=bar": "bar bistro kroeg Kneipe",
    "amenity=pub": "pub taverne café kroeg Kneipe",
    "amenity=fast_food": "friterie snack frituur frietkot Imbiss fast food",
    "amenity=ice_cream": "glacier ijssalon Eisdiele ice cream",
    "amenity=pharmacy": "pharmacie apotheek Apotheke pharmacy",
    "amenity=bank": "banque bank",
    "amenity=cinema": "cinéma bioscoop Kino cinema",
    "amenity=fuel": "station-service tankstation Tankstelle fuel",
    "tourism=hotel": "hôtel hotel",
    "tourism=guest_house": "chambre d'hôtes gastenkamer Pension guest house",
    "craft=carpenter": "menuiserie menuisier schrijnwerker Schreiner carpenter",
    "craft=plumber": "plombier loodgieter Klempner plumber",
    "craft=electrician": "électricien elektricien Elektriker electrician",
    "craft=shoemaker": "cordonnier schoenmaker Schuster shoemaker",
    "craft=brewery": "brasserie brouwerij Brauerei brewery",
    "leisure=fitness_centre": "fitness salle de sport sportschool Fitnessstudio gym",
    "office=estate_agent": "agence immobilière vastgoed Immobilien estate agent",
    "office=insurance": "assurances verzekeringen Versicherung insurance",
}


_KINDS_AT_ONCE = 1_000
"""Kinds remembered with their words: a map may name any number of them."""


@lru_cache(_KINDS_AT_ONCE)
def kind_words(kind: str) -> str:
    """All that a kind (`shop=bakery`) may be called, folded, each word once."""
    named = names_of(kind).values() if is_listed(kind) else ()
    words = folded(" ".join([_WORDS.get(kind, ""), *named])).split()
    return " ".join(dict.fromkeys(words)) or folded(kind.partition("=")[2])


def kind_called(word: str) -> str | None:
    """The kind that people call so, in any of the languages; None where it is not known."""
    return _kinds().get(folded(word))


@cache
def _kinds() -> dict[str, str]:
    """By what each is called; of two that are called the same, one of `_WORDS`, or the shop, as most are."""
    shops_last = sorted(kind_names().names, key=lambda kind: (kind.startswith("shop="), kind))
    named = {folded(name): kind for kind in shops_last if is_listed(kind) for name in names_of(kind).values()}
    said = {
        folded(called): kind for kind, words in reversed(_WORDS.items()) for called in (words, *words.split())
    }
    return named | said

"""An extract of the enterprise register made for tests: the form is the real one's, nobody in it is."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

HEADINGS = {
    "meta.csv": '"Variable","Value"',
    "enterprise.csv": '"EnterpriseNumber","Status","JuridicalSituation","TypeOfEnterprise","JuridicalForm",'
    '"JuridicalFormCAC","StartDate"',
    "establishment.csv": '"EstablishmentNumber","StartDate","EnterpriseNumber"',
    "denomination.csv": '"EntityNumber","Language","TypeOfDenomination","Denomination"',
    "address.csv": '"EntityNumber","TypeOfAddress","CountryNL","CountryFR","Zipcode","MunicipalityNL",'
    '"MunicipalityFR","StreetNL","StreetFR","HouseNumber","Box","ExtraAddressInfo","DateStrikingOff"',
    "contact.csv": '"EntityNumber","EntityContact","ContactType","Value"',
    "activity.csv": '"EntityNumber","ActivityGroup","NaceVersion","NaceCode","Classification"',
}
COMPANY, PERSON = "0123.456.749", "0987.654.394"
BAKERY, HAIRDRESSER, OFFICE, ELSEWHERE = "2.000.000.010", "2.000.000.020", "2.000.000.030", "2.000.000.040"

TOWN: Mapping[str, tuple[str, ...]] = {
    "enterprise.csv": (
        f'"{COMPANY}","AC","000","2","015","","01-01-2001"',
        f'"{PERSON}","AC","000","1","","","01-01-2001"',
    ),
    "establishment.csv": (
        f'"{OFFICE}","01-01-2001","{COMPANY}"',
        f'"{HAIRDRESSER}","01-01-2001","{PERSON}"',
        f'"{BAKERY}","01-01-2001","{COMPANY}"',
        f'"{ELSEWHERE}","01-01-2001","{COMPANY}"',
    ),
    "denomination.csv": (
        f'"{COMPANY}","1","001","Boulangeries Réunies"',
        f'"{BAKERY}","2","003","Bakkerij Zoet"',
        f'"{BAKERY}","1","003","Boulangerie ""Le Fournil"""',
        f'"{PERSON}","1","001","Dupont, Marie"',
    ),
    "address.csv": (
        f'"{COMPANY}","REGO","","","6720","Habay","Habay","","Rue du Siège","1","","",""',
        f'"{BAKERY}","BAET","","","6720","Habay","Habay","Grote Straat","Grand-Rue","7","","",""',
        f'"{HAIRDRESSER}","BAET","","","6723","Habay","Habay","","Rue Neuve","2","","",""',
        f'"{OFFICE}","BAET","","","6720","Habay","Habay","","Grand-Rue","9","","",""',
        f'"{ELSEWHERE}","BAET","","","4000","Luik","Liège","","Rue Haute","1","","",""',
    ),
    "contact.csv": (
        f'"{BAKERY}","EST","TEL","063 42 22 79"',
        f'"{BAKERY}","EST","EMAIL","someone@example.org"',
        f'"{HAIRDRESSER}","EST","TEL","063 42 22 80"',
    ),
    "activity.csv": (
        f'"{BAKERY}","001","2008","56101","SECO"',
        f'"{BAKERY}","001","2008","47241","MAIN"',
        f'"{HAIRDRESSER}","001","2025","96210","MAIN"',
        f'"{OFFICE}","001","2008","69201","MAIN"',
        f'"{ELSEWHERE}","001","2008","47241","MAIN"',
    ),
}


def register(rows: Mapping[str, tuple[str, ...]] = TOWN, without: str | None = None) -> bytes:
    """The ZIP."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, headings in HEADINGS.items():
            if name != without:
                archive.writestr(name, "\r\n".join([headings, *rows.get(name, ()), ""]))
    return packed.getvalue()

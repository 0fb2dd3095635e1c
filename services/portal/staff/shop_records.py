"""A shop as an officer writes it: what the directory holds of it, and what a form says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from msgspec import Struct

from services.portal.forms import errors_of
from services.portal.neighbours import Answer, NotThere
from services.portal.shops import Shop
from services.portal.visitors import Visitor, problem_of

MERCHANTS = "/api/v1/merchants"
TEXTS = (
    "name",
    "street",
    "house_number",
    "postcode",
    "place",
    "phone",
    "email",
    "website",
    "opening_hours",
    "enterprise_number",
    "establishment_number",
)
"""What may be left empty."""
PLACES = ("longitude", "latitude")


class Record(Shop):
    """A shop with what only who corrects it needs."""

    version: int = 0
    enterprise_number: str | None = None
    establishment_number: str | None = None

    @property
    def values(self) -> dict[str, str]:
        """As the form shows it before anybody types."""
        address = self.address
        held = {
            **{name: getattr(self, name) for name in ("name", "kind", "phone", "email", "website")},
            **{name: getattr(address, name) for name in ("street", "house_number", "postcode", "place")},
            "opening_hours": self.opening_hours.given if self.opening_hours else None,
            "enterprise_number": self.enterprise_number,
            "establishment_number": self.establishment_number,
            "longitude": f"{self.longitude:.6f}",
            "latitude": f"{self.latitude:.6f}",
            "version": str(self.version),
        }
        return {name: value or "" for name, value in held.items()}


class Kind(Struct):
    kind: str
    name: str


class Kinds(Struct):
    items: list[Kind]


def record_of(form: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """The body that says it, and by field what cannot be said so."""
    body: dict[str, Any] = {name: form.get(name, "").strip() or None for name in TEXTS}
    body["kind"] = form.get("kind", "")
    faults = {} if body["kind"] else {"kind": "choose"}
    for name, most in zip(PLACES, (180, 90), strict=True):
        try:
            body[name] = float(form.get(name, "").strip().replace(",", "."))
            if not -most <= body[name] <= most:
                raise ValueError
        except ValueError:
            faults[name] = name
    return body, faults


async def add(visitor: Visitor, city_id: UUID, form: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The id of the new shop, or by field what hinders it. Raises NotThere, Unanswered."""
    body, faults = record_of(form)
    if faults:
        return "", faults
    said = {name: value for name, value in body.items() if value is not None} | {"city_id": str(city_id)}
    said["owner_agrees"] = form.get("owner_agrees") == "yes"
    answer = await visitor.write(
        "POST", "directory", MERCHANTS, said, attempt=form.get("attempt", "") or "shop"
    )
    return ("", faults_of(answer)) if answer.status >= 400 else (str(answer.body["id"]), {})


async def correct(visitor: Visitor, merchant_id: UUID, form: Mapping[str, str]) -> dict[str, str]:
    """By field what hinders it; nothing where it is done. Raises NotThere, Unanswered."""
    body, faults = record_of(form)
    if faults:
        return faults
    version = form.get("version", "")
    etag = f'"{version}"' if version.isdecimal() else '"0"'
    answer = await visitor.write("PATCH", "directory", f"{MERCHANTS}/{merchant_id}", body, etag=etag)
    return faults_of(answer)


async def move(visitor: Visitor, merchant_id: UUID, wish: str) -> bool:
    """Close it, take it off the list or put it back; False where that cannot be. Raises NotThere."""
    answer = await visitor.write("POST", "directory", f"{MERCHANTS}/{merchant_id}/{wish}")
    _only_theirs(answer.status)
    return answer.status < 400


def faults_of(answer: Answer) -> dict[str, str]:
    """What the directory refused, by field of the form."""
    _only_theirs(answer.status)
    if answer.status < 400:
        return {}
    if answer.status == 422:
        known = (*TEXTS, *PLACES, "kind")
        fields = [name.rpartition(".")[2] for name in errors_of(answer)]
        return {name if name in known else "": name if name in known else "refused" for name in fields}
    return {"": "changed" if answer.status == 412 else problem_of(answer)}


def _only_theirs(status: int) -> None:
    if status in (401, 403, 404, 410):
        raise NotThere(f"directory: HTTP {status}")

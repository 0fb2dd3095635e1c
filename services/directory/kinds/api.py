"""Kinds of merchants over HTTP: what forms offer to choose from."""

from fastapi import APIRouter

from chassis.access import PUBLIC
from chassis.http import Listing, Shown
from chassis.languages import ReadersLanguage
from services.directory.kinds.names import is_listed, kind_names

router = APIRouter(prefix="/api/v1/kinds", tags=["kinds"])


class KindShown(Shown):
    """A kind and what it is called."""

    kind: str
    name: str
    """In the reader's language."""
    names: dict[str, str]


@router.get("", response_model=Listing[KindShown], dependencies=[PUBLIC])
async def list_kinds(language: ReadersLanguage) -> Listing[KindShown]:
    """Every kind that has a name, by name. All of them on one page."""
    kinds = [
        KindShown(kind=kind, name=names[language], names=names)
        for kind, names in kind_names().names.items()
        if is_listed(kind)
    ]
    return Listing(items=sorted(kinds, key=lambda each: (each.name.casefold(), each.kind)))

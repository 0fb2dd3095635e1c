"""What a key may be used for: a key has its city's role, and only the areas of the API it was made for.

An area is a tag of the OpenAPI documents (`campaigns`). The scope `campaigns` allows every method on the
routes of that tag, `campaigns:read` those that change nothing; a route of no granted area is refused,
public ones too, so that nothing a key's role could see leaks beside its scopes. The token carries them
as `scope`, with spaces between (RFC 9068, section 2.2.3).
"""

from collections.abc import Collection

from fastapi import Request

from chassis.problems import forbidden

READ = ":read"
_CHANGES_NOTHING = frozenset({"GET", "HEAD"})


def scopes_of(claim: object) -> frozenset[str]:
    """Those in a token's `scope`; none where it is missing or no text."""
    return frozenset(claim.split()) if isinstance(claim, str) else frozenset()


def require_scope(scopes: Collection[str], request: Request) -> None:
    """Return where one of `scopes` allows the request; raise a 403 Problem that says which would."""
    areas = [str(tag) for tag in getattr(request.scope.get("route"), "tags", ())]
    wanted = list(areas)
    if request.method in _CHANGES_NOTHING:
        wanted += [area + READ for area in areas]
    if not set(wanted) & set(scopes):
        raise forbidden(f"This key has none of the scopes for it: {', '.join(wanted)}.")

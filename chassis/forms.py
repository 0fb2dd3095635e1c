"""Forms of pages, as browsers send them: small, and never files."""

from urllib.parse import parse_qsl

from fastapi import Request

_MOST_FIELDS = 20


async def form_of(request: Request, most: int = _MOST_FIELDS) -> dict[str, str]:
    """The fields of a form (`application/x-www-form-urlencoded`); none where it is nothing of the kind.

    None, too, where it has more than `most`.
    """
    return dict(await pairs_of(request, most))


async def pairs_of(request: Request, most: int = _MOST_FIELDS) -> list[tuple[str, str]]:
    """The same where one name may come more than once, as boxes that are ticked do."""
    try:
        text = (await request.body()).decode("ascii")
        return parse_qsl(text, keep_blank_values=True, max_num_fields=most)
    except ValueError:
        return []

"""Forms of pages, as browsers send them: small, and never files."""

from urllib.parse import parse_qsl

from fastapi import Request

from chassis.problems import invalid

_MOST_FIELDS = 100


async def form_of(request: Request, most: int = _MOST_FIELDS) -> dict[str, str]:
    """The fields of a form (`application/x-www-form-urlencoded`); none where it is nothing of the kind.

    Raises the Problem 422 where it has more than `most`: what is cut off would be taken for another wish.
    """
    return dict(await pairs_of(request, most))


async def pairs_of(request: Request, most: int = _MOST_FIELDS) -> list[tuple[str, str]]:
    """The same where one name may come more than once, as boxes that are ticked do."""
    try:
        text = (await request.body()).decode("ascii")
    except ValueError:
        return []
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=most)
    except ValueError as error:
        raise invalid("", f"This form has more than {most} fields.") from error

"""What comes with photos, and what is taken of them."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi.exceptions import RequestValidationError
from pydantic import BeforeValidator, Field, ValidationError

from chassis.http import Body, ShortText
from chassis.problems import Problem
from services.campaigns.contributions.domain import Licence, People, Photo, Tie

MOST_PHOTOS = 4
MOST_BYTES = 10 * 1024 * 1024
"""Of one photo: what telephones make at their best."""
MOST_BODY_BYTES = MOST_PHOTOS * MOST_BYTES + 64 * 1024
"""The gateway's limit for this route is the same."""
FILES = "photos"

Alt = Annotated[ShortText, Field(description="What the photo shows, for who cannot see it.")]


def _given(typed: object) -> object:
    """Browsers send a field that nobody filled in."""
    return None if isinstance(typed, str) and not typed.strip() else typed


class PhotosSent(Body):
    """The fields beside the files."""

    merchant_id: UUID
    licence: Licence = Field(description="What others may do with the photos.")
    people: People = Field(description="Who can be recognised in them; `not-asked` is refused.")
    alt: Annotated[list[Alt], Field(min_length=1, max_length=MOST_PHOTOS, description="One for each photo.")]
    tie: Tie = Field(Tie.NONE, description="What binds the author to the merchant.")
    credit: Annotated[ShortText | None, BeforeValidator(_given)] = Field(
        None, description="How the author wants to be named beside them."
    )
    review_id: UUID | None = Field(None, description="One's own review of the merchant they go with.")

    def photo(self, tie: Tie) -> Photo:
        """As it is stored. Raises the problem 422 where people were not asked."""
        if self.people is People.NOT_ASKED:
            raise Problem(
                422,
                "people-not-asked",
                "People were not asked",
                "Whoever can be recognised in a photo has to agree first; for children, their parents. "
                "Ask them, or take a photo without people.",
                field="people",
            )
        return Photo(self.licence, self.people, tie, self.credit, self.review_id)


def checked(fields: dict[str, Any]) -> PhotosSent:
    """The fields of a form, which are texts. Raises 422 as a JSON body's are."""
    try:
        return PhotosSent.model_validate(fields)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_context=False, include_input=False)
        raise RequestValidationError([{**each, "loc": ("body", *each["loc"])} for each in errors]) from error


def _schema() -> dict[str, Any]:
    schema = PhotosSent.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    schema["properties"][FILES] = {
        "type": "array",
        "items": {"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"},
        "minItems": 1,
        "maxItems": MOST_PHOTOS,
        "description": "JPEG, PNG or WebP, each of 10 MiB and 50 million pixels at most.",
    }
    schema["required"].append(FILES)
    return schema


OPENAPI = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _schema()}}}}

"""Where files are served."""

from uuid import UUID

PREFIX = "/api/v1/files"
CASES = "/api/v1/moderation/cases"
SIZES = ("large", "small")


def addresses(file_id: UUID) -> dict[str, str]:
    """By size, the path at which the picture is served while something shows it."""
    return {size: f"{PREFIX}/{file_id}/{size}.webp" for size in SIZES}


def officers_addresses(case_id: UUID, file_id: UUID) -> dict[str, str]:
    """The same for who decides a case, also while nobody else sees the picture."""
    return {size: f"{CASES}/{case_id}/pictures/{file_id}/{size}.webp" for size in SIZES}

"""Where files are served."""

from uuid import UUID

PREFIX = "/api/v1/files"
SIZES = ("large", "small")


def addresses(file_id: UUID) -> dict[str, str]:
    """By size, the path at which the picture is served while something shows it."""
    return {size: f"{PREFIX}/{file_id}/{size}.webp" for size in SIZES}

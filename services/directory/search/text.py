"""What of a merchant a search looks into."""

from services.directory.merchants.details import Details
from services.directory.search.folding import folded
from services.directory.search.kind_words import kind_words

SEPARATOR = "|"
"""Between the name and the rest: what is called so comes before what stands in a street of that name."""


def search_text(details: Details) -> str:
    """Name, kind in four languages, street and place, folded; a space before each word (` paul | shop`)."""
    rest = (kind_words(details.kind), folded(details.street or ""), folded(details.place or ""))
    return f" {folded(' '.join(details.called()))} {SEPARATOR} {' '.join(filter(None, rest))}"

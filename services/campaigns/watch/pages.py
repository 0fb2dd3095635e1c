"""What is linked to in a page or a post, and what it says as plain text. Nothing of it is shown as HTML.

By lxml: the standard library's HTMLParser takes minutes for some hundred kilobytes of unclosed tags.
"""

from __future__ import annotations

from urllib.parse import urljoin

from lxml import etree, html

MOST_LINKS = 500
_SILENT = "script", "style", "template", "noscript"


def links_and_text(page: str, base: str = "") -> tuple[tuple[str, ...], str]:
    """Every address in `href` and `src`, made whole by `base`; and the words, one space between them."""
    if not page.strip():
        return (), ""
    parser = html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, encoding="utf-8")
    try:
        tree = html.document_fromstring(page.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return (), ""
    found = tree.xpath("//@href | //@src")[:MOST_LINKS]
    links = dict.fromkeys(link for each in found if (link := _whole(base, str(each))))
    etree.strip_elements(tree, *_SILENT, with_tail=False)
    return tuple(links), " ".join(" ".join(tree.itertext()).split())


def _whole(base: str, address: str) -> str | None:
    try:
        return urljoin(base, address.strip())
    except ValueError:
        return None

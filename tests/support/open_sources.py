"""Answers of open sources, as their documentation describes them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

_PAGE = '&lt;p&gt;À Habay: &lt;a href="https://cococity.example/merchants/1"&gt;ici&lt;/a&gt;&lt;/p&gt;'
_NEWEST = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)

RSS = f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>La Gazette</title><link>https://gazette.be/</link>
<item><title>Le pain d’ici &amp;amp; là</title><link>https://gazette.be/pain</link><category>Habay</category>
<pubDate>Fri, 20 Nov 2026 08:30:00 GMT</pubDate><content:encoded>{_PAGE}</content:encoded></item>
<item><title>La grande braderie</title><link>/fete</link>
<pubDate>Thu, 19 Nov 2026 09:30:00 +0100</pubDate><description>Samedi</description></item>
</channel></rss>""".encode()

ATOM = """<?xml version="1.0"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>La Gazette</title>
<entry><title type="html">Le pain d’ici &amp;amp; là</title><link rel="self" href="https://gazette.be/self"/>
<link href="https://gazette.be/pain"/><category term="Habay"/><updated>2026-11-20T08:30:00Z</updated>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">À Habay:
<a href="https://cococity.example/merchants/1">ici</a></div></content></entry>
<entry><title>La grande braderie</title><link href="https://gazette.be/fete"/>
<published>2026-11-19T09:30:00+01:00</published></entry>
</feed>""".encode()

RDF = f"""<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://gazette.be/"/>
<item rdf:about="https://gazette.be/pain"><title>Le pain d’ici &amp;amp; là</title>
<link>https://gazette.be/pain</link><dc:date>2026-11-20T08:30:00Z</dc:date>
<description>{_PAGE}</description></item>
<item><title>La fête</title><link>https://gazette.be/fete</link><dc:date>2026-11-19T08:30:00Z</dc:date></item>
</rdf:RDF>""".encode()


def json_feed() -> bytes:
    return json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "La Gazette",
            "items": [
                {
                    "id": "1",
                    "url": "https://gazette.be/pain",
                    "title": "Le pain d’ici &amp; là",
                    "content_html": '<a href="https://cococity.example/merchants/1">ici</a>',
                    "date_published": "2026-11-20T08:30:00Z",
                    "tags": ["Habay"],
                },
                {"id": "2", "url": "https://gazette.be/fete", "date_published": "2026-11-19T08:30:00+00:00"},
                {"id": 3, "url": 4},
            ],
        }
    ).encode()


def status(number: int, *, visibility: str = "public", noindex: bool = False, **more: Any) -> dict[str, Any]:
    """A post (https://docs.joinmastodon.org/entities/Status/); the first is the newest."""
    media = more.pop("media", None)
    return {
        "id": str(1000 - number),
        "created_at": (_NEWEST - timedelta(hours=number)).isoformat().replace("+00:00", "Z"),
        "visibility": visibility,
        "sensitive": False,
        "url": f"https://mastodon.social/@ann/{number}",
        "uri": f"https://mastodon.social/users/ann/statuses/{number}",
        "account": {"id": "1", "acct": "ann", "noindex": noindex},
        "content": "<p>Miam</p>",
        "media_attachments": [{"id": "1", "type": media}] if media else [],
        "card": None,
        **more,
    }


def review(signature: str, subject: str, **payload: Any) -> dict[str, Any]:
    """A review (https://docs.mangrove.reviews, schema `Review`)."""
    said = {"iat": 1_795_000_000, "sub": subject, "rating": 75, "opinion": "Très bon pain"}
    return {"signature": signature, "jwt": "…", "kid": "…", "payload": said | payload}

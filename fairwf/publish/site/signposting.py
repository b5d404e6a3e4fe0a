"""Signposting in HTML: the links of a page to what belongs to it (FAIR Signposting, level 1 and 2).

The links are those of the crate's link set (RFC 9264), as ``<link>`` elements (RFC 8288), with the
relations of versions of RFC 5829.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any

_RELATIONS = ("cite-as", "describedby", "item", "license", "type", "author")
MOST_ITEMS = 1000
"""Items that a page names; the link set has all."""

Link = tuple[str, str, str | None]
"""Relation, address, media type."""


def links_of(link_set: Mapping[str, Any]) -> Iterator[Link]:
    """Yield the links of the first context of a link set."""
    context = link_set["linkset"][0]
    for relation in _RELATIONS:
        for target in context.get(relation, ())[:MOST_ITEMS]:
            yield relation, target["href"], target.get("type")


def with_links(page: str, links: Iterable[Link]) -> str:
    """Return an HTML page with links at the end of its head."""
    lines = []
    for relation, address, media in links:
        kind = f' type="{escape(media, quote=True)}"' if media else ""
        lines.append(f'<link rel="{relation}" href="{escape(address, quote=True)}"{kind}>\n')
    head, mark, rest = page.partition("</head>")
    return head + "".join(lines) + mark + rest

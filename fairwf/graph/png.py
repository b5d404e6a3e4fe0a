"""Graphs as PNG, for slides and for programs that take no SVG."""

from __future__ import annotations

import re

from fairwf.graph.model import Graph
from fairwf.graph.svg import svg
from fairwf.report import EnvironmentFault

SCALE = 2.0
"""Pixels for each unit of the drawing: sharp on dense screens and in print."""
LONGEST_SIDE = 16_000
"""Pixels; larger drawings are scaled down to it, since viewers refuse more."""

_SIZE = re.compile(r'width="(\d+)" height="(\d+)"')


def png(graph: Graph) -> bytes:
    """Return the drawing with a white ground, in the same font on every machine.

    Letters that the font lacks come from the fonts of the machine.

    Raises:
        EnvironmentFault: the extra ``draw`` is not installed, or the drawing is too large.
    """
    try:
        import resvg_py
        from font_roboto import font_files
    except ImportError:
        raise EnvironmentFault.of(
            "FWF9002", "drawing PNG needs resvg-py", hint="pip install 'fairwf[draw]', or draw .svg"
        ) from None
    text = svg(graph)
    size = _SIZE.search(text)
    longest = max(float(size[1]), float(size[2])) if size else LONGEST_SIDE / SCALE
    try:
        return bytes(
            resvg_py.svg_to_bytes(
                svg_string=text.replace("</style>", ".fairwf{font-family:Roboto}</style>", 1),
                zoom=min(SCALE, LONGEST_SIDE / longest),
                font_files=sorted(font_files.values()),
                sans_serif_family="Roboto",
            )
        )
    except ValueError as error:
        raise EnvironmentFault.of(
            "FWF9002", f"the drawing cannot be made a PNG: {error}", hint="draw .svg"
        ) from None

"""Graphs as SVG 1.1 that stands alone: no script, no font, nothing from outside."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from html import escape
from itertools import pairwise

from fairwf.graph.layout import Layout, Point, Size, layout
from fairwf.graph.model import Edge, Graph, Node

MARGIN = 24.0
LONGEST_LABEL = 30
LONGEST_WITH_ROOM = 60
_FEW = 40
_PAD = 14.0

LIGHT = {
    "bg": "#fff", "fg": "#1b1f24", "soft": "#5b6570", "edge": "#98a2ae",
    "step": "#f4f7fb", "step-line": "#7b8ea6", "badge": "#dde5f0", "badge-fg": "#33465f",
    "in": "#f0ebfa", "in-line": "#8568bd", "out": "#fdf0e3", "out-line": "#c98a3d",
    "ok": "#2e9e5b", "bad": "#cf3b35", "run": "#2f74d0", "skip": "#98a2ae",
    "ok-bg": "#e8f6ed", "bad-bg": "#fdeceb", "run-bg": "#e8f0fc", "skip-bg": "#f3f4f6",
}  # fmt: skip
DARK = {
    "bg": "#14181d", "fg": "#e8ecf1", "soft": "#9aa5b1", "edge": "#64707d",
    "step": "#1f2731", "step-line": "#6f86a3", "badge": "#33445a", "badge-fg": "#d5e2f3",
    "in": "#251d35", "in-line": "#9d84d6", "out": "#2e2417", "out-line": "#c0883f",
    "ok": "#4fc17d", "bad": "#f0716b", "run": "#6aa5f2", "skip": "#7c8793",
    "ok-bg": "#16291f", "bad-bg": "#351b1b", "run-bg": "#182a44", "skip-bg": "#1d2127",
}  # fmt: skip

_RULES = """
.fairwf{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif}
.fairwf .bg{fill:var(--bg)}
.fairwf text{fill:var(--fg);text-anchor:middle}
.fairwf .t{font-size:13.5px;font-weight:600}.fairwf .s{font-size:11px;fill:var(--soft)}
.fairwf .io .t{font-weight:500;font-size:12.5px}
.fairwf .b text{font-size:10px;font-weight:600;fill:var(--badge-fg)}
.fairwf .b rect{fill:var(--badge)}
.fairwf .box{fill:var(--step);stroke:var(--step-line);stroke-width:1.3}
.fairwf .back{fill:var(--step);stroke:var(--step-line);stroke-width:1;opacity:.55}
.fairwf .input .box{fill:var(--in);stroke:var(--in-line)}
.fairwf .output .box{fill:var(--out);stroke:var(--out-line)}
.fairwf .e{fill:none;stroke:var(--edge);stroke-width:1.5}.fairwf .order{stroke-dasharray:5 4}
.fairwf .head{fill:var(--edge)}
.fairwf .completed .box{stroke:var(--ok);fill:var(--ok-bg);stroke-width:1.8}
.fairwf .failed .box{stroke:var(--bad);fill:var(--bad-bg);stroke-width:2.2}
.fairwf .running .box{stroke:var(--run);fill:var(--run-bg);stroke-width:2}
.fairwf .skipped .box,.fairwf .waiting .box{stroke:var(--skip);fill:var(--skip-bg);
stroke-dasharray:4 3}
.fairwf .cancelled .box,.fairwf .interrupted .box{
stroke:var(--skip);fill:var(--skip-bg);stroke-width:2}
.fairwf .completed .time{fill:var(--ok)}.fairwf .failed .time{fill:var(--bad)}
.fairwf .running .time{fill:var(--run)}
.fairwf .time{font-size:11px;font-weight:600}
.fairwf .title{font-size:17px;font-weight:700;text-anchor:start}
.fairwf .note{font-size:12px;fill:var(--soft);text-anchor:start}
"""


def _painted(colours: Mapping[str, str]) -> str:
    return re.sub(r"var\(--([a-z-]+)\)", lambda name: colours[name[1]], _RULES)


# Programs that make figures for papers know no variables of CSS and pass over @media.
STYLE = f"{_painted(LIGHT)}@media (prefers-color-scheme:dark){{{_painted(DARK)}}}\n"


def clean(text: str) -> str:
    """Return a text without characters that XML or a reader cannot take."""
    return "".join(
        " " if c in "\t\r\n" else c if unicodedata.category(c)[0] != "C" else "�" for c in text
    )


def cut(text: str, longest: int = LONGEST_LABEL) -> str:
    """Return a text in one line, with an ellipsis in its middle where it is too long."""
    text = " ".join(clean(text).split())
    if len(text) <= longest:
        return text
    tail = longest // 3
    return f"{text[: longest - tail - 1]}…{text[-tail:]}"


def text_width(text: str, size: float) -> float:
    """Return about how wide a text is drawn, in pixels."""
    width = 0.0
    for character in text:
        if unicodedata.east_asian_width(character) in "WF":
            width += 1.02
        elif character in "iljtfrI.,:;'|()[]/ ":
            width += 0.34
        elif character in "mwMW@%":
            width += 0.9
        else:
            width += 0.66 if character.isupper() else 0.58
    return width * size


def longest_label(graph: Graph) -> int:
    """Return how many characters of a name are shown: more where there are few nodes."""
    return LONGEST_WITH_ROOM if len(graph.nodes) <= _FEW else LONGEST_LABEL


def node_size(node: Node, longest: int = LONGEST_LABEL) -> Size:
    """Return how much room a node takes."""
    # bold letters are wider
    label = text_width(cut(node.label, longest), 15.0 if node.kind == "step" else 12.5)
    subtitle = text_width(cut(node.subtitle, 34), 11)
    if node.kind != "step":
        return Size(max(label, subtitle, 40) + 2 * _PAD + 8, 40)
    badges = sum(text_width(badge, 10.8) + 16 for badge in node.badges) + 6 * len(node.badges)
    timing = text_width(node.timing, 11)
    height = 30 + 16 * bool(_subtitle(node)) + 20 * bool(node.badges) + 16 * bool(node.timing)
    return Size(max(label, subtitle, badges, timing, 60) + 2 * _PAD, height + 2)


def _subtitle(node: Node) -> str:
    same = node.subtitle.strip().lower() == node.label.strip().lower()
    return "" if same and node.kind == "step" else cut(node.subtitle, 34)


def svg(graph: Graph, *, embedded: bool = False) -> str:
    """Return the drawing.

    ``embedded`` is for a page that brings the style and takes clicks: no title, nodes can have the
    focus.
    """
    longest = longest_label(graph)
    sizes = {node.id: node_size(node, longest) for node in graph.nodes}
    edges = [e for e in graph.edges if e.source in sizes and e.target in sizes]
    sinks = [node.id for node in graph.nodes if node.kind == "output"]
    plan = layout(sizes, [(edge.source, edge.target) for edge in edges], sinks)
    title, note = cut(graph.title, 80), cut(graph.note, 120)
    top = MARGIN if embedded else MARGIN + 26 + (18 if note else 0)
    least = 0.0 if embedded else max(text_width(title, 17), text_width(note, 12))
    width = max(plan.size.width, least, 120) + 2 * MARGIN
    height = plan.size.height + top + MARGIN
    shift = Point((width - plan.size.width) / 2, top)
    rows = [
        '<svg xmlns="http://www.w3.org/2000/svg" class="fairwf" role="img" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}">',
        f"<title>{escape(clean(graph.title))}</title>",
        f"<desc>{len(graph.nodes)} nodes, {len(edges)} links. {escape(clean(graph.note))}</desc>",
    ]
    if not embedded:
        rows += [
            f"<style>{STYLE}</style>",
            f'<rect class="bg" width="{width:.0f}" height="{height:.0f}"/>',
            f'<text class="title" x="{MARGIN}" y="{MARGIN + 12}">{escape(title)}</text>',
        ]
        if note:
            rows.append(f'<text class="note" x="{MARGIN}" y="{MARGIN + 32}">{escape(note)}</text>')
    rows.append(f'<g transform="translate({shift.x:.1f} {shift.y:.1f})">')
    rows += [_edge(edge, route) for edge, route in zip(edges, plan.routes, strict=True) if route]
    for number, node in enumerate(graph.nodes):
        rows.append(_node(node, plan, sizes[node.id], number if embedded else None, longest))
    return "\n".join([*rows, "</g></svg>"])


def _edge(edge: Edge, route: Sequence[Point]) -> str:
    end = route[-1]
    upward = route[-2].y > end.y
    tip = 6.0 if upward else -6.0
    points = [*route[:-1], Point(end.x, end.y + tip)]
    path = [f"M{points[0].x:.1f} {points[0].y:.1f}"]
    for a, b in pairwise(points):
        if abs(a.x - b.x) < 0.5:
            path.append(f"L{b.x:.1f} {b.y:.1f}")
        else:
            bend = (b.y - a.y) * 0.55
            path.append(
                f"C{a.x:.1f} {a.y + bend:.1f} {b.x:.1f} {b.y - bend:.1f} {b.x:.1f} {b.y:.1f}"
            )
    label = f"<title>{escape(clean(edge.label))}</title>" if edge.label else ""
    kind = "e order" if edge.order else "e"
    head = f'<path class="head" d="M{end.x:.1f} {end.y:.1f}l-4 {tip * 1.3:.1f}h8z"/>'
    return f'<g><path class="{kind}" d="{"".join(path)}">{label}</path>{head}</g>'


def _node(node: Node, plan: Layout, size: Size, number: int | None, longest: int) -> str:
    centre = plan.centres[node.id]
    x, y = centre.x - size.width / 2, centre.y - size.height / 2
    classes = ["n", node.kind, *([] if node.kind == "step" else ["io"])]
    classes += [node.status] if node.status else []
    attributes = f'class="{" ".join(classes)}"'
    if number is not None:
        attributes += f' tabindex="0" role="button" data-node="{number}"'
    rows = [f"<g {attributes}><title>{escape(tooltip(node))}</title>"]
    radius = 9.0 if node.kind == "step" else size.height / 2
    box = f'width="{size.width:.1f}" height="{size.height:.1f}" rx="{radius:.0f}"'
    if "scatter" in " ".join(node.badges) or node.nested is not None:
        rows.append(f'<rect class="back" x="{x + 4:.1f}" y="{y + 4:.1f}" {box}/>')
    rows.append(f'<rect class="box" x="{x:.1f}" y="{y:.1f}" {box}/>')
    subtitle = _subtitle(node)
    baseline = y + (20 if node.kind == "step" else 17 if subtitle else 25)
    rows.append(_text("t", centre.x, baseline, cut(node.label, longest)))
    if subtitle:
        baseline += 15 if node.kind == "step" else 14
        rows.append(_text("s", centre.x, baseline, subtitle))
    if node.badges:
        rows.append(_badges(node, centre.x, baseline + 7))
        baseline += 20
    if node.timing:
        rows.append(_text("time", centre.x, baseline + 16, node.timing))
    return "".join([*rows, "</g>"])


def _text(kind: str, x: float, y: float, text: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(clean(text))}</text>'


def _badges(node: Node, centre: float, top: float) -> str:
    widths = [text_width(badge, 10.8) + 16 for badge in node.badges]
    x = centre - (sum(widths) + 6 * (len(widths) - 1)) / 2
    rows = []
    for badge, width in zip(node.badges, widths, strict=True):
        box = f'x="{x:.1f}" y="{top:.1f}" width="{width:.1f}" height="16" rx="8"'
        rows.append(f"<rect {box}/>{_text('bt', x + width / 2, top + 11.5, badge)}")
        x += width + 6
    return f'<g class="b">{"".join(rows)}</g>'


def tooltip(node: Node) -> str:
    """Return what a pointer that rests on a node is told."""
    head = f"{node.label} ({node.kind})"
    rows = [f"{name}: {' '.join(value.split())[:300]}" for name, value in node.details[:8]]
    return "\n".join(clean(row) for row in [head, *rows])

"""A scorecard as one self-contained HTML page: the score, a radar, the evidence of each point."""

from __future__ import annotations

import math
import re
from html import escape

from fairwf.fair.indicator import PRINCIPLES
from fairwf.fair.outcome import Evidence
from fairwf.fair.score import Finding, Interval, Scorecard, todo

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #59636e; --line: #d7dce1;
  --paper: #fff; --card: #f6f8fa; --accent: #1f6feb; --l0: #b42318; --l1: #b54708;
  --l2: #4d7c0f; --l3: #1a7f37; --F: #1f6feb; --A: #9a6700; --I: #8250df; --R: #1a7f37; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9aa5b1; --line: #30363d;
  --paper: #0d1117; --card: #161b22; --accent: #58a6ff; --l0: #ff7b72; --l1: #e3a35c;
  --l2: #a3c95f; --l3: #56d364; --F: #79b8ff; --A: #e3b341; --I: #d2a8ff; --R: #7ee787; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 64rem; padding: 2rem 1.25rem 4rem; background: var(--paper);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .4rem; display: flex; gap: .75rem; align-items: baseline; }
.source { color: var(--soft); overflow-wrap: anywhere; }
.top { display: grid; grid-template-columns: 1fr 25rem; gap: 1.5rem; align-items: center;
  margin-top: 1rem; }
.big { font-size: 4rem; font-weight: 650; line-height: 1; font-variant-numeric: tabular-nums; }
.big small { font-size: 1.1rem; color: var(--soft); font-weight: 400; }
.facts { margin: .75rem 0 1.5rem; display: flex; flex-wrap: wrap; gap: .35rem .9rem;
  align-items: center; }
.maturity { padding: .1rem .7rem; border-radius: 1rem; font-weight: 600;
  border: 2px solid var(--accent); color: var(--accent); }
.bar { display: grid; grid-template-columns: 7.5rem 1fr 8.5rem; gap: .75rem; align-items: center;
  margin: .3rem 0; }
.track { position: relative; height: .7rem; border-radius: .35rem; background: var(--line);
  overflow: hidden; }
.track i { position: absolute; top: 0; bottom: 0; }
.track .known { left: 0; background: var(--accent); }
.track .open { background: repeating-linear-gradient(-45deg, var(--accent) 0 3px,
  transparent 3px 6px); opacity: .45; }
.num { color: var(--soft); font-variant-numeric: tabular-nums; font-size: .9rem; }
.legend { color: var(--soft); font-size: .85rem; margin-top: .5rem; }
.todo { list-style: none; padding: 0; margin: 0; counter-reset: n; }
.todo li { display: grid; grid-template-columns: 4.2rem 1fr; gap: .25rem .9rem;
  border-top: 1px solid var(--line); padding: .7rem 0; }
.gain { font-weight: 650; color: var(--accent); font-variant-numeric: tabular-nums; }
details { border-top: 1px solid var(--line); }
details[open] { background: var(--card); }
details > div { padding: 0 .9rem .9rem 4.9rem; }
summary { cursor: pointer; display: flex; gap: .75rem; align-items: baseline;
  padding: .45rem .5rem; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary:hover { background: var(--card); }
summary:focus-visible { outline: 2px solid var(--accent); }
summary .q { flex: 1; }
.level { font-weight: 650; min-width: 3.2rem; white-space: nowrap; } .l0 { color: var(--l0); }
.l1 { color: var(--l1); } .l2 { color: var(--l2); } .l3 { color: var(--l3); }
.none { color: var(--soft); }
.id, .why, .meta { color: var(--soft); } .id { font-size: .85rem; white-space: nowrap; }
.meta { font-size: .9rem; }
code { font: .875em ui-monospace, monospace; overflow-wrap: anywhere; }
ul.ev, ol.lv { margin: .4rem 0; padding-left: 1.2rem; overflow-wrap: anywhere; }
ol.lv .now { color: var(--ink); font-weight: 600; }
svg text { fill: var(--soft); font: 12px system-ui, sans-serif; }
@media (max-width: 52rem) { .top { grid-template-columns: 1fr; } }
@media (max-width: 34rem) { .bar { grid-template-columns: 1fr; gap: .2rem; }
  details > div { padding-left: .9rem; } summary { flex-wrap: wrap; } }
@media print { details > div { display: block; } }
"""


def as_html(card: Scorecard) -> str:
    """Return the scorecard as HTML text."""
    score = card.score
    first = todo(card)
    bars = "".join(_bar(PRINCIPLES[letter], i) for letter, i in card.principles.items())
    rest = f'<p class="meta">{len(first) - 10} more below.</p>' if len(first) > 10 else ""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>FAIRness of {escape(card.source)}</title><style>{_STYLE}</style></head><body>"
        f'<h1>FAIRness</h1><div class="source">{escape(card.source)}</div>'
        f'<div class="top"><div><div class="big">{score.value:.0f} <small>of 100</small></div>'
        f'<div class="facts"><span class="maturity">{card.level}</span>'
        f'<span class="num">between {score.lower:.0f} and {score.upper:.0f}; '
        f"{card.coverage:.0%} of the weight assessed</span></div>{bars}"
        '<div class="legend">Striped: what could not be assessed, counted as nothing up to '
        f"everything.</div></div>{_radar(card)}</div>"
        f'<h2>What to do first</h2><ol class="todo">{"".join(map(_advice, first[:10]))}</ol>{rest}'
        f"<h2>Indicators</h2>{''.join(_principle(card, letter) for letter in PRINCIPLES)}"
        f'<p class="meta">fairwf {escape(card.fairwf_version)}</p></body></html>\n'
    )


def _bar(name: str, interval: Interval) -> str:
    span = interval.upper - interval.lower
    text = f"{interval.value:.0f}" if span < 100 else "not known"
    if span:
        text += f" ({interval.lower:.0f} to {interval.upper:.0f})"
    return (
        f'<div class="bar"><span>{name}</span><span class="track">'
        f'<i class="known" style="width:{interval.lower:.1f}%"></i>'
        f'<i class="open" style="left:{interval.lower:.1f}%;width:{span:.1f}%"></i></span>'
        f'<span class="num">{text}</span></div>'
    )


def _radar(card: Scorecard) -> str:
    groups = list(card.sub_principles.items())
    if len(groups) < 3:
        return ""
    middle, radius = 190, 140

    def point(index: int, share: float) -> tuple[str, str]:
        angle = 2 * math.pi * index / len(groups) - math.pi / 2
        x, y = math.cos(angle), math.sin(angle)
        return f"{middle + radius * share * x:.1f}", f"{middle + radius * share * y:.1f}"

    def outline(shares: list[float]) -> str:
        return " ".join(",".join(point(index, share)) for index, share in enumerate(shares))

    axes, labels = [], []
    for index, (name, interval) in enumerate(groups):
        x, y = point(index, 1)
        axes.append(f'<path d="M{middle} {middle}L{x} {y}" stroke="var(--line)"/>')
        x, y = point(index, 1.14)
        labels.append(
            f'<text x="{x}" y="{y}" text-anchor="middle" dominant-baseline="middle" '
            f'style="fill:var(--{name[0]})">{name}<title>{interval.value:.0f}</title></text>'
        )
    rings = "".join(
        f'<polygon points="{outline([share] * len(groups))}" fill="none" stroke="var(--line)"/>'
        for share in (1 / 3, 2 / 3, 1)
    )
    upper = outline([interval.upper / 100 for _, interval in groups])
    lower = outline([interval.lower / 100 for _, interval in groups])
    return (
        '<svg viewBox="0 0 380 380" role="img" aria-label="Radar of the principles">'
        f'{rings}{"".join(axes)}<polygon points="{upper}" fill="var(--accent)" '
        'fill-opacity=".08" stroke="var(--accent)" stroke-dasharray="3 3"/>'
        f'<polygon points="{lower}" fill="var(--accent)" fill-opacity=".25" '
        f'stroke="var(--accent)" stroke-width="2"/>{"".join(labels)}</svg>'
    )


def _advice(finding: Finding) -> str:
    following = (*finding.levels, "")[finding.outcome.level or 0]
    return (
        f'<li><span class="gain">+{finding.gain:.1f}</span><div>'
        f"<strong>{_prose(finding.fix)}</strong> "
        f'<span class="id">{finding.id}, {finding.priority}</span><br>{_level(finding)} '
        f'<span class="why">{escape(finding.outcome.reason or "")}. '
        f"Next: {escape(following)}.</span></div></li>"
    )


def _prose(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _level(finding: Finding) -> str:
    if finding.outcome.status != "assessed":
        return '<span class="level none">&ndash;</span>'
    return f'<span class="level l{finding.outcome.level}">{finding.outcome.level} of 3</span>'


def _principle(card: Scorecard, letter: str) -> str:
    findings = [f for f in card.findings if f.principle.startswith(letter)]
    interval = card.principles.get(letter)
    shown = ""
    if interval is not None and interval.upper - interval.lower < 100:
        shown = f'<span class="num">{interval.value:.0f} of 100</span>'
    return f"<h3>{PRINCIPLES[letter]} {shown}</h3>{''.join(map(_finding, findings))}"


def _finding(finding: Finding) -> str:
    outcome = finding.outcome
    why = outcome.reason or ""
    if outcome.status != "assessed":
        why = f"{outcome.status.replace('_', ' ')}: {why}"
    evidence = "".join(f"<li>{_evidence(item)}</li>" for item in outcome.evidence)
    levels = "".join(
        f"<li{' class=now' if number == outcome.level else ''}>{escape(text)}</li>"
        for number, text in enumerate(finding.levels, 1)
    )
    return (
        f'<details><summary>{_level(finding)}<span class="q">{escape(finding.question)}</span>'
        f'<span class="id">{finding.id} {finding.priority}</span></summary>'
        f"<div><p>{escape(why)}</p>"
        + (f'<ul class="ev">{evidence}</ul>' if evidence else "")
        + f'<p class="meta">Levels:</p><ol class="lv meta">{levels}</ol>'
        f'<p class="meta">To do: {_prose(finding.fix)} Compare: '
        f"{escape(', '.join(finding.crosswalk))}. Rule version {finding.rule_version}, facts from "
        f"the {_SOURCES[finding.facts_from]}.</p></div></details>"
    )


_SOURCES = {"ir": "workflow in any format", "format": "format itself", "files": "files around it"}


def _evidence(item: Evidence) -> str:
    place = item.file + (f":{item.line}" if item.line else "")
    return f"<code>{escape(place)}</code> {escape(item.value)}"

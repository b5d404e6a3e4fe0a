"""A scorecard as one self-contained HTML page: the score, a radar, the evidence of each point."""

from __future__ import annotations

import math
from html import escape

from fairwf.fair.indicator import PRINCIPLES
from fairwf.fair.outcome import Evidence
from fairwf.fair.score import Finding, Interval, Scorecard, gain

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #5b6570; --line: #d7dce1;
  --paper: #fff; --card: #f6f8fa; --accent: #1f6feb; --l0: #b42318; --l1: #b54708;
  --l2: #3f7d20; --l3: #1f7a3d; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9aa5b1; --line: #30363d;
  --paper: #0d1117; --card: #161b22; --accent: #58a6ff; --l0: #ff7b72; --l1: #e3a35c;
  --l2: #8fce6a; --l3: #56d364; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 2rem 1.25rem 4rem; background: var(--paper);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem; }
.source { color: var(--soft); overflow-wrap: anywhere; }
.top { display: flex; flex-wrap: wrap; gap: 2rem; align-items: center; margin-top: 1.5rem; }
.big { font-size: 3.25rem; font-weight: 650; line-height: 1; }
.big small { font-size: 1.1rem; color: var(--soft); font-weight: 400; }
.facts { display: grid; gap: .35rem; }
.maturity { display: inline-block; padding: .1rem .6rem; border-radius: 1rem; font-weight: 600;
  border: 2px solid var(--accent); color: var(--accent); }
.bar { display: grid; grid-template-columns: 8rem 1fr 9rem; gap: .75rem; align-items: center; }
.track { position: relative; height: .7rem; border-radius: .35rem; background: var(--line); }
.track i { position: absolute; top: 0; bottom: 0; border-radius: .35rem; }
.track .known { left: 0; background: var(--accent); }
.track .open { background: var(--accent); opacity: .3; }
.num { color: var(--soft); font-variant-numeric: tabular-nums; }
details, .todo li { background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
  padding: .6rem .9rem; margin: .5rem 0; }
summary { cursor: pointer; display: flex; gap: .75rem; align-items: baseline; }
summary .q { flex: 1; } .todo { list-style: none; padding: 0; }
.level { font-weight: 650; min-width: 3.2rem; } .l0 { color: var(--l0); } .l1 { color: var(--l1); }
.l2 { color: var(--l2); } .l3 { color: var(--l3); } .none { color: var(--soft); }
.id, .why, .meta { color: var(--soft); } code { font: .875em ui-monospace, monospace;
  overflow-wrap: anywhere; } ul.ev { margin: .4rem 0 0; padding-left: 1.2rem; }
svg text { fill: var(--soft); font: 13px system-ui, sans-serif; }
@media (max-width: 34rem) { .bar { grid-template-columns: 1fr; gap: .2rem; } }
"""


def as_html(card: Scorecard) -> str:
    """Return the scorecard as HTML text."""
    score = card.score
    todo = sorted((f for f in card.findings if gain(f) > 0), key=lambda f: (-gain(f), f.id))
    bars = "".join(_bar(PRINCIPLES[letter], i) for letter, i in card.principles.items())
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>FAIRness of {escape(card.source)}</title><style>{_STYLE}</style></head><body>"
        f'<h1>FAIRness</h1><div class="source">{escape(card.source)}</div>'
        f'<div class="top"><div class="big">{score.value:.0f} <small>of 100</small></div>'
        f'<div class="facts"><div><span class="maturity">{card.level}</span></div>'
        f'<div class="num">between {score.lower:.0f} and {score.upper:.0f}, '
        f"{card.coverage:.0%} of the weight assessed</div></div>{_radar(card)}</div>"
        f"<h2>By principle</h2>{bars}"
        f'<h2>What to do first</h2><ol class="todo">{"".join(map(_advice, todo[:8]))}</ol>'
        f"<h2>Indicators</h2>{''.join(map(_finding, card.findings))}"
        f'<p class="meta">fairwf {escape(card.fairwf_version)}</p></body></html>\n'
    )


def _bar(name: str, interval: Interval) -> str:
    span = interval.upper - interval.lower
    text = f"{interval.value:.0f}"
    if span:
        text += f" ({interval.lower:.0f} to {interval.upper:.0f})"
    return (
        f'<div class="bar"><span>{name}</span><span class="track">'
        f'<i class="known" style="width:{interval.lower:.1f}%"></i>'
        f'<i class="open" style="left:{interval.lower:.1f}%;width:{span:.1f}%"></i></span>'
        f'<span class="num">{text}</span></div>'
    )


def _radar(card: Scorecard) -> str:
    groups = list(card.principles.items())
    if len(groups) < 3:
        return ""
    middle, radius = 90, 62

    def point(index: int, share: float) -> str:
        angle = 2 * math.pi * index / len(groups) - math.pi / 2
        x = middle + radius * share * math.cos(angle)
        return f"{x:.1f},{middle + radius * share * math.sin(angle):.1f}"

    def ring(share: float) -> str:
        return " ".join(point(index, share) for index in range(len(groups)))

    value = " ".join(point(index, i.value / 100) for index, (_, i) in enumerate(groups))
    labels = "".join(
        '<text x="{}" y="{}" text-anchor="middle" dominant-baseline="middle">{}</text>'.format(
            *point(index, 1.25).split(","), letter
        )
        for index, (letter, _) in enumerate(groups)
    )
    rings = "".join(
        f'<polygon points="{ring(share)}" fill="none" stroke="var(--line)"/>'
        for share in (1 / 3, 2 / 3, 1)
    )
    return (
        '<svg width="180" height="180" viewBox="0 0 180 180" role="img" '
        f'aria-label="Radar of the principles">{rings}<polygon points="{value}" '
        f'fill="var(--accent)" fill-opacity=".25" stroke="var(--accent)"/>{labels}</svg>'
    )


def _advice(finding: Finding) -> str:
    following = (*finding.levels, "")[finding.outcome.level or 0]
    return (
        f'<li><strong>{escape(finding.fix)}</strong> <span class="id">{finding.id}, '
        f"{finding.priority}</span><br>{_level(finding)} "
        f'<span class="why">{escape(finding.outcome.reason or "")}. '
        f"Next: {escape(following)}.</span></li>"
    )


def _level(finding: Finding) -> str:
    if finding.outcome.status != "assessed":
        return '<span class="level none">&ndash;</span>'
    return f'<span class="level l{finding.outcome.level}">{finding.outcome.level} of 3</span>'


def _finding(finding: Finding) -> str:
    outcome = finding.outcome
    why = outcome.reason or ""
    if outcome.status != "assessed":
        why = f"{outcome.status.replace('_', ' ')}: {why}"
    evidence = "".join(f"<li>{_evidence(item)}</li>" for item in outcome.evidence)
    levels = "".join(f"<li>{escape(text)}</li>" for text in finding.levels)
    return (
        f'<details><summary>{_level(finding)}<span class="q">{escape(finding.question)}</span>'
        f'<span class="id">{finding.id} {finding.priority}</span></summary>'
        f"<p>{escape(why)}</p>"
        + (f'<ul class="ev">{evidence}</ul>' if evidence else "")
        + f'<p class="meta">Levels:</p><ol class="meta">{levels}</ol><p class="meta">Compare: '
        f"{escape(', '.join(finding.crosswalk))}. Rule version {finding.rule_version}.</p>"
        "</details>"
    )


def _evidence(item: Evidence) -> str:
    place = item.file + (f":{item.line}" if item.line else "")
    return f"<code>{escape(place)}</code> {escape(item.value)}"

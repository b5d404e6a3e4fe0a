"""Positions of steps for the editor: columns by what waits for what, rows within a column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

COLUMN = 300
ROW = 30
"""Pixels: the editor's boxes are some 200 wide, and 30 high for each port below their title."""
_GAP = 60


def place(steps: Mapping[str, dict[str, Any]]) -> None:
    """Give each step that has none a position: sources left of what uses them, none on another.

    Rows follow the middle of what a step is connected to, so that few connections cross.
    """
    missing = [key for key, step in steps.items() if not isinstance(step.get("position"), dict)]
    if not missing:
        return
    sources = {key: _sources(step) for key, step in steps.items()}
    columns = _columns(sources)
    bottom = _bottom(steps)
    tops: dict[int, float] = {}
    middle: dict[str, float] = {}
    order = sorted(missing, key=lambda key: (columns[key], int(key)))
    by_column: dict[int, list[str]] = {}
    for key in order:
        by_column.setdefault(columns[key], []).append(key)
    for column, keys in sorted(by_column.items()):
        for key in sorted(keys, key=lambda key: (_wish(sources[key], middle), int(key))):
            top = max(tops.get(column, bottom), 0)
            height = _height(steps[key])
            tops[column] = top + height + _GAP
            middle[key] = top + height / 2
            steps[key]["position"] = {"left": column * COLUMN, "top": int(top)}


def _sources(step: Mapping[str, Any]) -> list[str]:
    found = []
    for value in step.get("input_connections", {}).values():
        for one in value if isinstance(value, list) else [value]:
            found.append(str(one["id"]))
    return found


def _columns(sources: Mapping[str, Sequence[str]]) -> dict[str, int]:
    columns = dict.fromkeys(sources, 0)
    users: dict[str, list[str]] = {}
    open_ = {}
    for key, before in sources.items():
        known = {one for one in before if one in columns and one != key}
        open_[key] = len(known)
        for one in known:
            users.setdefault(one, []).append(key)
    ready = [key for key, count in open_.items() if count == 0]
    for key in ready:  # grows while it is walked
        for user in users.get(key, ()):
            columns[user] = max(columns[user], columns[key] + 1)
            open_[user] -= 1
            if open_[user] == 0:
                ready.append(user)
    return columns


def _wish(sources: Sequence[str], middle: Mapping[str, float]) -> float:
    known = [middle[one] for one in sources if one in middle]
    return sum(known) / len(known) if known else 0.0


def _height(step: Mapping[str, Any]) -> int:
    ports = len(step.get("input_connections", {})) + len(step.get("outputs") or [])
    return ROW * (2 + max(ports, 1))


def _bottom(steps: Mapping[str, dict[str, Any]]) -> float:
    tops = []
    for step in steps.values():
        place_ = step.get("position")
        top = place_.get("top") if isinstance(place_, dict) else None
        if isinstance(top, (int, float)):
            tops.append(top + _height(step) + _GAP)
    return max(tops, default=0)

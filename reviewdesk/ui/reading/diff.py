"""Word differences between two versions of a text, with a bound on the work: hostile texts cost no freeze."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Change", "Part", "differences"]

_TOKEN = re.compile(
    "[\u2e80-\u9fff\uf900-\ufaff\u0e00-\u0eff]"  # scripts without blanks: character by character
    r"|[^\W_]+|\s+|."
)
LONGEST = 20_000
"""Characters of either text that are compared."""
MOST_EDITS = 200
"""Inserted plus deleted words; two texts further apart are shown as one replaced by the other."""


class Change(StrEnum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Part:
    change: Change
    text: str


def differences(old: str, new: str) -> list[Part]:
    """What made ``new`` of ``old``, in reading order; a removed part stands before what replaced it.

    The parts that are SAME or ADDED give ``new`` when joined, those SAME or REMOVED give ``old``
    (both as far as ``LONGEST``).
    """
    a, b = _TOKEN.findall(old[:LONGEST]), _TOKEN.findall(new[:LONGEST])
    head = 0
    while head < len(a) and head < len(b) and a[head] == b[head]:
        head += 1
    tail = 0
    while tail < len(a) - head and tail < len(b) - head and a[-1 - tail] == b[-1 - tail]:
        tail += 1
    middle = _edits(a[head : len(a) - tail], b[head : len(b) - tail])
    same = Change.SAME
    return _merged([*((same, t) for t in a[:head]), *middle, *((same, t) for t in a[len(a) - tail :])])


def _edits(a: list[str], b: list[str]) -> list[tuple[Change, str]]:
    """The shortest list of word edits (Myers 1986), or everything replaced when it is longer than MOST_EDITS."""
    if not a or not b:
        return [*((Change.REMOVED, t) for t in a), *((Change.ADDED, t) for t in b)]
    reach = {1: 0}
    trace: list[dict[int, int]] = []
    for steps in range(min(MOST_EDITS, len(a) + len(b)) + 1):
        trace.append(dict(reach))
        for k in range(-steps, steps + 1, 2):
            down = k == -steps or (k != steps and reach[k - 1] < reach[k + 1])
            x = reach[k + 1] if down else reach[k - 1] + 1
            y = x - k
            while x < len(a) and y < len(b) and a[x] == b[y]:
                x, y = x + 1, y + 1
            reach[k] = x
            if x >= len(a) and y >= len(b):
                return _walk_back(a, b, trace)
    return [*((Change.REMOVED, t) for t in a), *((Change.ADDED, t) for t in b)]


def _walk_back(a: list[str], b: list[str], trace: list[dict[int, int]]) -> list[tuple[Change, str]]:
    edits: list[tuple[Change, str]] = []
    x, y = len(a), len(b)
    for steps in range(len(trace) - 1, -1, -1):
        reach = trace[steps]
        k = x - y
        down = k == -steps or (k != steps and reach[k - 1] < reach[k + 1])
        from_k = k + 1 if down else k - 1
        from_x = reach[from_k]
        from_y = from_x - from_k
        while x > from_x and y > from_y and x > 0 and y > 0:
            x, y = x - 1, y - 1
            edits.append((Change.SAME, a[x]))
        if steps:
            if down:
                edits.append((Change.ADDED, b[from_y]))
            else:
                edits.append((Change.REMOVED, a[from_x]))
        x, y = from_x, from_y
    edits.reverse()
    return edits


def _merged(edits: list[tuple[Change, str]]) -> list[Part]:
    """Neighbours joined, and blanks between two changes taken into them: whole phrases read better than confetti."""
    parts: list[Part] = []
    removed: list[str] = []
    added: list[str] = []
    blank = ""

    def settle() -> None:
        nonlocal blank
        if removed:
            parts.append(Part(Change.REMOVED, "".join(removed)))
        if added:
            parts.append(Part(Change.ADDED, "".join(added)))
        removed.clear()
        added.clear()
        if blank:
            _append(parts, blank)
            blank = ""

    for change, token in edits:
        if change is Change.SAME:
            if (removed or added) and not blank and token.isspace():
                blank = token
                continue
            settle()
            _append(parts, token)
            continue
        if blank:
            removed.append(blank)
            added.append(blank)
            blank = ""
        (removed if change is Change.REMOVED else added).append(token)
    settle()
    return parts


def _append(parts: list[Part], text: str) -> None:
    if parts and parts[-1].change is Change.SAME:
        parts[-1] = Part(Change.SAME, parts[-1].text + text)
    else:
        parts.append(Part(Change.SAME, text))

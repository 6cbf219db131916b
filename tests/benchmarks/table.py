"""One line per figure: the floor of the same run, their ratio, the goal where there is one and whether it is met."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Line", "judged", "number", "percentile", "printed", "share_name"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """``goal`` is read by ``judged``; ``met`` says it where words do not; ``row`` is the line's row in ``goals``."""

    name: str
    task: str
    figure: float | None
    unit: str
    floor: float | None = None
    goal: str = ""
    note: str = ""
    met: bool | None = None
    row: int = 0

    @property
    def ratio(self) -> float | None:
        return self.figure / self.floor if self.figure is not None and self.floor else None


_GOAL = re.compile(r"(<=|>=|\+)?\s*([\d.,]*\d)\s*(.*)")
_AS_SECONDS = {"s": 1.0, "ms": 0.001}


def judged(line: Line) -> bool | None:
    """Whether the goal is met; None where there is none, or a part of it can't be told from the figures.

    Parts are separated by a comma and a blank: ``20 ms`` (at most), ``>= 25,000 rows/s``, ``<= 2x`` (of the floor),
    ``+250 ms`` (above the floor).
    """
    if line.met is not None:
        return line.met
    if line.figure is None or not line.goal:
        return None
    answers = [_part(line, part) for part in line.goal.split(", ")]
    if False in answers:
        return False
    return None if None in answers else True


def _part(line: Line, part: str) -> bool | None:
    found = _GOAL.fullmatch(part.strip())
    if found is None or line.figure is None:
        return None
    sign, wanted, unit = found[1] or "<=", float(found[2].replace(",", "")), found[3].strip()
    value: float | None = line.figure
    if unit == "x":
        value = line.ratio
    elif sign == "+":
        value = line.figure - line.floor if line.floor is not None else None
    elif unit != line.unit:
        if unit not in _AS_SECONDS or line.unit not in _AS_SECONDS:
            return None
        value = line.figure * _AS_SECONDS[line.unit] / _AS_SECONDS[unit]
    if value is None:
        return None
    return value >= wanted if sign == ">=" else value <= wanted


def percentile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` of all values do not exceed (nearest rank); 0 for none."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def share_name(share: float) -> str:
    return "longest" if share == 1.0 else f"p{share * 100:.0f}"


def number(value: float | None) -> str:
    if value is None:
        return "-"
    if abs(value) >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def printed(lines: Iterable[Line]) -> str:
    """The table as text."""
    head = ("task", "figure", "unit", "floor", "ratio", "goal", "met", "")
    rows = [
        (
            line.task,
            number(line.figure),
            line.unit,
            number(line.floor),
            "-" if line.ratio is None else f"{line.ratio:.2f}x",
            line.goal,
            {True: "yes", False: "NO", None: ""}[judged(line)],
            line.note,
        )
        for line in lines
    ]
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    right = {1, 3, 4}
    out = []
    for row in (head, tuple("-" * width for width in widths), *rows):
        cells = [
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        out.append("  ".join(cells).rstrip())
    return "\n".join(out)

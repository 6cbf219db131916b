"""One line per task: the figure, the floor of the same run, their ratio, and the goal where there is one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Line", "percentile", "printed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    name: str
    task: str
    figure: float | None
    unit: str
    floor: float | None = None
    goal: str = ""
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return self.figure / self.floor if self.figure and self.floor else None


def percentile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` of all values do not exceed (nearest rank); 0 for none."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    if value >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def printed(lines: Iterable[Line]) -> str:
    """The table as text."""
    head = ("task", "figure", "unit", "floor", "ratio", "goal", "")
    rows = [
        (
            line.task,
            _number(line.figure),
            line.unit,
            _number(line.floor),
            "-" if line.ratio is None else f"{line.ratio:.2f}x",
            line.goal,
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

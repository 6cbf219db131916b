"""Heights and widths, all from the formulas of DESIGN.md 4: text lines grow with the scale, constants stay."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QFont

from reviewdesk.ui.theme import fonts
from reviewdesk.ui.theme.core import theme

__all__ = [
    "badge_height",
    "body_line",
    "breakpoint_px",
    "control_height",
    "field_height",
    "group_height",
    "header_height",
    "icon_size",
    "list_line",
    "mark_line",
    "note_height",
    "pane_head_height",
    "row_height",
    "side_entry_height",
    "small_height",
    "status_height",
    "table_head_height",
    "table_row_height",
    "title_line",
    "toast_height",
]

DENSITIES = ("comfortable", "normal", "compact")


_lines: dict[str, int] = {}
_lines_of = -1


def _line(name: str, px: float, font: Callable[[], QFont]) -> int:
    """A line height, measured once per theme: painting asks for it thousands of times."""
    global _lines_of
    look = theme()
    if _lines_of != look.generation:
        _lines.clear()
        _lines_of = look.generation
    known = _lines.get(name)
    if known is None:
        known = _lines[name] = max(round(px * look.scale), fonts.metrics_of(font()).height())
    return known


def list_line() -> int:
    """Height of a line of list text, 18 at 100 %."""
    return _line("list", 18, fonts.list_font)


def body_line() -> int:
    """24 at 100 %, and at 100 % of review text."""
    return _line("body", 24 * theme().body_scale, fonts.body_font)


def title_line() -> int:
    """26 at 100 %."""
    return _line("title", 26, fonts.title_font)


def mark_line() -> int:
    """14 at 100 %."""
    return _line("mark", 14, fonts.mark_font)


def row_height(density: str) -> int:
    """Height of a list row with its divider: 84, 60, 30 at 100 %. Raises ValueError for an unknown density."""
    if density == "comfortable":
        return 3 * list_line() + 30
    if density == "normal":
        return 2 * list_line() + 24
    if density == "compact":
        return list_line() + 12
    raise ValueError(f"no such density: {density}")


def header_height() -> int:
    return list_line() + 30


def pane_head_height() -> int:
    return list_line() + 26


def group_height() -> int:
    return list_line() + 10


def status_height() -> int:
    return list_line() + 10


def side_entry_height() -> int:
    return list_line() + 10


def control_height() -> int:
    """Buttons and tool buttons, 30 at 100 %."""
    return list_line() + 12


def small_height() -> int:
    """Buttons in bars, 26 at 100 %."""
    return list_line() + 8


def field_height() -> int:
    """Inputs and the search box, 32 at 100 %."""
    return list_line() + 14


def badge_height() -> int:
    return list_line() + 2


def note_height() -> int:
    """Safety line and pre-send note, 38 at 100 %."""
    return list_line() + 20


def bar_height() -> int:
    """An inline bar, 40 at 100 %."""
    return list_line() + 22


def toast_height(lines: int = 1) -> int:
    """44 with one line, 50 with two, at 100 %."""
    return list_line() + 26 if lines == 1 else 2 * list_line() + 14


def table_head_height() -> int:
    return list_line() + 12


def table_row_height() -> int:
    return list_line() + 16


def icon_size(px: int = 16) -> int:
    """An icon's edge, which grows with the text."""
    return round(px * theme().scale)


def breakpoint_px(px: int) -> int:
    """A width of DESIGN.md 6 at which the window changes its shape. It is compared with the width divided by t."""
    return round(px * theme().scale)

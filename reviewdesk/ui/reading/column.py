"""Where the text column lies: review and composer share its edges (DESIGN.md 3)."""

from __future__ import annotations

from reviewdesk.ui.theme import theme

__all__ = ["COLUMN", "MARGIN", "column_of"]

COLUMN = 680
MARGIN = 20


def column_of(width: int) -> tuple[int, int]:
    """(left edge, width) of the text column in a pane of this width; the composer shares its edges."""
    wide = max(120, min(round(COLUMN * theme().scale), width - 2 * MARGIN))
    return max(0, (width - wide) // 2), wide

"""The reading pane, loaded when it is asked for: its modules come one by one while the window is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewdesk.ui.reading.column import column_of

if TYPE_CHECKING:
    from reviewdesk.ui.reading.pane import ReadingPane

__all__ = ["ReadingPane", "column_of"]


def __getattr__(name: str) -> object:
    if name == "ReadingPane":
        from reviewdesk.ui.reading.pane import ReadingPane

        return ReadingPane
    raise AttributeError(name)

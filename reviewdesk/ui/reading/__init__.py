"""The reading pane."""

from __future__ import annotations

from reviewdesk.ui.reading.column import column_of
from reviewdesk.ui.reading.pane import ReadingPane

__all__ = ["ReadingPane", "column_of"]

"""A review on paper, as a PDF with text that can be selected, or as Markdown on the clipboard."""

from __future__ import annotations

from reviewdesk.ui.printing.room import add_to

__all__ = ["add_to"]

"""Replies of one's own to similar reviews, to begin from."""

from __future__ import annotations

from reviewdesk.ui.suggestions.room import add_to

__all__ = ["add_to"]

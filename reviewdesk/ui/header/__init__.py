"""The line on top: menus, search, sync."""

from __future__ import annotations

from reviewdesk.ui.header.header import Header
from reviewdesk.ui.header.search import SearchBox

__all__ = ["Header", "SearchBox"]

"""The left pane: work states, accounts, and where the outbox stands."""

from __future__ import annotations

from reviewdesk.ui.sidebar.entries import Entry
from reviewdesk.ui.sidebar.sidebar import Sidebar

__all__ = ["Entry", "Sidebar"]

"""Data care in the window: exports, a person's data, retention, storage, backups, diagnostics, the journal."""

from __future__ import annotations

from reviewdesk.ui.data.room import add_to

__all__ = ["add_to"]

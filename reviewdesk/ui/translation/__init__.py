"""Translation on demand: the text in place, the original one key away, and who translated it always in sight."""

from __future__ import annotations

from reviewdesk.ui.translation.room import add_to

__all__ = ["add_to"]

"""One line to type into and a list under it: command palette, cheat sheet, tags, owners, snooze, names, activity."""

from __future__ import annotations

from reviewdesk.ui.picker.choices import Choice, ranked
from reviewdesk.ui.picker.picker import Picker

__all__ = ["Choice", "Picker", "ranked"]

"""The settings window: searchable, never modal, every change at once."""

from __future__ import annotations

from reviewdesk.ui.settings.catalogue import Item, catalogue
from reviewdesk.ui.settings.window import SettingsWindow

__all__ = ["Item", "SettingsWindow", "catalogue"]

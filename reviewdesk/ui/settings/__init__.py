"""The settings window: searchable, never modal, every change at once."""

from __future__ import annotations

from reviewdesk.ui.settings.catalogue import add_own_settings
from reviewdesk.ui.settings.items import Item, Make
from reviewdesk.ui.settings.sections import Sections
from reviewdesk.ui.settings.window import SettingsWindow

__all__ = ["Item", "Make", "Sections", "SettingsWindow", "add_own_settings"]

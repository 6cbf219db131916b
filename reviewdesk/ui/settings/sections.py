"""Which sections the settings have, and who brings what to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from reviewdesk.ui.settings.items import History, Item, Make

if TYPE_CHECKING:
    from reviewdesk.services.settings import SettingsService as Settings

__all__ = ["Section", "Sections"]

translate = QCoreApplication.translate
Items = Callable[[Make], Sequence[Item]]
Build = Callable[[QWidget], QWidget]


@dataclass(slots=True)
class Section:
    """One page. ``builds`` make widgets that stand below its rows; a section with nothing on it is not shown."""

    key: str
    title: str
    icon: str
    place: int
    items: list[Items] = field(default_factory=list)
    builds: list[Build] = field(default_factory=list)


class Sections:
    """The settings of one window: what is there from the start, and what rooms add."""

    def __init__(self, settings: Settings) -> None:
        self.history = History()
        self._make = Make(settings, self.history)
        self._made: dict[str, list[Item]] = {}
        known = (
            ("general", translate("settings", "General"), "house"),
            ("accounts", translate("settings", "Accounts"), "storefront"),
            ("reading", translate("settings", "Reading"), "book-open"),
            ("writing", translate("settings", "Writing"), "pencil-simple"),
            ("shortcuts", translate("settings", "Shortcuts"), "keyboard"),
            ("notifications", translate("settings", "Notifications"), "bell-simple"),
            ("appearance", translate("settings", "Appearance"), "palette"),
            ("data", translate("settings", "Data and privacy"), "database"),
            ("network", translate("settings", "Network"), "globe"),
            ("about", translate("settings", "About"), "info"),
        )
        self._all = {
            key: Section(key, title, icon, place * 10) for place, (key, title, icon) in enumerate(known, 1)
        }

    def add(
        self,
        key: str,
        *,
        items: Items | None = None,
        build: Build | None = None,
        title: str = "",
        icon: str = "",
        place: int = 95,
    ) -> None:
        """Add rows or a widget to a section. Raises ValueError for an unknown section without a title."""
        if key not in self._all:
            if not title:
                raise ValueError(f"there is no section {key} yet: it needs a title and an icon")
            self._all[key] = Section(key, title, icon, place)
        if items is not None:
            self._all[key].items.append(items)
        if build is not None:
            self._all[key].builds.append(build)
        self._made.pop(key, None)

    def shown(self) -> list[Section]:
        """Those with something on them, in order."""
        return sorted((s for s in self._all.values() if s.items or s.builds), key=lambda s: s.place)

    def section(self, key: str) -> Section:
        return self._all[key]

    def items(self, key: str) -> list[Item]:
        """The rows of a section, made when first asked for."""
        if key not in self._made:
            self._made[key] = [item for make in self._all[key].items for item in make(self._make)]
        return self._made[key]

    def every_item(self) -> list[Item]:
        """All rows in the order of the pages."""
        return [item for section in self.shown() for item in self.items(section.key)]

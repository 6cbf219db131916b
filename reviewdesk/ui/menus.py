"""The menus as a plan: who adds which actions where, until the bar is filled."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtWidgets import QMenu, QWidget

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["MENUS", "Menus"]

translate = QCoreApplication.translate
MENUS = (
    "file",
    "edit",
    "view",
    "review",
    "accounts",
    "tools",
    "help",
    "go",
    "colours",
    "rows",
    "layout",
    "context",
)
"""All menus: those of the bar, those inside View, and that of a row."""


class Menus(QObject):
    """The menus of one window. What is added before ``fill`` stands in the order in which it came."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._names: dict[str, list[str]] = {name: [] for name in MENUS}
        self._before: dict[str, Callable[[], object]] = {}
        self._bar: dict[str, QMenu] = {}

    def add(self, menu: str, names: Iterable[str]) -> None:
        """Actions by id (an empty one is a line), as a group of their own. Raises KeyError for an unknown menu."""
        there = self._names[menu]
        if there and menu != "go":
            there.append("")
        there.extend(names)

    def before(self, menu: str, callback: Callable[[], object]) -> None:
        """Call this before a menu is shown."""
        self._before[menu] = callback

    def add_titles(self) -> None:
        """Make the bar, with nothing in its menus yet. Once."""
        for name, title in (
            ("file", translate("menus", "File")),
            ("edit", translate("menus", "Edit")),
            ("view", translate("menus", "View")),
            ("review", translate("menus", "Review")),
            ("accounts", translate("menus", "Accounts")),
            ("tools", translate("menus", "Tools")),
            ("help", translate("menus", "Help")),
        ):
            menu = self._window.header.add_menu(title)
            # Opened before it was filled: it is filled first.
            menu.aboutToShow.connect(self._window.making.complete)
            self._bar[name] = menu

    def fill(self) -> None:
        """Fill the menus of the bar. Once."""
        for name, menu in self._bar.items():
            if name == "view":
                self._fill(menu, "go")
                menu.addSeparator()
                for part, words in (
                    ("colours", translate("menus", "Colours")),
                    ("rows", translate("menus", "Rows")),
                    ("layout", translate("menus", "Layout")),
                ):
                    self._fill(menu.addMenu(words), part)
            self._fill(menu, name)

    def context(self, parent: QWidget) -> QMenu:
        """The menu of the reviews an action is about; goes when it is closed."""
        menu = QMenu(parent)
        self._fill(menu, "context")
        return menu

    def _fill(self, menu: QMenu, name: str) -> None:
        self._window.actions_.menu(menu, self._names[name])
        if name in self._before:
            menu.aboutToShow.connect(self._before[name])

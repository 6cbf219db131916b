"""The header: menu bar, search centred in the rest, sync; folds its menus when the window is narrow."""

from __future__ import annotations

import sys
from collections.abc import Callable

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QMenuBar, QSizePolicy, QWidget

from reviewdesk.ui.actions import native
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.header.search import SearchBox
from reviewdesk.ui.theme import metrics, theme
from reviewdesk.ui.widgets import PushButton, ToolButton, plain_tip

__all__ = ["Header"]

FOLD_MENUS_UNDER = 1180
NARROW_UNDER = 900


class Header(QWidget):
    """``sync_pressed`` and ``back_pressed`` are its buttons; menus are added with ``add_menu``."""

    sync_pressed = Signal()
    back_pressed = Signal()
    commands_pressed = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("header")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.menu_bar = QMenuBar(self)
        self.menu_bar.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
        self.menu_bar.setAccessibleName(self.tr("Menu"))
        self._native = sys.platform == "darwin"
        self.menu_bar.setNativeMenuBar(self._native)
        self._menus: list[QMenu] = []
        self._fold = ToolButton("list", self.tr("Menu"), self)
        self._fold.clicked.connect(self._on_fold)
        self._back = ToolButton("caret-left", self.tr("Back"), self, text=self.tr("Back"))
        self._back.clicked.connect(self.back_pressed)
        self._back.hide()
        self.search = SearchBox(bridge, self)
        self.sync = ToolButton("arrows-clockwise", self.tr("Sync now"), self, cap="F5")
        self.sync.clicked.connect(self.sync_pressed)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(8, 0, 12, 1)
        self._row.setSpacing(8)
        self._row.addWidget(self.menu_bar)
        self._row.addWidget(self._fold)
        self._row.addWidget(self._back)
        self._row.addStretch(1)
        self._row.addWidget(self.search)
        self._row.addStretch(1)
        self._row.addWidget(self.sync)
        self.commands = PushButton(self.tr("Commands"), self, icon="command", cap=native("Ctrl+K"))
        self.commands.clicked.connect(self.commands_pressed)
        self._row.addWidget(self.commands)
        self._extra: list[PushButton] = []
        theme().changed.connect(self._fit)
        self._fit()

    def add_button(
        self, text: str, icon: str, pressed: Callable[[], object], *, cap: str = "", tip: str = ""
    ) -> PushButton:
        """A button before Commands, as Invite is; in a narrow window it loses its words."""
        button = PushButton(text, self, icon=icon, cap=cap)
        if tip:
            button.setToolTip(plain_tip(tip))
        button.clicked.connect(pressed)
        self._row.insertWidget(self._row.indexOf(self.commands), button)
        self._extra.append(button)
        self._fit()
        return button

    def add_menu(self, title: str) -> QMenu:
        """A menu of the bar; the same menus are under one button when the window is narrow."""
        menu = self.menu_bar.addMenu(title)
        self._menus.append(menu)
        return menu

    def menus(self) -> tuple[QMenu, ...]:
        return tuple(self._menus)

    def set_back(self, title: str | None) -> None:
        """Show Back with the name of what lies behind it (one-pane window), or hide it with None."""
        self._back.setVisible(title is not None)
        self.search.setVisible(title is None)
        if title is not None:
            self._back.setText(title)
            self._back.setAccessibleName(self.tr("Back to {view}").format(view=title))
            self._back.updateGeometry()

    def folded(self) -> bool:
        return not self._fold.isHidden()

    def _fit(self) -> None:
        self.setFixedHeight(metrics.header_height())
        narrow = self.width() < metrics.breakpoint_px(NARROW_UNDER)
        fold = not self._native and self.width() < metrics.breakpoint_px(FOLD_MENUS_UNDER)
        self._fold.setVisible(fold)
        self.menu_bar.setVisible(not fold and not self._native)
        if not fold and not self._native:
            # Qt's own hint is too small from right to left, and hides menus behind an arrow.
            self.menu_bar.setMinimumWidth(self._bar_width())
        self.search.set_compact(narrow)
        for button in (*self._extra, self.commands):
            button.set_words(not narrow)
        # Wide: 560 in the middle of the rest. Narrow: all there is.
        stretch = 0 if narrow else 1
        for i in range(self._row.count()):
            item = self._row.itemAt(i)
            if item is not None and item.spacerItem() is not None:
                self._row.setStretch(i, stretch)
        self._row.setStretchFactor(self.search, 1 if narrow else 0)
        self.search.setMaximumWidth(16777215 if narrow else metrics.icon_size(560))

    def _bar_width(self) -> int:
        measure = self.menu_bar.fontMetrics()
        return sum(measure.horizontalAdvance(menu.title()) + 18 for menu in self._menus) + 8

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _on_fold(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for part in self._menus:
            menu.addMenu(part)
        menu.popup(self._fold.mapToGlobal(QPoint(0, self._fold.height() + 4)))

    def minimumSizeHint(self) -> QSize:
        return QSize(metrics.icon_size(300), metrics.header_height())

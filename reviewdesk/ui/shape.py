"""The window's shape: how many panes there is room for, who gets which width, and what F6 goes through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QSplitter, QWidget

from reviewdesk.ui.sidebar.sidebar import RAIL_WIDTH, WIDTH
from reviewdesk.ui.theme import metrics, theme

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["Shape", "splitter"]

RAIL_UNDER, ONE_PANE_UNDER = 900, 640


def splitter(parent: QWidget, *parts: QWidget) -> QSplitter:
    """Panes beside each other with a line between them."""
    made = QSplitter(Qt.Orientation.Horizontal, parent)
    made.setHandleWidth(1)
    made.setChildrenCollapsible(False)
    for part in parts:
        made.addWidget(part)
    return made


class Shape(QObject):
    """Arranges the panes of one window. ``changed``: somebody moved a splitter."""

    changed = Signal()

    def __init__(self, window: MainWindow, layout: str) -> None:
        super().__init__(window)
        self._window = window
        self._mode = ""
        self._layout = layout
        self.reading_alone = False
        """Where only one pane fits: whether it is the reading pane."""
        for split in (window.inner, window.outer):
            split.splitterMoved.connect(self._on_splitter)

    def set_layout(self, layout: str) -> None:
        """``three-panes``, ``list-above`` (the list over the reading pane) or ``list-only``; live."""
        inner = self._window.inner
        self._layout = layout
        above = layout == "list-above"
        inner.setOrientation(Qt.Orientation.Vertical if above else Qt.Orientation.Horizontal)
        self.reading_alone = False
        if above:
            high = max(2, inner.height())
            inner.setSizes([high * 2 // 5, high * 3 // 5])
        self.fit()

    def show_reading(self, alone: bool) -> None:
        """Where only one pane fits: the reading pane (true) or the list."""
        self.reading_alone = alone
        self.fit()

    def fit(self) -> None:
        """How many panes there is room for; the breakpoints grow with the text."""
        window = self._window
        width = window.width()
        if width < metrics.breakpoint_px(ONE_PANE_UNDER):
            mode = "one"
        elif width < metrics.breakpoint_px(RAIL_UNDER):
            mode = "rail"
        else:
            mode = "wide"
        rail = mode != "wide"
        t = theme().scale
        sidebar = window.sidebar
        if rail != sidebar.is_rail() or sidebar.maximumWidth() > 10_000 or mode != self._mode:
            sidebar.set_rail(rail)
            if rail:
                sidebar.setFixedWidth(round(RAIL_WIDTH * max(1.0, t * 0.75)))
            else:
                sidebar.setMinimumWidth(round(180 * t))
                sidebar.setMaximumWidth(round(320 * t))
        alone = mode == "one" or self._layout == "list-only"
        reading = alone and self.reading_alone
        window.inbox.setVisible(not alone or not reading)
        window.right.setVisible(not alone or reading)
        sidebar.setVisible(mode != "one" or not reading)
        # Low enough that the window can always be made narrow enough for the next shape.
        window.inbox.setMinimumWidth(round(240 * t))
        window.right.setMinimumWidth(round(280 * t))
        entry = window.entry()
        window.header.set_back(entry.label if reading and entry is not None else None)
        if mode != self._mode:
            changed = bool(self._mode)
            self._mode = mode
            if changed:
                self.set_side()
        self.balance()
        window.telling.place_toast()

    def _clamped(self, wanted: int, room: int) -> int:
        """A width of the list: 320 px to 60 %, with 420 px left to the reading pane, as far as there is room for both."""
        t = theme().scale
        most = max(round(room * 0.45), min(round(room * 0.6), room - round(420 * t)))
        return min(max(wanted, min(round(320 * t), most)), most)

    def balance(self) -> None:
        """Give the list the width a person gave it (or 420), and the rest to the reading pane."""
        inner, state = self._window.inner, self._window.state
        sizes = inner.sizes()
        upright = inner.orientation() == Qt.Orientation.Vertical
        if self._mode == "one" or upright or not inner.isVisible() or min(sizes) <= 0:
            return
        room = sum(sizes)
        kept = state.inner[0] if state.inner else round(420 * theme().scale) - 1
        wanted = self._clamped(kept, room)
        if wanted != sizes[0]:
            inner.setSizes([wanted, room - wanted])

    def set_side(self) -> None:
        """Give the sidebar its width: the one a person gave it, or the usual one."""
        window = self._window
        kept = window.state.outer
        side = kept[0] if self._mode == "wide" and kept else round(WIDTH * theme().scale) - 1
        if window.sidebar.is_rail():
            side = window.sidebar.width()
        window.outer.setSizes([side, max(1, window.width() - side - 1)])

    def _on_splitter(self, _at: int, _index: int) -> None:
        window = self._window
        if self._mode == "wide":
            window.state.outer = window.outer.sizes()
        upright = window.inner.orientation() == Qt.Orientation.Vertical
        if self.sender() is window.inner and self._mode != "one" and not upright:
            sizes = window.inner.sizes()
            window.state.inner = [self._clamped(sizes[0], sum(sizes)), 0]
        self.balance()
        self.changed.emit()

    # --- panes -----------------------------------------------------------------------------------

    def panes(self) -> list[QWidget]:
        """What F6 goes through, as far as it is on the screen."""
        window = self._window
        here = window.pages.currentWidget()
        page = window.navigation.shown_page()
        if page is not None:
            rest = list(page.panes())
        elif here is window.outbox:
            rest = [window.outbox.list]
        else:
            rest = [window.inbox, window.reading, window.composer]
        return [pane for pane in (window.sidebar.view, *rest) if pane.isVisible()]

    def cycle(self, delta: int) -> None:
        """To the next or previous pane."""
        panes = self.panes()
        if not panes:
            return
        focus = QApplication.focusWidget()
        here = next((i for i, p in enumerate(panes) if focus is p or (focus and p.isAncestorOf(focus))), -1)
        panes[(here + delta) % len(panes) if here >= 0 else 0].setFocus(Qt.FocusReason.ShortcutFocusReason)

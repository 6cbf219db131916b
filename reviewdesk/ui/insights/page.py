"""The insights page: four figures, and below them what waits, how scores went, who gives them, and what replies did."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QActionGroup, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QFrame,
    QGridLayout,
    QMenu,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from reviewdesk.domain.models import ChangeSet
from reviewdesk.services.insights import Cut, Insights, Period
from reviewdesk.ui.insights import words
from reviewdesk.ui.insights.panels import Found, Panels
from reviewdesk.ui.page import Page
from reviewdesk.ui.theme import theme
from reviewdesk.ui.widgets import EmptyState, PaneHead, PushButton, ToolButton

if TYPE_CHECKING:
    from reviewdesk.ui.bridge import Bridge
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["InsightsPage"]

PERIOD_KEY, CUT_KEY = "insights.period", "insights.cut"
_MARGIN = 40
"""So much is seen above and below of where the keyboard is."""
REST_MS, AGING_MS, DIM_MS = 1_500, 60_000, 150
"""After a change: how long it has to rest. Ages grow by themselves. What takes longer than the third is dimmed."""
_Choice = TypeVar("_Choice", bound=StrEnum)
SHARE = 10
"""Computing takes at most a tenth of the time, however many reviews there are."""


class InsightsPage(Page):
    """``reviews_wanted`` carries the search behind a figure, for the inbox."""

    reviews_wanted = Signal(str)

    def __init__(self, bridge: Bridge, window: MainWindow) -> None:
        super().__init__(window)
        self.search_words = self.tr("Figures of which reviews")
        self._bridge = bridge
        self._window = window
        settings = bridge.core.settings
        self._period = _one_of(Period, settings.text(PERIOD_KEY), Period.QUARTER)
        self._cut = _one_of(Cut, settings.text(CUT_KEY), Cut.ACCOUNT)
        self._text = ""
        self._left_with: str | None = None
        self._found: Found | None = None
        self._running = False
        self._again = False
        self._stale = False
        self._build()
        self._dim_soon = self._timer(DIM_MS, partial(self.panels.set_dim, True))
        # A sync changes many reviews many times: the figures follow when it has come to rest.
        self._soon = self._timer(REST_MS, self.refresh)
        self._aging = self._timer(AGING_MS, self.refresh)
        bridge.changes.connect(self._on_changes)
        theme().changed.connect(self._arrange)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._on_focus)
        self.refresh()

    def _timer(self, after_ms: int, act: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(after_ms)
        timer.timeout.connect(act)
        return timer

    # --- putting it together -------------------------------------------------------------------------------

    def _build(self) -> None:
        self._head = PaneHead(self.tr("Insights"), self)
        self._periods: dict[Period, PushButton] = {}
        group = QButtonGroup(self)
        for period in Period:
            chosen = period is self._period
            button = PushButton(
                words.period_title(period), self._head, kind="plain" if chosen else "ghost", small=True
            )
            button.setCheckable(True)
            button.setChecked(chosen)
            button.toggled.connect(partial(_mark, button))
            button.setAccessibleName(self.tr("Period: {period}").format(period=words.period_title(period)))
            button.clicked.connect(partial(self.set_period, period))
            group.addButton(button)
            self._periods[period] = button
        self._head.add(*self._periods.values())
        self.panels = Panels(self)
        self.panels.opened.connect(self._leave)
        self.cut_button = ToolButton("", self.tr("By what"), self.panels.sources, text=" ", small=True)
        self.cut_button.set_caret(True)
        self.cut_button.clicked.connect(self._on_cut_button)
        self.panels.sources.add_to_head(self.cut_button)
        inside = QWidget(self)
        inside.setObjectName("hairlines")
        inside.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._grid = QGridLayout(inside)
        self._grid.setContentsMargins(0, 0, 0, 1)
        self._grid.setSpacing(1)
        self._rest = QWidget(inside)
        self._rest.setObjectName("surface")
        self._rest.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(inside)
        self._empty = EmptyState(self)
        self._empty.pressed.connect(self._on_empty)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self._scroll)
        self.stack.addWidget(self._empty)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._head)
        whole.addWidget(self.stack, 1)
        self.panels.in_order(self._periods[Period.ALL])
        self._columns = 0
        self._arrange()
        self._tell_cut()

    def _arrange(self) -> None:
        """As many cards side by side as the width has room for."""
        wide = self.width() / theme().scale
        columns = 3 if wide >= 960 else 2 if wide >= 620 else 1
        self._columns = columns
        for period, button in self._periods.items():
            button.setText(words.period_title(period) if columns > 1 else words.period_short(period))
            button.updateGeometry()
        grid = self._grid
        while grid.count():
            grid.takeAt(0)
        for row in range(12):
            grid.setRowStretch(row, 0)
        # Twelfths, so that four figures and three cards share one grid.
        share = {3: 3, 2: 6, 1: 6 if wide >= 360 else 12}[columns]
        for place, cell in enumerate(self.panels.cells):
            line, at = divmod(place * share, 12)
            grid.addWidget(cell, line, at, 1, share)
        first = len(self.panels.cells) * share // 12
        plans = {
            3: ((0, 0, 4), (0, 4, 8), (1, 0, 4), (1, 4, 4), (1, 8, 4)),
            2: ((0, 0, 6), (1, 0, 12), (0, 6, 6), (2, 0, 6), (2, 6, 6)),
            1: ((0, 0, 12), (1, 0, 12), (2, 0, 12), (3, 0, 12), (4, 0, 12)),
        }
        for card, (row, at, span) in zip(self.panels.cards, plans[columns], strict=True):
            grid.addWidget(card, first + row, at, 1, span)
        last = first + max(row for row, _, _ in plans[columns]) + 1
        grid.addWidget(self._rest, last, 0, 1, 12)
        grid.setRowStretch(last, 1)
        for column in range(12):
            grid.setColumnStretch(column, 1)

    # --- a page of the window --------------------------------------------------------------------------------

    def start(self) -> QWidget:
        return self._empty_button() or self.panels.needs

    def _empty_button(self) -> QWidget | None:
        if self.stack.currentWidget() is not self._empty:
            return None
        return self._empty.button("all") or self._empty.button("clear") or self._periods[self._period]

    def panes(self) -> Sequence[QWidget]:
        if self.stack.currentWidget() is self._empty:
            return (self.start(),)
        return (self.panels.needs, *(card.body() for card in self.panels.cards))

    def set_filter(self, text: str) -> None:
        """The search whose figures are shown."""
        if not text and self._left_with:
            # Back from a list that was opened here: the search that was left is asked again.
            again, self._left_with = self._left_with, None
            QTimer.singleShot(0, self, partial(self._window.header.search.set_text, again))
            return
        self._left_with = None
        if text.strip() != self._text:
            self._text = text.strip()
            self.refresh()

    def set_period(self, period: Period) -> None:
        """Which reviews count: those written so lately."""
        if period is not self._period:
            self._period = period
            self._periods[period].setChecked(True)
            self._bridge.core.settings.set_text(PERIOD_KEY, period.value)
            self.refresh()

    def period(self) -> Period:
        return self._period

    def figures(self) -> Insights | None:
        """What is shown; None before the first are there."""
        return self._found.figures if self._found is not None else None

    def _on_focus(self, _old: QWidget | None, now: QWidget | None) -> None:
        """Wherever the keyboard goes on the page is brought into sight."""
        if now is not None and self.isVisible() and self._scroll.isAncestorOf(now):
            # A moment later: what has just been shown has its height then.
            QTimer.singleShot(0, now, partial(self._bring, now))

    def _bring(self, widget: QWidget) -> None:
        inside = self._scroll.widget()
        if inside is None or not inside.isAncestorOf(widget):
            return
        # The whole of it, and its top where it is too high; Qt's own way would bring a table's current cell alone.
        bar, room = self._scroll.verticalScrollBar(), self._scroll.viewport().height()
        top = widget.mapTo(inside, QPoint(0, 0)).y() - _MARGIN
        bottom = top + widget.height() + 2 * _MARGIN
        bar.setValue(min(top, max(bar.value(), bottom - room)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() / theme().scale
        if self._columns != (3 if wide >= 960 else 2 if wide >= 620 else 1):
            self._arrange()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self.refresh()
        elif self._found is not None:
            self._aging.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        # Ages go on while nobody looks.
        self._stale = True
        self._aging.stop()
        self._soon.stop()

    # --- reading ---------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Compute the figures anew. One at a time: what is asked meanwhile is computed after it."""
        self._soon.stop()
        self._aging.stop()
        if self._running:
            self._again = True
            return
        self._running, self._again, self._stale = True, False, False
        self._dim_soon.start()
        self._bridge.run(
            self._read, self._text, self._period, done=self._on_read, failed=self._on_failed, owner=self
        )

    def _read(self, text: str, period: Period) -> Found:
        core = self._bridge.core
        began = core.clock.monotonic()
        figures = core.insights.of(text, period)
        took = round((core.clock.monotonic() - began) * 1000)
        accounts = {str(account.id): account for account in core.known_accounts()}
        titles = {spec.id: spec.title for spec in core.accounts.specs()}
        return Found(figures, accounts, core.account_codes(), titles, took)

    def _on_read(self, found: Found) -> None:
        self._running = False
        self._found = found
        self._show()
        if self._again:
            self.refresh()
            return
        self._dim_soon.stop()
        self.panels.set_dim(False)
        rest = found.took_ms * SHARE
        self._soon.setInterval(max(REST_MS, rest))
        self._aging.setInterval(max(AGING_MS, rest))
        if self.isVisible():
            self._aging.start()

    def _on_failed(self, error: BaseException) -> None:
        self._running = False
        self._dim_soon.stop()
        self.panels.set_dim(False)
        self._head.set_count(getattr(error, "message", "") or self.tr("The figures could not be read"))

    def _on_changes(self, change: ChangeSet) -> None:
        if change.added or change.changed or change.removed or change.views or change.accounts:
            if self.isVisible():
                if not self._soon.isActive():
                    self._soon.start()
            else:
                self._stale = True

    # --- showing ---------------------------------------------------------------------------------------------

    def _show(self) -> None:
        found = self._found
        if found is None:
            return
        figures = found.figures
        if not figures.reviews.n and not figures.due.n:
            self._show_empty(figures)
            return
        if self.stack.currentWidget() is not self._scroll:
            inside = (
                self._empty.isAncestorOf(self._window.focusWidget()) if self._window.focusWidget() else False
            )
            self.stack.setCurrentWidget(self._scroll)
            if inside:
                self.panels.needs.setFocus(Qt.FocusReason.OtherFocusReason)
        span = words.days_words(figures.first, figures.last)
        line = self.tr("{count} reviews, {days}, twins counted once")
        if figures.reviews.n == 1:
            line = self.tr("1 review, {days}")
        none = self.tr("no reviews in this period")
        self._head.set_count(
            line.format(count=words.count(figures.reviews.n), days=span) if figures.reviews.n else none
        )
        self.panels.show_figures(found, self._cut)

    # --- by what scores are laid side by side ------------------------------------------------------------------

    def _on_cut_button(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        group = QActionGroup(menu)
        for cut in Cut:
            action = menu.addAction(self.tr("By {what}").format(what=words.cut_title(cut)))
            action.setCheckable(True)
            action.setChecked(cut is self._cut)
            action.triggered.connect(partial(self.set_cut, cut))
            group.addAction(action)
        menu.popup(self.cut_button.mapToGlobal(QPoint(0, self.cut_button.height() + 4)))

    def set_cut(self, cut: Cut) -> None:
        """By account, source or language."""
        if cut is not self._cut:
            self._cut = cut
            self._bridge.core.settings.set_text(CUT_KEY, cut.value)
            self._tell_cut()
            self.panels.show_cut(self._cut)

    def _tell_cut(self) -> None:
        shown = words.cut_title(self._cut)
        self.cut_button.setText(shown)
        self.cut_button.setAccessibleName(self.tr("By what: {what}").format(what=shown))

    # --- nothing there -----------------------------------------------------------------------------------------

    def _show_empty(self, figures: Insights) -> None:
        self._head.set_count(words.period_title(figures.period))
        longer = ("all", self.tr("All time"), "primary")
        clear = ("clear", self.tr("Clear the search"), "plain")
        if figures.text:
            buttons = (clear,) if figures.period is Period.ALL else (longer, clear)
            self._empty.set_state("magnifying-glass", self.tr("No review has these words"), "", buttons)
        elif figures.period is not Period.ALL:
            self._empty.set_state("chart-bar", self.tr("No reviews in this period"), "", (longer,))
        else:
            line = self.tr("Figures come with the first reviews.")
            self._empty.set_state("chart-bar", self.tr("No reviews yet"), line)
        if self.stack.currentWidget() is not self._empty:
            focus = self._window.focusWidget()
            inside = focus is not None and self._scroll.isAncestorOf(focus)
            self.stack.setCurrentWidget(self._empty)
            if inside:
                self.start().setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_empty(self, name: str) -> None:
        if name == "all":
            self.set_period(Period.ALL)
        else:
            self._window.header.search.clear()
        # The button that was pressed goes with what it stood for.
        self._periods[self._period].setFocus(Qt.FocusReason.OtherFocusReason)

    def _leave(self, query: str) -> None:
        """To the list behind a figure; whoever comes back finds the search that was left."""
        self._left_with = self._text or None
        self.reviews_wanted.emit(query)


def _mark(button: PushButton, chosen: bool) -> None:
    """The chosen one has an outline: a shade alone is not seen by everybody."""
    button.set_kind("plain" if chosen else "ghost")


def _one_of(kind: type[_Choice], text: str | None, default: _Choice) -> _Choice:
    """A kept choice, or the default where nothing or something else was kept."""
    try:
        return kind(text or "")
    except ValueError:
        return default

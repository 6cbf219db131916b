"""A table whose rows stay where they are: sizes of rows and headings, the anchor, the scroll bar over the rows."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from PySide6.QtCore import QDeadlineTimer, QModelIndex, QPersistentModelIndex, QSize, Qt, QTimer
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHeaderView, QTableView, QWidget

from reviewdesk.domain.plain import dataclass
from reviewdesk.ui.inbox.context import RowContext
from reviewdesk.ui.inbox.delegate import ListState, ReviewDelegate
from reviewdesk.ui.inbox.model import InboxModel
from reviewdesk.ui.inbox.overlay import OverlayBar
from reviewdesk.ui.loading import viewport_of
from reviewdesk.ui.theme import metrics, theme

__all__ = ["SteadyTable"]

_WARM_AFTER_MS = 60
"""Longer than a view or a review takes to be painted: the pages beside the screen are no reason for it to wait."""
_WARM_SLICE_MS = 4
_FRAME_MS = 5
"""After this a frame that follows a scrolling leaves rows to the next one: half of the 8 ms, the rest is Qt's."""


@dataclass(frozen=True, slots=True)
class _Anchor:
    """A review that must stay at its height, or 0: stay at the top."""

    review_id: int
    y: int


class SteadyTable(QTableView):
    """Rows and headings of one InboxModel, without knowing what a key or a click means."""

    def __init__(self, model: InboxModel, context: RowContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._port = viewport_of(self)
        self._model = model
        self._state = ListState()
        self._delegate = ReviewDelegate(model, context, self._state, self)
        self._anchor: _Anchor | None = None
        self._sized: list[int] = []
        self._hurries = False
        self._warm = QTimer(self)
        self._warm.setSingleShot(True)
        self._warm.timeout.connect(self._warm_neighbours)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setDragEnabled(False)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # The bar lies over the right padding of the rows, so that no text moves when it appears.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setItemDelegate(self._delegate)
        self.horizontalHeader().hide()
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setMinimumSectionSize(1)
        sections = self.verticalHeader()
        sections.hide()
        sections.setMinimumSectionSize(1)
        sections.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setModel(model)
        self._bar = OverlayBar(self)
        self._bar.hide()
        own = self.verticalScrollBar()
        own.rangeChanged.connect(self._range_changed)
        own.valueChanged.connect(self._scrolled)
        self._bar.valueChanged.connect(own.setValue)

        model.about_to_move.connect(self._remember_anchor)
        model.moved.connect(self._restore_anchor)
        model.rowsInserted.connect(self._rows_inserted)
        model.shifted.connect(self._rows_shifted)
        model.modelReset.connect(self._size_all_headings)
        model.layoutChanged.connect(self._size_all_headings)
        model.rows_read.connect(self.viewport().update)
        model.rows_read.connect(self._warm_soon)
        theme().changed.connect(self._restyle)
        self._resize_sections()

    def is_free(self) -> bool:
        """At the top, with nothing current and nothing selected: rows may slide in."""
        return self.verticalScrollBar().value() == 0

    def _pointer_moved(self) -> None:
        """Something else lies under the pointer now."""

    # --- look ------------------------------------------------------------------------------------

    @property
    def delegate(self) -> ReviewDelegate:
        return self._delegate

    def density(self) -> str:
        return self._delegate.density

    def set_density(self, density: str) -> None:
        """``comfortable``, ``normal`` or ``compact``; what was at the top of the screen stays there, and the current
        row in view where it was."""
        seen = self._sees_current(self.viewport().height())
        self._remember_anchor()
        self._delegate.set_density(density)
        self._resize_sections()
        self._restore_anchor()
        self._keep_current_in_view(seen)
        self.viewport().update()

    def _restyle(self) -> None:
        seen = self._sees_current(self.viewport().height())
        self._remember_anchor()
        self._resize_sections()
        self._restore_anchor()
        self._keep_current_in_view(seen)
        self.viewport().update()

    def _sees_current(self, height: int) -> bool:
        """Whether the current row is wholly on a screen that high."""
        line = self.currentIndex().row()
        if line < 0:
            return False
        sections, top = self.verticalHeader(), self.verticalScrollBar().value()
        at = sections.sectionPosition(line)
        return top <= at and at + sections.sectionSize(line) <= top + height

    def _keep_current_in_view(self, seen: bool) -> None:
        """As little scrolling as needed, where it was seen before."""
        line = self.currentIndex().row()
        if not seen or line < 0:
            return
        sections, bar = self.verticalHeader(), self.verticalScrollBar()
        at = sections.sectionPosition(line)
        lowest = at + sections.sectionSize(line) - self.viewport().height()
        if bar.value() < lowest:
            bar.setValue(lowest)
        if bar.value() > at:
            bar.setValue(at)

    def _resize_sections(self) -> None:
        sections = self.verticalHeader()
        sections.setDefaultSectionSize(self._delegate.measures().height)
        own = self.verticalScrollBar()
        own.setSingleStep(max(20, metrics.list_line() * 2))
        self._size_all_headings()

    def _size_all_headings(self) -> None:
        wanted = self._model.lines.heading_lines()
        count = self._model.rowCount()
        self._set_sizes([n for n in self._sized if n < count], self._delegate.measures().height)
        self._set_sizes(wanted, metrics.group_height())
        self._sized = wanted
        self.updateGeometries()

    def _rows_shifted(self, first: int) -> None:
        """The headings behind ``first`` stand on other lines now; sections did not move along with them."""
        wanted = self._model.lines.heading_lines()
        before = set(self._sized[bisect_left(self._sized, first) :])
        after = set(wanted[bisect_left(wanted, first) :])
        self._set_sizes(before - after, self._delegate.measures().height)
        self._set_sizes(after - before, metrics.group_height())
        self._sized = wanted
        self.updateGeometries()

    def _rows_inserted(self, parent: QModelIndex, first: int, last: int) -> None:
        if self._model.is_shifting:
            return
        wanted = self._model.lines.heading_lines()
        self._set_sizes([n for n in wanted if first <= n <= last], metrics.group_height())
        self._sized = wanted

    def _set_sizes(self, lines: Iterable[int], height: int) -> None:
        """While updates are off a size costs microseconds, else it costs a walk over all sections."""
        chosen = list(lines)
        if not chosen:
            return
        sections = self.verticalHeader()
        sections.setUpdatesEnabled(False)
        self.setUpdatesEnabled(False)
        for line in chosen:
            sections.resizeSection(line, height)
        sections.setUpdatesEnabled(True)
        self.setUpdatesEnabled(True)

    # --- what is on the screen -------------------------------------------------------------------

    def visible_lines(self) -> tuple[int, int]:
        """First and last line that can be seen; (0, -1) when there are none."""
        count = self._model.rowCount()
        if not count:
            return 0, -1
        first = max(0, self.rowAt(0))
        last = self.rowAt(self.viewport().height() - 1)
        return first, count - 1 if last < 0 else last

    def last_visible_index(self) -> int:
        first, last = self.visible_lines()
        return self._model.lines.indexes_between(first, last)[1] - 1

    def top(self) -> tuple[int, int]:
        """The review at the top of the screen and where it begins there (px); 0 at the very top."""
        first, last = self.visible_lines()
        if self.verticalScrollBar().value() == 0:
            return 0, 0
        for line in range(first, last + 1):
            review_id = self._model.id_at(line)
            if review_id:
                return review_id, self.rowViewportPosition(line)
        return 0, 0

    def put_top(self, review_id: int, y: int) -> bool:
        """Scroll so that this review begins at ``y``; false when it is not in the list."""
        line = self._model.line_of(review_id)
        if line < 0:
            return False
        self.verticalScrollBar().setValue(self.verticalHeader().sectionPosition(line) - y)
        return True

    def _remember_anchor(self) -> None:
        if self._anchor is not None:
            return
        if self.is_free():
            self._anchor = _Anchor(0, 0)
            return
        first, last = self.visible_lines()
        line = self.currentIndex().row()
        if not (first <= line <= last and self._model.id_at(line)):
            line = next((n for n in range(first, last + 1) if self._model.id_at(n)), -1)
        review_id = self._model.id_at(line)
        self._anchor = _Anchor(review_id, self.rowViewportPosition(line)) if review_id else _Anchor(0, 0)

    def _restore_anchor(self) -> None:
        anchor, self._anchor = self._anchor, None
        self.updateGeometries()
        if anchor is None:
            return
        line = self._model.line_of(anchor.review_id) if anchor.review_id else -1
        if line >= 0:
            self.verticalScrollBar().setValue(self.verticalHeader().sectionPosition(line) - anchor.y)
        elif not anchor.review_id:
            self.verticalScrollBar().setValue(0)
        self._state.current_line = self.currentIndex().row()
        self._looked()
        self._pointer_moved()

    def _looked(self) -> None:
        first, last = self.visible_lines()
        if last >= first:
            self._model.look_at(first, last)
            self._warm_soon()

    def _warm_soon(self) -> None:
        self._warm.start(_WARM_AFTER_MS)

    def rehearse(self, snippet: str) -> None:
        """Paint a row with these words that nobody sees, before the first one that somebody waits for."""
        width = max(320, self.viewport().width())
        self._delegate.rehearse(QSize(width, self._delegate.measures().height), snippet)

    def _warm_neighbours(self) -> None:
        """While nothing else is to do, the rows of the page below and the page above are painted in advance."""
        first, last = self.visible_lines()
        page = last - first + 1
        size = QSize(self.viewport().width(), self._delegate.measures().height)
        if not self.isVisible() or page < 1 or self._delegate.room(size) < 3 * page:
            return
        began = QDeadlineTimer(_WARM_SLICE_MS)
        for n in range(page):
            for line in (last + 1 + n, first - 1 - n):
                self._delegate.warm(line, size, mirrored=self.isRightToLeft())
                if began.hasExpired():
                    self._warm.start(0)
                    return

    # --- the scroll bar over the rows ------------------------------------------------------------

    def _range_changed(self, low: int, high: int) -> None:
        own = self.verticalScrollBar()
        self._bar.setRange(low, high)
        self._bar.setPageStep(own.pageStep())
        self._bar.setSingleStep(own.singleStep())
        self._bar.setVisible(high > low)
        self._bar.setValue(own.value())
        self._place_bar()
        self._looked()

    def _scrolled(self, value: int) -> None:
        self._hurries = True
        self._bar.setValue(value)
        self._looked()
        self._pointer_moved()

    def _place_bar(self) -> None:
        width = self._bar.sizeHint().width()
        left = 0 if self.isRightToLeft() else self.width() - width
        self._bar.setGeometry(left, 0, width, self.height())
        self._bar.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        seen = self._sees_current(event.oldSize().height())
        super().resizeEvent(event)
        self._keep_current_in_view(seen)
        self._bar.setPageStep(self.verticalScrollBar().pageStep())
        self._place_bar()
        self._looked()

    def paintEvent(self, event: QPaintEvent) -> None:
        within_ms = _FRAME_MS if self._hurries else 0
        self._delegate.begin_frame(
            self.viewport().width(), self.viewport().devicePixelRatio(), within_ms=within_ms
        )
        super().paintEvent(event)
        self._hurries = self._delegate.owes
        if self._hurries:
            # Asked for from the event loop: an update within a painting would be part of it.
            QTimer.singleShot(0, self.viewport(), self.viewport().update)

    def scrollTo(
        self,
        index: QModelIndex | QPersistentModelIndex,
        hint: QTableView.ScrollHint = QTableView.ScrollHint.EnsureVisible,
    ) -> None:
        """Qt asks for this whenever the current row changes; only ``_make_visible`` scrolls."""
        if hint != QTableView.ScrollHint.EnsureVisible:
            super().scrollTo(index, hint)

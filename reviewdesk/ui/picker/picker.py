"""The floating picker: a child of the window, so that it works on Wayland; one at a time, gone with Esc."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QRect,
    QRectF,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from reviewdesk.ui.picker.choices import Choice, Line, lines_of, ranked
from reviewdesk.ui.picker.view import ChoiceDelegate, ChoiceModel, line_height
from reviewdesk.ui.theme import fonts, metrics, theme
from reviewdesk.ui.widgets import KeyCap, PlainLabel, announce
from reviewdesk.ui.widgets.pictogram import Pictogram
from reviewdesk.ui.widgets.shadow import MARGIN, draw_shadow

__all__ = ["Picker"]

WIDTH, TOP = 680, 92
_MOST_LINES = 13
_BATCH = 40

Offer = Callable[[str], Sequence[Choice]]


class _Field(QLineEdit):
    """Keys that move in the list are the list's; everything else is text."""

    wanted = Signal(int)
    chosen = Signal()
    left = Signal()
    completed = Signal()

    def focusNextPrevChild(self, _next: bool) -> bool:
        """Tab is a key of ours: there is nowhere else to go in a picker."""
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
        if key in steps and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.wanted.emit(steps[Qt.Key(key)])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        elif key == Qt.Key.Key_Tab:
            self.completed.emit()
        else:
            super().keyPressEvent(event)


class _Entries(QListView):
    """Covers what lies under it, so that another list of entries is not another painting of the window."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self.viewport()) as painter:
            painter.fillRect(event.rect(), theme().colour("raised"))
        super().paintEvent(event)


class Picker(QWidget):
    """``ask`` opens it. Covers its parent with a scrim; a press outside or Esc closes it.

    Opening takes a few milliseconds: only what is visible is painted. ``closed`` after every end.
    """

    closed = Signal()
    refused = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._around = parent
        self._offer: Offer = lambda _typed: ()
        self._filtered = True
        self._before: QWidget | None = None
        self._fallback: QWidget | None = None
        self._corner = False
        self._total = 0
        self.name = ""
        self._card = QFrame(self)
        self._card.setObjectName("picker")
        self._glass = Pictogram("magnifying-glass", 18, parent=self._card)
        self.field = _Field(self._card)
        self.field.setObjectName("pickerfield")
        self.field.setFrame(False)
        self.field.setMaxLength(500)
        self._context = PlainLabel(parent=self._card, role="text-2", elide=False)
        self.list = _Entries(self._card)
        self.list.setObjectName("pickerlist")
        self.list.setFrameShape(QListView.Shape.NoFrame)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        # Of hundreds of entries a screenful has its place at once, the others a moment later.
        self.list.setLayoutMode(QListView.LayoutMode.Batched)
        self.list.setBatchSize(_BATCH)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._model = ChoiceModel(self)
        self.list.setModel(self._model)
        self.list.setItemDelegate(ChoiceDelegate(self.list))
        self.list.clicked.connect(self._on_clicked)
        self._foot = QFrame(self._card)
        self._foot.setObjectName("pickerfoot")
        self._count = PlainLabel(parent=self._foot, role="text-3", elide=False, font=_tabular)
        self._build()
        self.field.textChanged.connect(self._on_typed)
        self.field.wanted.connect(self.move_by)
        self.field.chosen.connect(self.choose)
        self.field.left.connect(self.dismiss)
        self.field.completed.connect(self._complete)
        theme().changed.connect(self._restyle)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._on_focus)
        self.hide()

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(16, 0, 16, 0)
        top.setSpacing(12)
        top.addWidget(self._glass)
        top.addWidget(self.field, 1)
        top.addWidget(self._context)
        self._top = QWidget(self._card)
        self._top.setLayout(top)
        foot = QHBoxLayout(self._foot)
        foot.setContentsMargins(16, 0, 16, 0)
        foot.setSpacing(6)
        for caps, words in (
            (("↑", "↓"), self.tr("choose")),
            (("Enter",), self.tr("run")),
            (("Esc",), self.tr("close")),
        ):
            for cap in caps:
                foot.addWidget(KeyCap(cap, self._foot))
            label = PlainLabel(words, self._foot, role="text-2", elide=False)
            foot.addWidget(label)
            foot.addSpacing(10)
        self._value = QWidget(self._foot)
        value = QHBoxLayout(self._value)
        value.setContentsMargins(0, 0, 0, 0)
        value.setSpacing(6)
        value.addWidget(KeyCap("Tab", self._value))
        value.addWidget(PlainLabel(self.tr("add a value"), self._value, role="text-2", elide=False))
        self._value.hide()
        foot.addWidget(self._value)
        foot.addStretch(1)
        foot.addWidget(self._count)
        column = QVBoxLayout(self._card)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(self._top)
        self._rule = QFrame(self._card)
        self._rule.setObjectName("pickerrule")
        self._rule.setFixedHeight(1)
        column.addWidget(self._rule)
        column.addWidget(self.list, 1)
        column.addWidget(self._foot)
        self._restyle()

    def _restyle(self) -> None:
        fonts.follow(self.field, fonts.body_font)
        self._top.setFixedHeight(metrics.list_line() + 34)
        self._foot.setFixedHeight(metrics.list_line() + 17)
        if self.isVisible():
            self._settle()

    # --- asking ----------------------------------------------------------------------------------

    def ask(
        self,
        name: str,
        offer: Offer,
        *,
        title: str,
        placeholder: str = "",
        context: str = "",
        text: str = "",
        filtered: bool = True,
        corner: bool = False,
        fallback: QWidget | None = None,
    ) -> None:
        """Open with what ``offer(typed)`` gives. ``title`` is its name for screen readers.

        ``filtered``: keep only what fits the typed words; without it ``offer`` decides alone. ``corner``: at the
        lower right, without a scrim. ``fallback``: gets the focus at the end when who had it is gone.
        """
        if not self.isVisible():
            self._before = QApplication.focusWidget()
        self.name = name
        self._offer, self._filtered, self._corner, self._fallback = offer, filtered, corner, fallback
        self.field.setPlaceholderText(placeholder)
        self.field.setAccessibleName(title)
        self.list.setAccessibleName(title)
        self._context.setText(context)
        self._context.setVisible(bool(context))
        blocked = self.field.blockSignals(True)
        self.field.setText(text)
        self.field.selectAll()
        self.field.blockSignals(blocked)
        self.refresh(keep=False)
        self.show()
        self._around.installEventFilter(self)
        self.raise_()
        self._settle()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def refresh(self, *, keep: bool = True) -> None:
        """Ask again what there is, because something changed; the chosen entry stays chosen where it can."""
        here = self.current() if keep else None
        typed = self.field.text()
        choices = list(self._offer(typed))
        self._total = len(choices)
        found = ranked(choices, typed) if self._filtered else [Line(choice=choice) for choice in choices]
        self._model.set_lines(lines_of(found))
        figure = self.locale().toString
        self._count.setText(self.tr("{at} of {all}").format(at=figure(len(found)), all=figure(self._total)))
        self._count.setVisible(self._filtered)
        wanted = -1
        for row, line in enumerate(self._model.lines()):
            if line.choice is None:
                continue
            if wanted < 0:
                wanted = row
            if here is not None and line.choice.key == here.key:
                wanted = row
                break
        self._select(wanted)
        if self.isVisible():
            self._settle()

    def choices(self) -> list[Choice]:
        """What is shown now, in its order."""
        return [line.choice for line in self._model.lines() if line.choice is not None]

    def current(self) -> Choice | None:
        line = self._model.line(self.list.currentIndex().row())
        return line.choice if line is not None else None

    def move_by(self, delta: int) -> None:
        """To another entry, over heads; stays within the list."""
        rows = [row for row, line in enumerate(self._model.lines()) if line.choice is not None]
        if not rows:
            return
        here = self.list.currentIndex().row()
        at = rows.index(here) if here in rows else -1
        self._select(rows[max(0, min(len(rows) - 1, at + delta))])
        chosen = self._model.line(self.list.currentIndex().row())
        if chosen is not None:
            announce(self.field, chosen.sentence)

    def choose(self) -> None:
        """Do what the current entry stands for; one that is off says why."""
        choice = self.current()
        if choice is None:
            return
        if choice.reason:
            announce(self.field, choice.reason)
            self.refused.emit(choice.reason)
            return
        self.dismiss()
        choice.run()

    def _complete(self) -> None:
        """Write the name of the chosen entry, so that a value can follow."""
        choice = self.current()
        if choice is not None and choice.value and not choice.reason:
            self.field.setText(choice.value)

    def dismiss(self) -> None:
        """Close without doing anything; the focus goes back to where it was."""
        if self.isHidden():
            return
        before, self._before = self._before, None
        self.hide()
        self._around.removeEventFilter(self)
        usable = before is not None and isValid(before) and before.isVisible() and before.isEnabled()
        target = before if usable else self._fallback
        if target is not None and isValid(target):
            target.setFocus(Qt.FocusReason.PopupFocusReason)
        self.closed.emit()

    # --- inside ----------------------------------------------------------------------------------

    def _select(self, row: int) -> None:
        index = self._model.index(row) if row >= 0 else QModelIndex()
        self.list.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        chosen = self.current()
        self._value.setVisible(chosen is not None and bool(chosen.value) and not chosen.reason)
        if row >= 0:
            # The first entry shows its head as well.
            self.list.scrollTo(self._model.index(0) if row == 1 else index)

    def _on_typed(self, _text: str) -> None:
        self.refresh(keep=False)

    def _on_clicked(self, index: QModelIndex) -> None:
        self._select(index.row())
        QTimer.singleShot(0, self, self.choose)

    def _on_focus(self, _old: QWidget | None, now: QWidget | None) -> None:
        # Another widget of this window took the focus: what floats over it goes away.
        if (
            now is not None
            and self.isVisible()
            and not self.isAncestorOf(now)
            and now.window() is self.window()
        ):
            self._before = now
            self.dismiss()

    def _settle(self) -> None:
        parent = self.parentWidget()
        if parent is None:
            return
        self.setGeometry(parent.rect())
        t = theme().scale
        wide = min(round((420 if self._corner else WIDTH) * t), parent.width() - 24)
        top = min(round(TOP * t), max(12, parent.height() // 8)) if not self._corner else 0
        fixed = self._top.height() + 1 + self._foot.height() + 2
        wanted = sum(line_height(line) for line in self._model.lines()[:_MOST_LINES]) + 12
        most = parent.height() - top - fixed - 24
        list_high = max(metrics.list_line() + 18, min(wanted, most, _MOST_LINES * (metrics.list_line() + 18)))
        high = fixed + list_high
        x = (parent.width() - wide) // 2
        if self._corner:
            right_to_left = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
            x = 12 if right_to_left else parent.width() - wide - 12
            top = parent.height() - high - metrics.status_height() - 8
        before, box = self._card.geometry(), QRect(x, top, wide, high)
        self._card.setGeometry(box)
        if box != before:
            # Only where the card and its shadow were and are: what lies under the rest of the scrim stays painted.
            around = box.united(before)
            self.update(around.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._settle()
        return False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._card.geometry().contains(event.position().toPoint()):
            self.dismiss()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            if not self._corner:
                painter.fillRect(self.rect(), theme().colour("scrim"))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            body = self._card.geometry()
            draw_shadow(painter, body, 10, self.devicePixelRatioF())
            painter.setPen(QPen(theme().colour("edge"), 1))
            painter.setBrush(theme().colour("raised"))
            painter.drawRoundedRect(QRectF(body).adjusted(0.5, 0.5, -0.5, -0.5), 10, 10)


def _tabular() -> QFont:
    return fonts.list_font(tabular=True)

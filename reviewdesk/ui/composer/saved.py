"""The picker of saved replies over the composer: a few letters, the best first, and how it will read here."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from reviewdesk.domain.errors import ReviewdeskError
from reviewdesk.domain.models import Target
from reviewdesk.domain.templates import Resolved
from reviewdesk.domain.text import one_line
from reviewdesk.services.saved_replies import Choice, Imported, SavedReply
from reviewdesk.ui.reading.words import language_name
from reviewdesk.ui.theme import fonts, icons, metrics, theme
from reviewdesk.ui.widgets import PlainLabel, PushButton, announce
from reviewdesk.ui.widgets.pictogram import Pictogram

if TYPE_CHECKING:
    from reviewdesk.services.core import Core
    from reviewdesk.ui.bridge import Bridge

__all__ = ["SavedPicker"]

WIDTH = 460
MOST_LINES = 7
_CHOICE = Qt.ItemDataRole.UserRole + 1
_Index = QModelIndex | QPersistentModelIndex


class _Lines(QStyledItemDelegate):
    """An entry: quotes, name, how often it was used."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        area: QRect = option.rect  # type: ignore[attr-defined]
        state: QStyle.StateFlag = option.state  # type: ignore[attr-defined]
        direction: Qt.LayoutDirection = option.direction  # type: ignore[attr-defined]
        colour = theme().colour
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour("select"))
            painter.drawRoundedRect(area.adjusted(5, 0, -5, 0), 5, 5)
        edge = metrics.icon_size(16)
        top = area.top() + (area.height() - edge) // 2
        box = QStyle.visualRect(direction, area, QRect(area.left() + 14, top, edge, edge))
        choice = index.data(_CHOICE)
        ink = colour("on-select" if chosen else "text")
        icons.paint(
            painter, box, "quotes" if choice is not None else "plus", ink if chosen else colour("text-2")
        )
        count = f"{choice.reply.used:n}" if choice is not None and choice.reply.used else ""
        painter.setFont(fonts.list_font(400, tabular=True))
        wide = painter.fontMetrics().horizontalAdvance(count)
        right = QRect(area.right() - 16 - wide, area.top(), wide, area.height())
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.setPen(ink if chosen else colour("text-3"))
        painter.drawText(QStyle.visualRect(direction, area, right), middle, count)
        name = QRect(area.left() + 14 + edge + 10, area.top(), area.width() - edge - 54 - wide, area.height())
        painter.setFont(fonts.list_font())
        painter.setPen(ink)
        text = painter.fontMetrics().elidedText(
            str(index.data(Qt.ItemDataRole.DisplayRole)), Qt.TextElideMode.ElideRight, name.width()
        )
        where = QStyle.visualAlignment(direction, middle)
        painter.drawText(QStyle.visualRect(direction, area, name), where, text)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(WIDTH - 20, metrics.list_line() + 14)


class SavedPicker(QFrame):
    """A child of the window, above the composer. ``chosen`` carries (Choice, Resolved), ``left`` when nothing was
    (true: by Esc with nothing typed, so that the key that opened it is wanted as itself).

    What it shows is resolved for the review that is open; private fields stay out of public texts.
    """

    chosen = Signal(object, object)
    left = Signal(bool)
    said = Signal(str)

    def __init__(self, core: Core, bridge: Bridge, parent: QWidget) -> None:
        super().__init__(parent)
        self._core, self._bridge = core, bridge
        self._target = Target.PUBLIC
        self._language: str | None = None
        self._values: dict[str, str] = {}
        self._draft = ""
        self._place = QRect(0, 0, WIDTH, 0)
        self._card = QFrame(self)
        self._card.setObjectName("picker")
        self.field = QLineEdit(self._card)
        self.field.setFrame(False)
        self.field.setStyleSheet("border: 0; background: transparent; padding: 0; min-height: 0;")
        self.field.setAccessibleName(self.tr("Saved replies"))
        self.field.setPlaceholderText(self.tr("A few letters of a saved reply"))
        fonts.follow(self.field, fonts.body_font)
        self._first = PlainLabel(parent=self._card, role="text-3", elide=False)
        self.list = QListWidget(self._card)
        self.list.setItemDelegate(_Lines(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(self.tr("Saved replies"))
        self._below = QFrame(self._card)
        self._below.setObjectName("sunken")
        self._head = PlainLabel(self.tr("As it will read"), self._below, role="text-3")
        self.preview = PlainLabel(parent=self._below, wrap=True)
        self.bring_button = PushButton(self.tr("Import"), self._below, kind="ghost", small=True)
        self.export_button = PushButton(self.tr("Export"), self._below, kind="ghost", small=True)
        self.bring_button.clicked.connect(self._on_import)
        self.export_button.clicked.connect(self._on_export)
        self._build()
        self.field.textChanged.connect(self._fill)
        self.field.installEventFilter(self)
        self.list.currentItemChanged.connect(self._show_preview)
        self.list.itemClicked.connect(self._take)
        self.hide()

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(16, 9, 16, 9)
        top.setSpacing(8)
        top.addWidget(Pictogram("quotes", 16, "text-2", parent=self._card))
        top.addWidget(self.field, 1)
        top.addWidget(self._first)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.addWidget(self._head, 1)
        head.addWidget(self.bring_button)
        head.addWidget(self.export_button)
        below = QVBoxLayout(self._below)
        below.setContentsMargins(16, 6, 8, 6)
        below.setSpacing(2)
        below.addLayout(head)
        below.addWidget(self.preview)
        column = QVBoxLayout(self._card)
        column.setContentsMargins(1, 1, 1, 8)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.list)
        column.addWidget(self._below)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 1, 1, 1)
        outer.addWidget(self._card)

    def ask(self, review_id: int, target: Target, language: str | None, place: QRect, *, draft: str) -> None:
        """Open above ``place`` (in the parent's coordinates). ``draft``: what could be saved as a reply of its own."""
        self._target, self._language, self._draft = target, language, draft
        self._values = {}
        self._place = place
        name = language_name(language)
        self._first.setText(self.tr("{language} first").format(language=name) if name else "")
        self.field.clear()
        self._fill()
        self.show()
        self.raise_()
        self.field.setFocus()
        announce(self, self.tr("Saved replies"))
        self._bridge.run(
            self._core.saved_replies.values, review_id, done=self._on_values, owner=self, key="saved-values"
        )

    def resolved(self) -> Resolved | None:
        """The entry that is chosen now, as it will read."""
        choice = self._current()
        if choice is None:
            return None
        return self._core.saved_replies.resolve(choice.text, self._values, self._target)

    def _current(self) -> Choice | None:
        item = self.list.currentItem()
        choice = item.data(_CHOICE) if item is not None else None
        return choice if isinstance(choice, Choice) else None

    def _on_values(self, values: dict[str, str]) -> None:
        self._values = values
        self._show_preview()

    def _fill(self) -> None:
        typed = self.field.text().strip()
        self.list.clear()
        for choice in self._core.saved_replies.search(typed, self._language):
            folder = f"{choice.reply.folder} / " if choice.reply.folder else ""
            item = QListWidgetItem(f"{folder}{choice.reply.name}", self.list)
            item.setData(_CHOICE, choice)
        if typed and self._draft.strip():
            QListWidgetItem(self.tr("Save this text as “{name}”").format(name=one_line(typed, 60)), self.list)
        self.list.setCurrentRow(0)
        lines = max(1, min(MOST_LINES, self.list.count()))
        self.list.setFixedHeight(lines * (metrics.list_line() + 14) + 2)
        self._show_preview()

    def _show_preview(self) -> None:
        done = self.resolved()
        if done is not None:
            words = done.text
            for gap in reversed(done.gaps):
                words = f"{words[: gap.start]}[{gap.words}]{words[gap.end :]}"
            self.preview.setText(one_line(words, 260))
        elif self.list.count():
            self.preview.setText(one_line(self._draft, 260))
        else:
            self.preview.setText(
                self.tr("No saved reply has these letters. Write a text, then save it from here.")
            )
        self._settle()

    def _settle(self) -> None:
        self.setFixedWidth(min(WIDTH, max(240, self._place.width())))
        self.preview.setMinimumHeight(self.preview.heightForWidth(self.width() - 28))
        self.adjustSize()
        left = self._place.left()
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            left = self._place.right() - self.width()
        self.move(left, max(4, self._place.top() - self.height()))

    def _take(self, *_item: object) -> None:
        choice, done = self._current(), self.resolved()
        if choice is not None and done is not None:
            self.hide()
            self.chosen.emit(choice, done)
        elif self.list.currentItem() is not None and self._draft.strip():
            self._save_draft()

    def _save_draft(self) -> None:
        name = self.field.text().strip()
        code = (self._language or "").split("-")[0].lower()
        future = self._core.saved_replies.save(SavedReply(name=name, texts={code: self._draft}))
        done = self.tr("Saved as “{name}”").format(name=one_line(name, 60))
        self._bridge.watch(future, done=partial(self._say, done), failed=self._on_failed, owner=self)
        self.dismiss()

    def _say(self, words: str, *_result: object) -> None:
        self.said.emit(words)

    def _on_failed(self, error: BaseException) -> None:
        self.said.emit(error.message if isinstance(error, ReviewdeskError) else self.tr("This did not work."))

    # --- files -----------------------------------------------------------------------------------

    def _on_import(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self.window(), self.tr("Import saved replies"), "", "JSON (*.json)"
        )
        if name:
            work = self._core.saved_replies.import_file
            self._bridge.run(work, Path(name), done=self._on_imported, failed=self._on_failed, owner=self)

    def _on_imported(self, result: Imported) -> None:
        words = self.tr("{added} added, {changed} changed").format(added=result.added, changed=result.changed)
        if result.skipped:
            words = self.tr("{words}, {count} left out").format(words=words, count=len(result.skipped))
        self.said.emit(words)
        if self.isVisible():
            self._fill()

    def _on_export(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self.window(), self.tr("Export saved replies"), "saved-replies.json", "JSON (*.json)"
        )
        if name:
            work = self._core.saved_replies.export_file
            self._bridge.run(work, Path(name), done=self._on_exported, failed=self._on_failed, owner=self)

    def _on_exported(self, count: int) -> None:
        self.said.emit(self.tr("{count} saved replies written").format(count=count))

    # --- keys ------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is not self.field:
            return False
        if event.type() == QEvent.Type.FocusOut and self.isVisible():
            inside = self.window().focusWidget()
            if inside is None or not self.isAncestorOf(inside):
                self.hide()
            return False
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 6, Qt.Key.Key_PageUp: -6}
            key = event.key()
            if key in steps:
                row = self.list.currentRow() + steps[Qt.Key(key)]
                self.list.setCurrentRow(max(0, min(self.list.count() - 1, row)))
                item = self.list.currentItem()
                if item is not None:
                    announce(self.field, item.text())
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab):
                self._take()
                return True
            empty = not self.field.text()
            if key == Qt.Key.Key_Escape or (key == Qt.Key.Key_Backspace and empty):
                self.dismiss(give_back=empty and key == Qt.Key.Key_Escape)
                return True
        return False

    def dismiss(self, *, give_back: bool = False) -> None:
        """Close; the text goes on where it was."""
        self.hide()
        self.left.emit(give_back)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme().colour("edge"), 1))
            painter.setBrush(theme().colour("raised"))
            painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 10, 10)

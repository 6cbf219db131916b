"""What the windows of data care are made of: a panel that Esc closes, rows with words and controls, files to choose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import (
    QCoreApplication,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QCloseEvent, QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from reviewdesk.ui.theme import fonts, metrics, theme
from reviewdesk.ui.widgets import PlainLabel

__all__ = ["Panel", "Row", "Steps", "Table", "ask_target", "head", "rule", "size_words"]

translate = QCoreApplication.translate
GAP, INSET, WIDEST = 16, 8, 420


def size_words(count: int) -> str:
    """Bytes as people say them."""
    return QLocale().formattedDataSize(count, 1, QLocale.DataSizeFormat.DataSizeTraditionalFormat)


def rule(parent: QWidget) -> QFrame:
    """A thin line."""
    made = QFrame(parent)
    made.setObjectName("pickerrule")
    made.setFixedHeight(1)
    return made


def head(text: str, parent: QWidget) -> QWidget:
    """The head of a group, with a line below."""
    made = QWidget(parent)
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 18, 0, 0)
    column.setSpacing(6)
    column.addWidget(PlainLabel(text, made, role="text-2"))
    column.addWidget(rule(made))
    return made


class Row(QWidget):
    """Words on the left, controls on the right, a line below."""

    def __init__(self, title: str, line: str, parent: QWidget, *controls: QWidget) -> None:
        super().__init__(parent)
        self.title = PlainLabel(title, self)
        self.line = PlainLabel(line, self, role="text-3", wrap=True)
        self.line.setVisible(bool(line))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.title)
        words.addWidget(self.line)
        row = QHBoxLayout()
        row.setContentsMargins(0, 10, 0, 10)
        row.setSpacing(8)
        row.addLayout(words, 1)
        for control in controls:
            row.addWidget(control)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(rule(self))

    def say(self, line: str, role: str = "text-3") -> None:
        """Another line below the title."""
        self.line.set_role(role)
        self.line.setText(line)
        self.line.setVisible(bool(line))


class Steps(QObject):
    """Carries progress from whichever thread works to the window's. ``moved``: words or (done, total)."""

    moved = Signal(object)

    def say(self, what: object) -> None:
        """Any thread."""
        self.moved.emit(what)


class Panel(QWidget):
    """A window of its own, never modal; Esc closes it, and so does its end."""

    def __init__(self, title: str, size: QSize, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(title)
        self.resize(QSize(round(size.width() * min(1.3, theme().scale)), size.height()))
        self.column = QVBoxLayout()
        self.column.setContentsMargins(28, 20, 28, 16)
        self.column.setSpacing(0)
        self.column.addWidget(PlainLabel(title, self, font=fonts.title_font))
        self.foot = QFrame(self)
        self.foot.setObjectName("dialogfoot")
        self.buttons = QHBoxLayout(self.foot)
        self.buttons.setContentsMargins(28, 10, 28, 10)
        self.buttons.setSpacing(8)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(self.column, 1)
        whole.addWidget(self.foot)

    def stop(self) -> None:
        """The window closes: what runs for it may end."""

    def closeEvent(self, event: QCloseEvent) -> None:
        self.stop()
        super().closeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)


class _Cell(QStyledItemDelegate):
    """Texts that begin where their heading begins, with a gap to the next column."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)  # type: ignore[attr-defined]
        colour = theme().colour
        if chosen:
            painter.fillRect(option.rect, colour("select"))  # type: ignore[attr-defined]
        painter.setPen(colour("on-select" if chosen else "text"))
        painter.setFont(option.font)  # type: ignore[attr-defined]
        box = option.rect.adjusted(INSET if index.column() == 0 else 0, 0, -GAP, 0)  # type: ignore[attr-defined]
        words = fonts.metrics_of(option.font).elidedText(  # type: ignore[attr-defined]
            str(index.data()), Qt.TextElideMode.ElideRight, box.width()
        )
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading), words)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        wide = fonts.metrics_of(option.font).horizontalAdvance(str(index.data()))  # type: ignore[attr-defined]
        return QSize(
            min(wide, WIDEST) + 4 + GAP + (INSET if index.column() == 0 else 0), metrics.list_line() + 10
        )


class Table(QTableWidget):
    """Rows of plain texts. ``stretch``: the column that takes what is left."""

    def __init__(self, name: str, headings: Sequence[str], stretch: int, parent: QWidget) -> None:
        super().__init__(0, len(headings), parent)
        self.setAccessibleName(name)
        self.setHorizontalHeaderLabels(
            [("\u2002" if n == 0 else "") + text for n, text in enumerate(headings)]
        )
        self.verticalHeader().hide()
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setItemDelegate(_Cell(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        bar = self.horizontalHeader()
        bar.setHighlightSections(False)
        bar.setDefaultAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        for number in range(len(headings)):
            mode = QHeaderView.ResizeMode.ResizeToContents
            bar.setSectionResizeMode(number, QHeaderView.ResizeMode.Stretch if number == stretch else mode)
        fonts.follow(self, _list_font)
        fonts.follow(bar, _list_font)
        self._fit()
        theme().changed.connect(self._fit)

    def _fit(self) -> None:
        self.verticalHeader().setDefaultSectionSize(metrics.list_line() + 10)

    def set_rows(self, rows: Sequence[Sequence[str]], keys: Sequence[object] | None = None) -> None:
        """All rows anew; ``keys`` are what ``key`` gives back for each."""
        self.setRowCount(0)
        self.add_rows(rows, keys)

    def add_rows(self, rows: Sequence[Sequence[str]], keys: Sequence[object] | None = None) -> None:
        """More rows at the end."""
        start = self.rowCount()
        self.setRowCount(start + len(rows))
        for number, row in enumerate(rows):
            for column, text in enumerate(row):
                cell = QTableWidgetItem(" ".join(text.split())[:400])
                if keys is not None and column == 0:
                    cell.setData(Qt.ItemDataRole.UserRole, keys[number])
                self.setItem(start + number, column, cell)

    def key(self) -> object:
        """What belongs to the row that is chosen, or None."""
        cell = self.item(self.currentRow(), 0)
        return None if cell is None else cell.data(Qt.ItemDataRole.UserRole)

    def texts(self) -> list[list[str]]:
        """What it shows."""
        return [
            [cell.text() if (cell := self.item(r, c)) is not None else "" for c in range(self.columnCount())]
            for r in range(self.rowCount())
        ]


def _list_font() -> QFont:
    return fonts.list_font()


AskTarget = Callable[[QWidget, str, str, str], Path | None]


def ask_target(parent: QWidget, title: str, name: str, kinds: str) -> Path | None:
    """Where to write to, from the system's own window; None when the person thought better of it."""
    chosen, _ = QFileDialog.getSaveFileName(parent, title, str(Path.home() / name), kinds)
    return Path(chosen) if chosen else None

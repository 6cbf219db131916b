"""Lines of the account page: a name, a value, perhaps a gauge or a control at the right end."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from reviewdesk.services.health import SetAside
from reviewdesk.ui.theme import fonts, metrics, theme
from reviewdesk.ui.widgets import PlainLabel, PushButton, Separator

__all__ = ["AsideRow", "Gauge", "Line", "Section"]

translate = QCoreApplication.translate
_RAW_LINES = 8


def _medium() -> QFont:
    return fonts.list_font(500)


def _tabular() -> QFont:
    return fonts.list_font(tabular=True)


class Gauge(QWidget):
    """A quiet bar beside its figures; in the colour of a warning only when nothing is left."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._share = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_share(self, share: float) -> None:
        self._share = max(0.0, min(1.0, share))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(metrics.icon_size(120), metrics.icon_size(6))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().colour("edge"))
            radius = self.height() / 2
            painter.drawRoundedRect(self.rect(), radius, radius)
            used = self.rect().adjusted(0, 0, -round(self.width() * (1 - self._share)), 0)
            if used.width() > 0:
                painter.setBrush(theme().colour("warn" if self._share >= 1 else "text-3"))
                painter.drawRoundedRect(used, radius, radius)


class _Ruled(QWidget):
    """With a hairline at its foot, which goes away with it."""

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(0, self.height() - 1, self.width(), 1, theme().colour("line"))


class Line(_Ruled):
    """Name, value, and room for one control; ``warn`` colours the value."""

    def __init__(self, name: str, parent: QWidget | None = None, *, fixed: bool = False) -> None:
        super().__init__(parent)
        self.name = PlainLabel(name, self, role="text-2", elide=False)
        self.value = PlainLabel(parent=self, font=fonts.fixed_font if fixed else _tabular, wrap=True)
        self.gauge = Gauge(self)
        self.gauge.hide()
        self.name.setFixedWidth(metrics.icon_size(168))
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 8, 0, 8)
        self._row.setSpacing(12)
        self._row.addWidget(self.name, 0, Qt.AlignmentFlag.AlignTop)
        self._row.addWidget(self.value, 1)
        self._row.addWidget(self.gauge)

    def set(self, text: str, *, warn: bool = False) -> None:
        self.value.setText(text)
        self.value.set_role("warn" if warn else "text")
        self.setAccessibleName(f"{self.name.text()}: {text}")

    def add(self, widget: QWidget) -> None:
        """A control at the right end."""
        for label in (self.name, self.value):
            self._row.setAlignment(label, Qt.AlignmentFlag.AlignVCenter)
        self._row.addWidget(widget)


class Section(QWidget):
    """A head and its lines."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 12, 0, 8)
        self._column.setSpacing(0)
        head = PlainLabel(title, self, font=_medium, elide=False)
        self._column.addWidget(head)
        self._column.addSpacing(6)
        self._column.addWidget(Separator(self))
        self.setAccessibleName(title)

    def add(self, widget: QWidget) -> None:
        self._column.addWidget(widget)

    def clear(self) -> None:
        """Take all lines away, the head stays."""
        while self._column.count() > 3:
            item = self._column.takeAt(3)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()


class AsideRow(_Ruled):
    """A record that was set aside: why, where, when, and on demand what was received."""

    def __init__(self, entry: SetAside, when: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entry = entry
        self.raw: QPlainTextEdit | None = None
        self.button = PushButton(translate("accounts", "Show"), self, small=True)
        self.button.clicked.connect(self._on_show)
        self.button.setAccessibleName(
            translate("accounts", "Show what was received: {reason}").format(reason=entry.reason)
        )
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 8, 0, 8)
        self._column.setSpacing(6)
        row = QHBoxLayout()
        row.setSpacing(12)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(PlainLabel(entry.reason, self, wrap=True))
        words.addWidget(PlainLabel(f"{entry.where}, {when}", self, role="text-3", wrap=True))
        row.addLayout(words, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        self._column.addLayout(row)
        self.setAccessibleName(f"{entry.reason}, {entry.where}")

    def _on_show(self) -> None:
        if self.raw is None:
            self.raw = QPlainTextEdit(self)
            self.raw.setObjectName("field")
            self.raw.setReadOnly(True)
            self.raw.setPlainText(self._entry.raw or translate("accounts", "Nothing more was received."))
            self.raw.setAccessibleName(translate("accounts", "What was received"))
            self.raw.setTabChangesFocus(True)
            fonts.follow(self.raw, fonts.fixed_font)
            self.raw.setFixedHeight(metrics.list_line() * _RAW_LINES)
            self._column.addWidget(self.raw)
        else:
            self.raw.setVisible(self.raw.isHidden())
        shown = not self.raw.isHidden()
        self.button.setText(translate("accounts", "Hide") if shown else translate("accounts", "Show"))

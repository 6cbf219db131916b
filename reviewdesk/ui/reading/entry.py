"""One entry of the conversation as a widget: whose words, to whom, and what became of them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from reviewdesk.ui.reading.body import LongText, TextBody
from reviewdesk.ui.reading.painting import draw_icon, draw_text, frame_card, mirrored, text_width
from reviewdesk.ui.reading.parts import hfw_policy
from reviewdesk.ui.reading.timeline import Entry, Frame
from reviewdesk.ui.theme import fonts, metrics, theme
from reviewdesk.ui.widgets import PushButton, plain_tip, set_off

__all__ = ["EntryView"]

INDENT = 28
ICON = 18
COMMENT_LIMIT = 4_000
"""A conversation has many texts, and all of them are laid out at once."""
_PAD = (14, 10, 14, 12)
_TONES = {"quiet": "text-3", "warn": "warn", "fail": "fail"}


class _Head(QWidget):
    """Name, time, audience from the leading side; the delivery state at the other end."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._entry: Entry | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_entry(self, entry: Entry) -> None:
        self._entry = entry
        self.setAccessibleName(entry.spoken())
        self.setToolTip(plain_tip(entry.when_full))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, metrics.list_line())

    def minimumSizeHint(self) -> QSize:
        return QSize(60, metrics.list_line())

    def paintEvent(self, event: QPaintEvent) -> None:
        entry = self._entry
        if entry is None:
            return
        with QPainter(self) as painter:
            quiet, strong = fonts.list_font(400, tabular=True), fonts.list_font(600)
            gap, high = metrics.icon_size(8), self.height()
            right = self.width()
            if entry.state:
                edge = metrics.icon_size(15)
                wide = text_width(entry.state, quiet)
                left = max(self.width() // 2, right - wide)
                role = _TONES[entry.tone]
                draw_text(painter, self, QRect(left, 0, right - left, high), entry.state, quiet, role)
                right = left
                if entry.state_icon:
                    right -= edge + metrics.icon_size(4)
                    icon = QRect(right, (high - edge) // 2, edge, edge)
                    draw_icon(painter, self, icon, entry.state_icon, role)
                right -= gap
            rest = [(text, role) for text, role in self._rest(entry) if text]
            needed = sum(text_width(text, quiet) + gap for text, _ in rest)
            name = min(text_width(entry.who, strong), max(metrics.icon_size(60), right - needed))
            draw_text(painter, self, QRect(0, 0, min(name, right), high), entry.who, strong, "text")
            x = name + gap
            for text, role in rest:
                if x >= right:
                    break
                wide = min(text_width(text, quiet), right - x)
                draw_text(painter, self, QRect(x, 0, wide, high), text, quiet, role)
                x += wide + gap

    def _rest(self, entry: Entry) -> list[tuple[str, str]]:
        return [
            (entry.when, "text-3"),
            (entry.audience, "private" if entry.private else "text-3"),
            (entry.edited, "text-3"),
        ]


class EntryView(QWidget):
    """Shows an ``Entry``; ``act`` carries what a person wants done with it and the number of the outbox item,
    ``comment_act`` the same for a published reply, with the provider's id of it."""

    act = Signal(str, int)
    comment_act = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entry: Entry | None = None
        self._frame = Frame.PLAIN
        self.setSizePolicy(hfw_policy())
        self._head = _Head(self)
        self.text = LongText(self, limit=COMMENT_LIMIT)
        self.body = self.text.body
        self._why = TextBody(
            self, font=fonts.list_font, line=metrics.list_line, limit=600, role="text-2", leading=True
        )
        self._acts: dict[str, PushButton] = {}
        self._row = QWidget(self)
        row = QHBoxLayout(self._row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        for name, words in self._words().items():
            button = PushButton(words, self._row, kind="link", small=True)
            button.setObjectName(name)
            button.clicked.connect(self._on_act)
            row.addWidget(button)
            self._acts[name] = button
        row.addStretch(1)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(0)
        self._column.addWidget(self._head)
        self._column.addSpacing(1)
        self._column.addWidget(self.text)
        self._column.addWidget(self._why)
        self._column.addWidget(self._row)
        self._why.hide()
        self._row.hide()
        theme().changed.connect(self._indent)

    def _words(self) -> dict[str, str]:
        return {
            "edit": self.tr("Edit reply"),
            "undo": self.tr("Back to draft"),
            "hold": self.tr("Hold"),
            "retry": self.tr("Retry"),
            "discard": self.tr("Discard"),
        }

    def set_edit_reason(self, reason: str | None) -> None:
        """Why a published reply can't be edited, or None when it can."""
        entry = self._entry
        if entry is not None and not entry.comment_id and reason is None:
            reason = self.tr("The source gives no number to this reply, so it can't be named.")
        set_off(self._acts["edit"], reason)

    def entry(self) -> Entry | None:
        return self._entry

    def set_entry(self, entry: Entry) -> None:
        """Show ``entry``; what stays the same is not touched, so a selection in its text survives a refresh."""
        if entry == self._entry:
            return
        self._entry = entry
        self._frame = entry.frame
        self._indent()
        self._head.set_entry(entry)
        self.text.set_text(entry.text)
        self.body.setAccessibleName(self.tr("{who} wrote").format(who=entry.who))
        self.text.setVisible(bool(entry.text))
        self._why.set_text(entry.detail)
        self._why.setVisible(bool(entry.detail))
        for name, button in self._acts.items():
            button.setVisible(name in entry.acts)
        self._row.setVisible(bool(entry.acts))
        self.setAccessibleName(entry.spoken())
        self.updateGeometry()
        self.update()

    def _indent(self) -> None:
        left, top, right, bottom = _PAD if self._frame != Frame.PLAIN else (0, 0, 0, 0)
        left += metrics.icon_size(INDENT)
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            left, right = right, left  # margins of a layout are not mirrored
        self._column.setContentsMargins(left, top, right, bottom)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._indent()

    def button(self, name: str) -> PushButton:
        """The button of an act. Raises KeyError for one that does not exist."""
        return self._acts[name]

    def head_text(self) -> str:
        return self._entry.spoken() if self._entry is not None else ""

    def _on_act(self) -> None:
        entry = self._entry
        if entry is None:
            return
        if entry.outbox_id:
            self.act.emit(self.sender().objectName(), entry.outbox_id)
        elif entry.ours:
            self.comment_act.emit(self.sender().objectName(), entry.comment_id)

    def paintEvent(self, event: QPaintEvent) -> None:
        entry = self._entry
        if entry is None:
            return
        with QPainter(self) as painter:
            colour = theme().colour
            x = y = 0
            if self._frame == Frame.PRIVATE:
                frame_card(painter, self, self.rect(), colour("private-bg"), colour("private-line"))
            elif self._frame == Frame.WAITING:
                back, line = ("private-bg", "private-line") if entry.private else ("sunken", "field")
                frame_card(painter, self, self.rect(), colour(back), colour(line), dashed=True)
            if self._frame != Frame.PLAIN:
                x, y = _PAD[0], _PAD[1]
            edge = metrics.icon_size(ICON)
            line_height = metrics.list_line()
            role = "private" if entry.private else "public" if entry.ours else "text-2"
            draw_icon(painter, self, QRect(x, y + (line_height - edge) // 2, edge, edge), entry.icon, role)
            if self._frame == Frame.PLAIN:
                top = y + line_height + metrics.icon_size(4)
                rule = mirrored(self, QRect(x + edge // 2 - 1, top, 2, max(0, self.height() - top - 2)))
                painter.fillRect(rule, colour("public-line" if entry.ours else "line"))

"""The toast: one line about one's own action, with a way back. A child of the window, so it works on Wayland."""

from __future__ import annotations

import math

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSpacerItem, QVBoxLayout, QWidget

from reviewdesk.domain.text import cap as capped
from reviewdesk.ui.theme import fonts, metrics, theme
from reviewdesk.ui.widgets.buttons import PushButton
from reviewdesk.ui.widgets.label import PlainLabel
from reviewdesk.ui.widgets.shadow import MARGIN, draw_shadow
from reviewdesk.ui.widgets.speech import announce

__all__ = ["Toast"]


_MOST = 600


class _Ring(QWidget):
    """The countdown: a figure in a ring that empties."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.left, self.whole = 0.0, 1.0

    def sizeHint(self) -> QSize:
        edge = metrics.icon_size(22)
        return QSize(edge, edge)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            edge = metrics.icon_size(22)
            box = QRectF((self.width() - edge) / 2, (self.height() - edge) / 2, edge, edge).adjusted(
                2, 2, -2, -2
            )
            ink = theme().colour("on-toast")
            faint = theme().colour("on-toast")
            faint.setAlphaF(0.3)
            painter.setPen(QPen(faint, 2))
            painter.drawEllipse(box)
            painter.setPen(QPen(ink, 2))
            share = max(0.0, min(1.0, self.left / self.whole if self.whole > 0 else 0))
            painter.drawArc(box, 90 * 16, round(360 * 16 * share))
            font = fonts.mark_font()
            measure = fonts.metrics_of(font)
            text = str(math.ceil(self.left))
            painter.setFont(font)
            x = (self.width() - measure.horizontalAdvance(text)) / 2
            y = (self.height() - measure.height()) / 2 + measure.ascent()
            painter.drawText(QRectF(x, y, 1, 1).topLeft(), text)


class Toast(QWidget):
    """One at a time. ``show_message`` replaces what stood there; ``action`` carries the id of the pressed button.

    It stays under the pointer and while it has the focus; a countdown runs on all the same, because what it
    counts happens then. ``ended`` says that it went by itself.
    """

    action = Signal(str)
    ended = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._around = parent
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._ring = _Ring(self)
        self._first = PlainLabel(parent=self, role="on-toast", font=_medium)
        self._second = PlainLabel(parent=self, role="on-toast")
        self._buttons: list[PushButton] = []
        self._clock = QElapsedTimer()
        self._countdown_s: float | None = None
        self._stay_s = 6.0
        self._template = ""
        self._tick = QTimer(self)
        self._tick.setInterval(200)
        self._tick.timeout.connect(self._on_tick)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(self._first)
        words.addWidget(self._second)
        words.addStretch(1)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(14 + MARGIN, MARGIN, 8 + MARGIN, MARGIN)
        self._row.setSpacing(0)
        self._row.addWidget(self._ring)
        self._gap = QSpacerItem(12, 0)
        self._row.addSpacerItem(self._gap)
        self._row.addLayout(words)
        self._row.addSpacing(10)
        self._place = QRect()
        self.hide()

    # --- showing ---------------------------------------------------------------------------------

    def show_message(
        self,
        text: str,
        *,
        second: str = "",
        buttons: tuple[tuple[str, str, str], ...] = (),
        countdown_s: float | None = None,
        stay_s: float = 6.0,
    ) -> None:
        """Show one sentence. ``{seconds}`` in it counts down with ``countdown_s``.

        ``buttons``: (id, words, key cap). Announced once, with the seconds it starts with.
        """
        # Whatever it is about may have endless words; a toast is one sentence, and is read out.
        text, second = capped(text, _MOST), capped(second, _MOST)
        self._template = text
        self._countdown_s = countdown_s
        self._stay_s = stay_s
        self._clock.start()
        self._ring.setVisible(countdown_s is not None)
        self._ring.whole = countdown_s or 1.0
        self._gap.changeSize(12 if countdown_s is not None else 0, 0)
        self._second.setText(second)
        self._second.setVisible(bool(second))
        for old in self._buttons:
            self._row.removeWidget(old)
            old.deleteLater()
        self._buttons = []
        for name, words, cap in buttons:
            button = PushButton(words, self, kind="toast", cap=cap)
            button.setObjectName(name)
            button.clicked.connect(self._on_button)
            self._row.addWidget(button)
            # At once: a layout measures only what is shown, and a toast that replaces another is shown already.
            button.show()
            self._buttons.append(button)
        self._tell()
        self.setAccessibleName(self._first.text() + (f". {second}" if second else ""))
        self.setFixedHeight(metrics.toast_height(2 if second else 1) + 2 * MARGIN)
        self._row.invalidate()
        # In its place before it appears: else it might pass under the pointer and think that somebody holds it.
        self._settle()
        self.show()
        self._around.installEventFilter(self)
        self.raise_()
        self._settle()
        self._tick.start()
        announce(self, self.accessibleName())

    def dismiss(self) -> None:
        """Take it away without saying anything."""
        self._tick.stop()
        self.hide()
        self._around.removeEventFilter(self)

    def text(self) -> str:
        return "" if self.isHidden() else self._first.text()

    def button(self, name: str) -> PushButton | None:
        return next((b for b in self._buttons if b.objectName() == name), None)

    def set_place(self, area: QRect) -> None:
        """The rectangle (in the parent's coordinates) at whose lower edge it stands, 16 px above it, centred."""
        self._place = area
        self._settle()

    # --- inside ----------------------------------------------------------------------------------

    def left_s(self) -> float:
        """Seconds left of the countdown."""
        if self._countdown_s is None:
            return 0.0
        return max(0.0, self._countdown_s - self._clock.elapsed() / 1000)

    def _tell(self) -> None:
        seconds = math.ceil(self.left_s())
        self._ring.left = self.left_s()
        self._ring.update()
        self._first.setText(self._template.replace("{seconds}", str(seconds)))

    def _on_tick(self) -> None:
        if self._countdown_s is not None:
            self._tell()
            if self.left_s() <= 0:
                self._go()
            return
        held = self.underMouse() or any(b.hasFocus() for b in self._buttons)
        if not held and self._clock.elapsed() / 1000 >= self._stay_s:
            self._go()

    def _go(self) -> None:
        self.dismiss()
        self.ended.emit()

    def _on_button(self) -> None:
        name = self.sender().objectName()
        self.dismiss()
        self.action.emit(name)

    def _settle(self) -> None:
        parent = self.parentWidget()
        if parent is None:
            return
        area = self._place if self._place.isValid() else parent.rect()
        room = max(160, area.width() - 16) + 2 * MARGIN
        wide = min(self._row.sizeHint().width(), room)
        x = area.left() + (area.width() - wide) // 2
        y = area.bottom() + 1 - 16 - self.height() + MARGIN
        self.setGeometry(x, y, wide, self.height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._settle()
        return False

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        if self._countdown_s is None:
            self._clock.restart()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            body = self.rect().adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
            draw_shadow(painter, body, 10, self.devicePixelRatioF())
            painter.setPen(QPen(theme().colour("toast-line"), 1))
            painter.setBrush(theme().colour("toast"))
            painter.drawRoundedRect(QRectF(body).adjusted(0.5, 0.5, -0.5, -0.5), 10, 10)


def _medium() -> QFont:
    return fonts.list_font(500)

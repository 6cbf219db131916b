"""The row of reply buttons below a review while no composer is open."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from reviewdesk.domain.capabilities import Available
from reviewdesk.domain.models import Target
from reviewdesk.ui.reading.column import column_of
from reviewdesk.ui.theme import metrics, theme
from reviewdesk.ui.widgets import PlainLabel, PushButton, set_off

__all__ = ["ReplyBar"]


class ReplyBar(QWidget):
    """``wanted`` carries the Target. Hidden while a reply is on its way: then the timeline has the buttons."""

    wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("read")
        self.public = PushButton(
            self.tr("Reply publicly"), self, kind="primary", icon="globe-simple", cap="R"
        )
        self.private = PushButton(self.tr("Private message"), self, icon="lock-key-fill", cap="Shift R")
        self.public.clicked.connect(self._on_public)
        self.private.clicked.connect(self._on_private)
        self._row = QHBoxLayout(self)
        self._row.setSpacing(8)
        self._row.addWidget(self.public)
        self._row.addWidget(self.private)
        self.kept = PlainLabel(self.tr("Your draft is kept"), self, role="text-2", elide=False)
        self._row.addSpacing(4)
        self._row.addWidget(self.kept)
        self._row.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()

    def set_choices(
        self,
        public: Available,
        private: Available,
        *,
        provider: str,
        public_live: bool,
        private_live: bool,
        draft: bool,
    ) -> None:
        """What can be done with this review; a source without replies opens the composer to copy from. ``draft``: a text
        to it was begun and waits."""
        self.kept.setVisible(draft)
        if public.available:
            self.public.setText(self.tr("Reply publicly"))
            self.public.set_kind("primary")
            self.public.set_icon_name("globe-simple")
        else:
            self.public.setText(self.tr("Answer at {provider}").format(provider=provider))
            self.public.set_kind("plain")
            self.public.set_icon_name("arrow-square-out")
        self.public.setAccessibleName(self.public.text())
        self.public.setToolTip(public.reason or "")
        self.public.setVisible(not public_live)
        set_off(self.private, None if private.available else private.reason)
        self.private.setVisible(not private_live)
        self.setVisible(not (public_live or private_live))
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(300, metrics.control_height() + 21)

    def _fit(self) -> None:
        left, wide = column_of(self.width())
        self._row.setContentsMargins(left, 11, max(0, self.width() - left - wide), 10)
        self.private.set_words(wide >= metrics.breakpoint_px(330))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme().colour("surface"))
            painter.fillRect(0, 0, self.width(), 1, theme().colour("line"))

    def _on_public(self) -> None:
        self.wanted.emit(Target.PUBLIC)

    def _on_private(self) -> None:
        self.wanted.emit(Target.PRIVATE)

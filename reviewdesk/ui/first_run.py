"""What an empty profile shows: how to add the first account, and sample reviews to look around in."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from reviewdesk.ui.theme import fonts, metrics
from reviewdesk.ui.widgets import PlainLabel, PushButton
from reviewdesk.ui.widgets.pictogram import Pictogram

__all__ = ["FirstRun"]

_WIDTH = 676


def _card_title() -> QFont:
    return fonts.body_font(600)


class FirstRun(QWidget):
    """``add_wanted`` opens the wizard, ``sample_wanted`` the practice window for whoever looks around first."""

    add_wanted = Signal()
    sample_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.add_button = PushButton(self.tr("Add an account"), kind="primary")
        self.sample_button = PushButton(self.tr("Open sample reviews"))
        self.add_button.clicked.connect(self.add_wanted)
        self.sample_button.clicked.connect(self.sample_wanted)
        self._column = QWidget(self)
        column = QVBoxLayout(self._column)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(
            PlainLabel(self.tr("Welcome to Reviewdesk"), self._column, font=fonts.title_font, wrap=True)
        )
        column.addSpacing(6)
        column.addWidget(
            PlainLabel(
                self.tr(
                    "All your customer reviews in one place, read and answered from this computer. "
                    "Everything is kept here and works offline."
                ),
                self._column,
                role="text-2",
                font=fonts.body_font,
                wrap=True,
            )
        )
        column.addSpacing(24)
        self._cards = QHBoxLayout()
        self._cards.setSpacing(16)
        self._cards.addWidget(
            self._card(
                "storefront",
                self.tr("Add your first account"),
                self.tr(
                    "Trustpilot, Sitejabber, Guaranteed Reviews, Retargeting or Verified Reviews. "
                    "Takes about two minutes."
                ),
                self.add_button,
            )
        )
        self._cards.addWidget(
            self._card(
                "compass",
                self.tr("Look around first"),
                self.tr(
                    "Invented reviews in six languages from a practice shop. Nothing is sent, nothing stays behind."
                ),
                self.sample_button,
            )
        )
        column.addLayout(self._cards)
        column.addSpacing(20)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(Pictogram("lock-key", 16, "text-2", parent=self._column), 0, Qt.AlignmentFlag.AlignTop)
        foot.addWidget(
            PlainLabel(
                self.tr(
                    "Secrets go to the keychain of this computer. Reviewdesk only talks to the sources you add."
                ),
                self._column,
                role="text-2",
                wrap=True,
            ),
            1,
        )
        column.addLayout(foot)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(self._column)
        middle.addStretch(1)
        whole = QVBoxLayout(self)
        whole.addStretch(5)
        whole.addLayout(middle)
        whole.addStretch(6)
        self.setFocusProxy(self.add_button)

    def _card(self, icon: str, title: str, text: str, button: PushButton) -> QFrame:
        card = QFrame(self._column)
        card.setObjectName("card")
        card.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        column = QVBoxLayout(card)
        column.setContentsMargins(22, 22, 22, 20)
        column.setSpacing(0)
        column.addWidget(Pictogram(icon, 24, "text-2", parent=card), 0, Qt.AlignmentFlag.AlignLeft)
        column.addSpacing(14)
        column.addWidget(PlainLabel(title, card, font=_card_title, wrap=True))
        column.addSpacing(4)
        column.addWidget(PlainLabel(text, card, role="text-2", wrap=True))
        column.addStretch(1)
        column.addSpacing(14)
        column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        return card

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = min(round(_WIDTH * max(1.0, metrics.icon_size(100) / 100)), max(240, self.width() - 48))
        self._column.setFixedWidth(wide)
        self._cards.setDirection(
            QBoxLayout.Direction.LeftToRight
            if wide >= metrics.breakpoint_px(520)
            else QBoxLayout.Direction.TopToBottom
        )

    def minimumSizeHint(self) -> QSize:
        return QSize(280, 300)

"""The safety line: where a text goes, who it is from, who can read it. In words, icon, colour and background."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QCoreApplication, QSize, Qt, Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QWidget

from reviewdesk.domain.capabilities import Available, ProviderSpec
from reviewdesk.domain.models import ActionKind, Target
from reviewdesk.domain.text import isolate, one_line, reveal
from reviewdesk.ui.theme import fonts, metrics, theme
from reviewdesk.ui.widgets import PlainLabel, ToolButton
from reviewdesk.ui.widgets.pictogram import Pictogram

__all__ = ["Destination", "SafetyLine"]

_tr = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a text would go. ``look``: public, private or none (a source without replies)."""

    look: str
    words: str
    audience: str
    icon: str
    kind: ActionKind
    reason: str = ""
    """Why it can't be sent from here; empty when it can."""
    comment_id: str = ""
    """The published reply that is being changed."""

    def spoken(self) -> str:
        return f"{self.words}. {self.audience}" if self.audience else self.words

    def editing(self, comment_id: str) -> Destination:
        """The same place, but a reply that stands there is changed."""
        if self.look != "public" or not comment_id:
            return self
        words = _tr("Composer", "Changing the reply: {words}").format(words=self.words)
        return replace(self, words=words, kind=ActionKind.EDIT_REPLY, comment_id=comment_id)

    @classmethod
    def of(
        cls,
        target: Target,
        *,
        spec: ProviderSpec | None,
        account: str,
        author: str,
        reply: Available,
        message: Available,
        resolution: Available,
        offer: bool = False,
    ) -> Destination:
        """The destination of a text for this target, by what the account can do. ``offer``: a private text is to be the
        offer of a resolution, where the account has that."""
        provider = spec.title if spec is not None else _tr("Composer", "the provider")
        if target is Target.PRIVATE:
            who = _fenced(one_line(reveal(author), 80)) or _tr("Composer", "the customer")
            offers = resolution.available and (offer or not message.available)
            can, kind = (resolution, ActionKind.RESOLUTION) if offers else (message, ActionKind.MESSAGE)
            words = _tr("Composer", "Private message to {name}").format(name=who)
            if kind is ActionKind.RESOLUTION:
                words = _tr("Composer", "Private resolution message to {name}").format(name=who)
            return cls(
                "private",
                words,
                _tr("Composer", "Only the customer and your team can read this"),
                "lock-key-fill",
                kind,
                ""
                if can.available
                else can.reason or _tr("Composer", "This account has no private messages."),
            )
        if not reply.available:
            return cls(
                "none",
                _tr("Composer", "Answer at {provider}").format(provider=provider),
                reply.reason or "",
                "arrow-square-out",
                ActionKind.REPLY,
                reply.reason or _tr("Composer", "{provider} takes no replies.").format(provider=provider),
            )
        return cls(
            "public",
            _tr("Composer", "Public reply on {provider} as {account}").format(
                provider=provider, account=_fenced(account)
            ),
            _tr("Composer", "Everyone can read this"),
            "globe-simple",
            ActionKind.REPLY,
        )


def _fenced(text: str) -> str:
    """Isolated where its direction could move the words around it."""
    return text if text.isascii() else isolate(text)


class SafetyLine(QWidget):
    """38 px at the top of the composer, a line more where it is narrow; ``closed`` when its cross was pressed."""

    closed = Signal()
    detached = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("safety")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._icon = Pictogram("globe-simple", 18, "public", parent=self)
        # Wrapped and never cut: whoever reads half of it may take private for public.
        self._words = PlainLabel(parent=self, font=_strong, wrap=True)
        self._audience = PlainLabel(parent=self, role="text-2", wrap=True)
        self._rows = 1
        self.close_button = ToolButton(
            "x", self.tr("Close, the draft stays (Esc)"), self, small=True, icon_px=17
        )
        self.close_button.clicked.connect(self.closed)
        self.detach_button = ToolButton(
            "arrows-out-simple", self.tr("Write in a window of its own"), self, small=True, icon_px=16
        )
        self.detach_button.clicked.connect(self.detached)
        row = QHBoxLayout(self)
        # Spacings are mirrored in a right-to-left window, margins are not.
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addSpacing(15)
        row.addWidget(self._icon)
        self._said = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._said.setSpacing(8)
        self._said.addWidget(self._words)
        self._said.addWidget(self._audience)
        row.addLayout(self._said)
        row.addStretch(1)
        row.addWidget(self.detach_button)
        row.addWidget(self.close_button)
        row.addSpacing(7)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._fit)

    def set_destination(self, destination: Destination) -> None:
        ink = {"public": "public", "private": "on-private", "none": "text"}[destination.look]
        self._icon.set(destination.icon, "text-2" if destination.look == "none" else ink)
        self._words.setText(destination.words)
        self._words.set_role(ink)
        self._audience.setText(destination.audience)
        self._audience.set_role("on-private" if destination.look == "private" else "text-2")
        for button in (self.close_button, self.detach_button):
            button.set_icon_role("on-private" if destination.look == "private" else "")
        self.setProperty("target", destination.look)
        self.style().unpolish(self)
        self.style().polish(self)
        self.setAccessibleName(destination.spoken())
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Who can read it goes below the words where both find no room beside each other; each takes the lines it needs."""
        buttons = [b for b in (self.detach_button, self.close_button) if not b.isHidden()]
        taken = 15 + 7 + 4 * 8 + self._icon.sizeHint().width() + sum(b.sizeHint().width() for b in buttons)
        room = max(60, self.width() - taken)
        audience = bool(self._audience.text())
        self._audience.setVisible(audience)
        wanted, second = _natural(self._words), _natural(self._audience)
        two = audience and wanted + 8 + second > room
        lines = 0
        for label, natural in ((self._words, wanted), (self._audience, second)):
            label.setFixedWidth(min(natural, room))
            label.setFixedHeight(label.heightForWidth(label.width()))
            if label is self._words or two:
                lines += max(1, round(label.height() / metrics.list_line()))
        if two is not self.is_two_lines():
            way = QBoxLayout.Direction.TopToBottom if two else QBoxLayout.Direction.LeftToRight
            self._said.setDirection(way)
            self._said.setSpacing(0 if two else 8)
        if lines != self._rows:
            self._rows = lines
            self.updateGeometry()

    def is_two_lines(self) -> bool:
        return self._said.direction() == QBoxLayout.Direction.TopToBottom

    def words(self) -> str:
        return self._words.text()

    def audience(self) -> str:
        return self._audience.text()

    def sizeHint(self) -> QSize:
        return QSize(300, metrics.note_height() + (self._rows - 1) * metrics.list_line())

    def hasHeightForWidth(self) -> bool:
        return False  # its lines are counted in ``_fit``

    def minimumSizeHint(self) -> QSize:
        # It wraps: what it takes now must not keep its window from becoming narrower.
        return QSize(120, self.sizeHint().height())


def _natural(label: PlainLabel) -> int:
    """The width of its words in one line."""
    return fonts.width_of(label.font(), label.text()) + 2


def _strong() -> QFont:
    return fonts.list_font(600)

"""Page 1: where reviews come from, one card a provider, told apart by what it can do."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QSizePolicy, QVBoxLayout, QWidget

from reviewdesk.domain.capabilities import Capability, ProviderSpec
from reviewdesk.ui.theme import fonts, icons, metrics, theme
from reviewdesk.ui.widgets import plain_tip

__all__ = ["Cards", "abilities"]

translate = QCoreApplication.translate
_COLUMNS = (0.48, 0.575, 0.725, 0.87)
"""Where the four columns begin, as shares of the card's width (07a, with more room for the words)."""


def abilities(spec: ProviderSpec) -> tuple[tuple[bool, str], ...]:
    """(yes, words) for reading, public replies, private messages and invitations, with the best credentials."""
    can = frozenset().union(*(level.granted for level in spec.levels))
    yes, no = translate("wizard", "yes"), translate("wizard", "no")
    replies = Capability.REPLY in can
    elsewhere = not replies and any(
        "back office" in level.denied.get(Capability.REPLY, "") for level in spec.levels
    )
    invite = [
        words
        for capability, words in (
            (Capability.INVITE_LINK, translate("wizard", "links")),
            (Capability.INVITE_EMAIL, translate("wizard", "mail")),
        )
        if capability in can
    ]
    private = bool(can & {Capability.PRIVATE_MESSAGE, Capability.RESOLUTION})
    return (
        (Capability.READ in can, yes if Capability.READ in can else no),
        (replies, yes if replies else translate("wizard", "at the source") if elsewhere else no),
        (private, yes if private else no),
        (bool(invite), ", ".join(invite) or no),
    )


class _Heads(QWidget):
    """The columns' names."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(400, metrics.list_line() + 8)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setFont(fonts.list_font())
            painter.setPen(theme().colour("text-2"))
            for place, words in zip(_COLUMNS, _titles(), strict=True):
                box = QRect(round(self.width() * place), 0, round(self.width() * 0.15), self.height())
                box = _mirrored(self, box)
                painter.drawText(box, _flags(self), words)


def _titles() -> tuple[str, str, str, str]:
    return (
        translate("wizard", "Read"),
        translate("wizard", "Public reply"),
        translate("wizard", "Private message"),
        translate("wizard", "Invite"),
    )


def _flags(widget: QWidget) -> int:
    side = (
        Qt.AlignmentFlag.AlignRight
        if widget.layoutDirection() == Qt.LayoutDirection.RightToLeft
        else Qt.AlignmentFlag.AlignLeft
    )
    return int(side | Qt.AlignmentFlag.AlignVCenter)


def _mirrored(widget: QWidget, box: QRect) -> QRect:
    if widget.layoutDirection() == Qt.LayoutDirection.RightToLeft:
        box.moveRight(widget.width() - 1 - box.left())
    return box


class _Card(QAbstractButton):
    """A provider. The chosen one has the selection's fill and a frame; arrows go from card to card."""

    opened = Signal()

    def __init__(self, spec: ProviderSpec, parent: QWidget) -> None:
        super().__init__(parent)
        self.spec = spec
        self._abilities = abilities(spec)
        self.setCheckable(True)
        self.setText(spec.title)
        said = ", ".join(f"{t}: {w}" for t, (_, w) in zip(_titles(), self._abilities, strict=True))
        self.setAccessibleName(spec.title)
        self.setAccessibleDescription(f"{spec.summary} {said}")
        # Its frame is the sign of focus; a ring round it would be the second one.
        self.setProperty("ring", False)
        self.setToolTip(plain_tip(spec.summary))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(600, metrics.body_line() + metrics.list_line() + 24)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        super().mouseDoubleClickEvent(event)
        self.opened.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            colour = theme().colour
            chosen = self.isChecked()
            focus = self.hasFocus()
            frame = "focus" if focus else "accent" if chosen else "line"
            painter.setPen(QPen(colour(frame), 2 if focus else 1))
            painter.setBrush(colour("select" if chosen else "raised"))
            inset = 1.0 if focus else 0.5
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 8, 8)
            if self.underMouse() and not chosen:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colour("hover"))
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 7, 7)
            self._tile(painter)
            ink = "on-select" if chosen else "text"
            # On the contrast theme's solid selection everything is drawn in its own ink (DESIGN.md 2).
            solid = chosen and theme().name == "contrast"
            second = ink if solid else "text-2"
            left = 52 + metrics.icon_size(15)
            width = round(self.width() * _COLUMNS[0]) - left - 8
            first = QRect(left, (self.height() - metrics.body_line() - metrics.list_line()) // 2, width,
                          metrics.body_line())  # fmt: skip
            self._text(painter, first, self.spec.title, fonts.body_font(500), ink)
            below = QRect(left, first.bottom() + 1, width, metrics.list_line())
            self._text(painter, below, self.spec.summary, fonts.list_font(), second)
            edge = metrics.icon_size(14)
            for place, (yes, words) in zip(_COLUMNS, self._abilities, strict=True):
                x = round(self.width() * place)
                mark = _mirrored(self, QRect(x, (self.height() - edge) // 2, edge, edge))
                icons.paint(painter, mark, "check" if yes else "minus", colour(second))
                box = QRect(x + edge + 6, 0, round(self.width() * 0.15) - edge, self.height())
                self._text(painter, box, words, fonts.list_font(), ink if yes or solid else "text-3")

    def _tile(self, painter: QPainter) -> None:
        edge = metrics.icon_size(36)
        box = _mirrored(self, QRect(15, (self.height() - edge) // 2, edge, edge))
        painter.setPen(QPen(theme().colour("line"), 1))
        painter.setBrush(theme().colour("sunken"))
        painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setFont(fonts.list_font(600))
        painter.setPen(theme().colour("text-2"))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), self.spec.code)

    def _text(self, painter: QPainter, box: QRect, text: str, font: object, role: str) -> None:
        painter.setFont(font)  # type: ignore[arg-type]
        painter.setPen(theme().colour(role))
        measure = fonts.metrics_of(font)  # type: ignore[arg-type]
        shown = measure.elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(_mirrored(self, box), _flags(self), shown)


class Cards(QWidget):
    """``chosen`` when another card is; ``opened`` when one is double-clicked."""

    chosen = Signal(str)
    opened = Signal()

    def __init__(self, specs: Sequence[ProviderSpec], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self._cards: dict[str, _Card] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(_Heads(self))
        for spec in specs:
            card = _Card(spec, self)
            card.opened.connect(self.opened)
            self._group.addButton(card)
            self._cards[spec.id] = card
            column.addWidget(card)
        column.addStretch(1)
        self._group.buttonToggled.connect(self._on_toggled)

    def provider(self) -> str:
        """The chosen one, or nothing."""
        card = self._group.checkedButton()
        return card.spec.id if isinstance(card, _Card) else ""

    def choose(self, provider: str) -> None:
        """Raises KeyError for one that is not shown."""
        self._cards[provider].setChecked(True)

    def card(self, provider: str) -> QAbstractButton:
        return self._cards[provider]

    def focus(self) -> None:
        card = self._group.checkedButton()
        if card is not None:
            card.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_toggled(self, button: QAbstractButton, checked: bool) -> None:
        if checked and isinstance(button, _Card):
            self.chosen.emit(button.spec.id)

"""What happens: one card for each way, the chosen one filled. Writing to a customer has the colour of private words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QSizePolicy, QVBoxLayout, QWidget

from reviewdesk.domain.invitations.model import InviteForm, InviteWay
from reviewdesk.services.invitations import Offer
from reviewdesk.ui.invitations.words import card_words, way_icon
from reviewdesk.ui.theme import fonts, icons, metrics, theme
from reviewdesk.ui.widgets import plain_tip

__all__ = ["WayCards"]


# The two that stand for most of what is done first; what is for anybody last.
_ORDER = (
    InviteWay.LINK,
    InviteWay.EMAIL,
    InviteWay.ORDER,
    InviteWay.OFFLINE,
    InviteWay.EDIT_LINK,
    InviteWay.WRITE_LINK,
)


class _Card(QAbstractButton):
    def __init__(self, offer: Offer, parent: QWidget) -> None:
        super().__init__(parent)
        self.offer = offer
        self.line = ""
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        # It draws its own sign of focus: one line, not the common ring around it as well.
        self.setProperty("ring", False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def tell(self, source: str, who: str, listed: bool) -> None:
        title, line = card_words(self.offer.form, source, who, listed=listed)
        reason = self.offer.available.reason
        self.line = line if self.offer.available.available else reason or ""
        self.setText(title)
        self.setAccessibleName(title)
        self.setAccessibleDescription(f"{self.line} {self.offer.form.note}".strip())
        self.setToolTip(plain_tip(self.offer.form.note or self.line))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(300, 2 * metrics.list_line() + 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            colour = theme().colour
            on, able = self.isChecked(), self.offer.available.available
            sends = self.offer.form.way.sends
            strong = "private-band" if sends else "accent"
            fill = (
                ("private-bg" if sends else "select")
                if on
                else "hover"
                if self.underMouse() and able
                else "surface"
            )
            painter.setPen(QPen(colour(strong if on else "line"), 1))
            painter.setBrush(colour(fill))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
            mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft

            def place(box: QRect) -> QRect:
                if mirrored:
                    box.moveLeft(self.width() - box.right() - 1)
                return box

            line = metrics.list_line()
            dot = metrics.icon_size(16)
            ring = place(QRect(14, 9 + (line - dot) // 2 + 1, dot, dot))
            painter.setPen(QPen(colour(strong if on else "field" if able else "line"), 5 if on else 1))
            painter.setBrush(colour("surface"))
            inset = 2.5 if on else 0.5
            painter.drawEllipse(QRectF(ring).adjusted(inset, inset, -inset, -inset))
            edge = metrics.icon_size(16)
            icon = place(QRect(self.width() - 14 - edge, (self.height() - edge) // 2, edge, edge))
            icons.paint(painter, icon, way_icon(self.offer.form.way), colour(strong if on else "text-3"))
            room = self.width() - 40 - 40
            for text, font, role, y in (
                (self.text(), fonts.list_font(500), "text" if able else "text-off", 9),
                (self.line, fonts.list_font(), "text-2", 9 + line),
            ):
                measure = fonts.metrics_of(font)
                shown = measure.elidedText(text, Qt.TextElideMode.ElideRight, room)
                box = place(QRect(40, y, room, line))
                x = box.right() + 1 - measure.horizontalAdvance(shown) if mirrored else box.left()
                painter.setFont(font)
                painter.setPen(colour(role))
                painter.drawText(x, y + (line - measure.height()) // 2 + measure.ascent(), shown)
            if self.hasFocus():
                painter.setPen(QPen(colour("focus"), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        group = self.group()
        if step is not None and group is not None:
            cards = group.buttons()
            wanted = cards[max(0, min(len(cards) - 1, cards.index(self) + step))]
            wanted.setFocus(Qt.FocusReason.OtherFocusReason)
            wanted.click()
            return
        super().keyPressEvent(event)


class WayCards(QWidget):
    """``chosen`` carries the form of the way, ``refused`` why a way can't be chosen."""

    chosen = Signal(object)
    refused = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._group = QButtonGroup(self)
        self._cards: list[_Card] = []
        self._form: InviteForm | None = None

    def form(self) -> InviteForm | None:
        return self._form

    def cards(self) -> Sequence[_Card]:
        return tuple(self._cards)

    def set_offers(self, offers: Sequence[Offer]) -> None:
        """Show these ways; the way that was chosen stays chosen where it is offered, else the first that can be done.

        The first is a link wherever there is one: what writes to a customer is never chosen by itself before it.
        """
        for card in self._cards:
            self._group.removeButton(card)
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._cards = []
        for offer in sorted(offers, key=lambda o: _ORDER.index(o.form.way)):
            card = _Card(offer, self)
            card.setObjectName(offer.form.id)
            card.clicked.connect(self._on_clicked)
            self._group.addButton(card)
            self._column.addWidget(card)
            self._cards.append(card)
        able = [c for c in self._cards if c.offer.available.available]
        able.sort(key=lambda c: c.offer.form.way.sends)
        same = [c for c in able if self._form is not None and c.offer.form.way is self._form.way]
        wanted = next(iter(same or able), None)
        if wanted is not None:
            wanted.setChecked(True)
        self._form = wanted.offer.form if wanted is not None else None

    def choose(self, form_id: str) -> bool:
        """Choose a way by its form's id; false when it can't be done here."""
        card = next((c for c in self._cards if c.offer.form.id == form_id), None)
        if card is None or not card.offer.available.available:
            return False
        card.click()
        return True

    def tell(self, source: str, who: str, *, listed: bool = False) -> None:
        """Name the source and the customer on the cards; ``listed``: they are about a list."""
        for card in self._cards:
            card.tell(source, who, listed)

    def _on_clicked(self) -> None:
        name = self.sender().objectName()
        card = next(c for c in self._cards if c.objectName() == name)
        if not card.offer.available.available:
            before = next(
                (c for c in self._cards if self._form is not None and c.offer.form.id == self._form.id), None
            )
            if before is not None:
                before.setChecked(True)
            self.refused.emit(card.offer.available.reason or "")
            return
        if self._form != card.offer.form:
            self._form = card.offer.form
            self.chosen.emit(card.offer.form)

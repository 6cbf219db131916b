"""Beside the review: what else is known of the person or the order, each with its reason, and the product's figures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QRect, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from reviewdesk.domain.models import ReviewDetail
from reviewdesk.domain.text import one_line, reveal
from reviewdesk.ui.reading.painting import draw_text, frame_card, mirrored, text_width
from reviewdesk.ui.reading.parts import SectionHeading, hfw_policy
from reviewdesk.ui.reading.words import AccountLabel, number_words, score_words, short_when
from reviewdesk.ui.theme import fonts, metrics, theme
from reviewdesk.ui.widgets import PlainLabel, ToolButton, plain_tip

if TYPE_CHECKING:
    from reviewdesk.domain.invitations.model import Invitation
    from reviewdesk.services.people import Context, Match, ProductFigures

__all__ = ["ContextPanel", "InvitationRow", "PersonRow", "ProductCard", "reason_words"]

_tr = QCoreApplication.translate
MOST = 12


def reason_words(reasons: tuple[str, ...]) -> str:
    """Why two reviews are taken for one person's or one order's."""
    words = {
        "email": _tr("Reading", "same e-mail address"),
        "order": _tr("Reading", "same order"),
        "reference": _tr("Reading", "same reference"),
        "username": _tr("Reading", "same user name"),
    }
    return ", ".join(words.get(reason, reason) for reason in reasons)


class _Row(QWidget):
    """Something of this person or order in one line, with its reason; Del takes it away from them."""

    OWN_KEYS = frozenset({"Del", "Backspace", "Space", "Enter"})
    """Not the window's here: Del would hide the review that is being read."""
    unlinked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._id = 0
        self._hover = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._head = PlainLabel(parent=self, font=partial(fonts.list_font, 500))
        self._what = PlainLabel(parent=self, role="text-2")
        self._why = PlainLabel(parent=self, role="text-3")
        self.unlink = ToolButton("link-break", self.tr("Not the same person (Del)"), self, small=True)
        self.unlink.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.unlink.clicked.connect(self._on_unlink)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 4, 2)
        row.setSpacing(10)
        row.addWidget(self._head)
        row.addWidget(self._what, 1)
        row.addWidget(self._why)
        row.addWidget(self.unlink)

    def _say(self, head: str, what: str, reasons: tuple[str, ...]) -> None:
        self._head.setText(head)
        self._what.setText(what)
        self._why.setText(reason_words(reasons))
        self.setToolTip(plain_tip(what))
        self.setAccessibleName(f"{head}, {what}, {self._why.text()}")

    def words(self) -> str:
        return self.accessibleName()

    def _on_unlink(self) -> None:
        self.unlinked.emit(self._id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.unlinked.emit(self._id)
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hover = True
        self.update()

    def leaveEvent(self, event: object) -> None:
        self._hover = False
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self._hover:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme().colour("hover"))
                painter.drawRoundedRect(self.rect(), 6, 6)
            if self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(theme().colour("focus"), 2))
                painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 6, 6)


class PersonRow(_Row):
    """Another review in one line. Enter or a click shows it."""

    opened = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_match(self, match: Match, label: AccountLabel | None, now: float, zone: tzinfo | None) -> None:
        found = match.row
        self._id = found.id
        score = score_words(found.score, found.score_max)
        name = one_line(reveal(found.author_name or ""), 40)
        words = one_line(reveal(found.snippet), 80)
        where = label.name if label is not None else ""
        written = self.tr("1 message") if match.messages == 1 else ""
        if match.messages > 1:
            written = self.tr("{count} messages").format(count=match.messages)
        parts = (name, where, short_when(found.created_at, now, zone), written, words)
        self._say(score, " · ".join(part for part in parts if part), match.reasons)
        self.setAccessibleDescription(self.tr("Enter shows it, Delete says that it is another person"))

    def review_id(self) -> int:
        return self._id

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.opened.emit(self._id)
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.opened.emit(self._id)


class InvitationRow(_Row):
    """An invitation of this person or order in one line."""

    def set_invitation(
        self, invitation: Invitation, reasons: tuple[str, ...], now: float, zone: tzinfo | None
    ) -> None:
        self._id = invitation.id
        parts = (one_line(reveal(invitation.email), 60), one_line(reveal(invitation.order_id), 40))
        head = self.tr("Invited {when}").format(when=short_when(invitation.created_at, now, zone))
        self._say(head, ", ".join(part for part in parts if part), reasons)
        self.setAccessibleDescription(self.tr("Delete says that it is of another person"))

    def invitation_id(self) -> int:
        return self._id


class ContextPanel(QWidget):
    """Other reviews and invitations of this person or order. ``opened`` and ``unlinked`` carry a review's id,
    ``invitation_unlinked`` an invitation's."""

    opened = Signal(object)
    unlinked = Signal(object)
    invitation_unlinked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(hfw_policy())
        self._rows: list[PersonRow] = []
        self._heading = SectionHeading(self.tr("Same person or order"), self)
        self._box = QVBoxLayout()
        self._box.setSpacing(2)
        self._more = PlainLabel(parent=self, role="text-3")
        self._asked: list[InvitationRow] = []
        self._invitations = QVBoxLayout()
        self._invitations.setSpacing(2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._heading)
        column.addLayout(self._box)
        column.addWidget(self._more)
        column.addLayout(self._invitations)

    def set_context(
        self,
        context: Context,
        label_of: Callable[[int], AccountLabel | None],
        now: float,
        zone: tzinfo | None,
    ) -> None:
        """What was found; rows keep their place, so that the keyboard stays where it is."""
        shown = context.reviews[:MOST]
        while len(self._rows) < len(shown):
            row = PersonRow(self)
            row.opened.connect(self.opened)
            row.unlinked.connect(self.unlinked)
            self._rows.append(row)
            self._box.addWidget(row)
        for number, row in enumerate(self._rows):
            row.setVisible(number < len(shown))
            if number < len(shown):
                match = shown[number]
                row.set_match(match, label_of(match.row.account_id), now, zone)
        left = len(context.reviews) - len(shown)
        self._more.setText(self.tr("%n more", "", left) if left > 0 else "")
        self._more.setVisible(left > 0)
        asked = context.invitations[:MOST]
        while len(self._asked) < len(asked):
            line = InvitationRow(self)
            line.unlinked.connect(self.invitation_unlinked)
            self._asked.append(line)
            self._invitations.addWidget(line)
        for number, line in enumerate(self._asked):
            line.setVisible(number < len(asked))
            if number < len(asked):
                line.set_invitation(*asked[number], now, zone)
        self.updateGeometry()

    def rows(self) -> list[PersonRow]:
        """Those on the screen."""
        return [row for row in self._rows if not row.isHidden()]

    def invitation_rows(self) -> list[InvitationRow]:
        """Those on the screen."""
        return [row for row in self._asked if not row.isHidden()]


class ProductCard(QWidget):
    """The product with its mean and how its scores are spread, over all sources."""

    _PAD = 12

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figures: ProductFigures | None = None
        self._name = self._line = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_product(self, detail: ReviewDetail, figures: ProductFigures | None) -> None:
        self._figures = figures
        product = detail.product
        self._name = one_line(reveal(product.name or product.sku or ""), 120) if product is not None else ""
        parts = () if product is None else (product.brand, product.sku, product.gtin)
        self._line = " · ".join(one_line(reveal(part), 60) for part in parts if part and part != self._name)
        self.setAccessibleName(", ".join(p for p in (self._name, self._line, self.summary()) if p))
        self.updateGeometry()
        self.update()

    def is_empty(self) -> bool:
        return self._figures is None or not self._name

    def summary(self) -> str:
        figures = self._figures
        if figures is None or figures.mean is None:
            return ""
        words = self.tr("{mean} of 5 from %n reviews", "", figures.scored).format(
            mean=number_words(round(figures.mean, 1))
        )
        return words

    def sizeHint(self) -> QSize:
        line = metrics.list_line()
        return QSize(300, 2 * self._PAD + max(3 * line, 5 * (line - 4)))

    def paintEvent(self, event: QPaintEvent) -> None:
        figures = self._figures
        if figures is None:
            return
        with QPainter(self) as painter:
            colour = theme().colour
            frame_card(painter, self, self.rect(), colour("sunken"), colour("line"))
            line, pad = metrics.list_line(), self._PAD
            bars = min(metrics.icon_size(190), self.width() // 2)
            left = self.width() - bars - 3 * pad
            strong, quiet = fonts.list_font(500), fonts.list_font(400, tabular=True)
            draw_text(painter, self, QRect(pad, pad, left, line), self._name, strong, "text")
            draw_text(painter, self, QRect(pad, pad + line, left, line), self._line, quiet, "text-3")
            draw_text(painter, self, QRect(pad, pad + 2 * line, left, line), self.summary(), quiet, "text-2")
            pitch = line - 4
            most = max(figures.spread, default=0)
            figure = text_width("5", quiet)
            counts = max(text_width(str(n), quiet) for n in figures.spread)
            x = self.width() - bars - pad
            for place, stars in enumerate((5, 4, 3, 2, 1)):
                count = figures.spread[stars - 1]
                y = pad + place * pitch
                draw_text(painter, self, QRect(x, y, figure, pitch), str(stars), quiet, "text-3")
                room = bars - figure - counts - 16
                track = mirrored(self, QRect(x + figure + 8, y + pitch // 2 - 3, room, 6))
                # Where lines are as bright as the bars (high contrast), a track would look like a bar.
                if colour("line") != colour("score"):
                    painter.fillRect(track, colour("line"))
                wide = round(room * count / most) if most else 0
                if count:
                    fill = mirrored(self, QRect(x + figure + 8, y + pitch // 2 - 3, max(2, wide), 6))
                    painter.fillRect(fill, colour("score-low" if stars <= 2 else "score"))
                place_of_count = QRect(x + bars - counts, y, counts, pitch)
                draw_text(painter, self, place_of_count, str(count), quiet, "text-3")

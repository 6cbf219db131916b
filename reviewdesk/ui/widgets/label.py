"""Text on the screen that nobody's angle bracket can turn into markup."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QResizeEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from reviewdesk.ui.theme import fonts, metrics, theme

__all__ = ["PlainLabel", "plain_tip", "set_tip"]

_MAX_ELIDED = 400
"""Characters handed to Qt's eliding: a megabyte takes it half a second."""
_MAX_WRAPPED = 4000
_MOST_HEIGHTS = 16
"""A layout asks for the height at the width the text would like, at the one it gets and at some between, again and again."""
_USUAL_WIDTH = 330
"""How wide a wrapped label would like to be, at 100 %."""


def plain_tip(text: str) -> str:
    """``text`` as a tooltip that Qt can't take for markup: an invisible joiner breaks what would be a tag."""
    # Qt's own test is not needed: the joiner is invisible, and no "<" followed by it can begin a tag.
    return text.replace("<", "<\u2060")


def set_tip(widget: QWidget, text: str) -> None:
    """A tooltip in plain text."""
    widget.setToolTip(plain_tip(text))


class PlainLabel(QLabel):
    """A label in plain text, in the colour of a role.

    One line that ends in an ellipsis where it does not fit (the tooltip then has the whole), or with
    ``wrap=True`` as many lines as it takes. ``role`` and font follow the theme.
    """

    def __init__(
        self,
        text: str = "",
        parent: QWidget | None = None,
        *,
        role: str = "text",
        font: Callable[[], QFont] = fonts.list_font,
        wrap: bool = False,
        elide: bool = True,
        line: Callable[[], int] | None = None,
    ) -> None:
        super().__init__(parent)
        self._role = role
        self._line = line
        self._elide = elide and not wrap
        self._own_tip = False
        self._elided = False
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self._wrap = wrap
        self._heights: dict[int, int] = {}
        self._heights_of = -1
        if self._elide:
            self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        elif wrap:
            policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
            policy.setHeightForWidth(True)
            self.setSizePolicy(policy)
        fonts.follow(self, font)
        self.setText(text)

    # --- what it shows ---------------------------------------------------------------------------

    def role(self) -> str:
        return self._role

    def set_role(self, role: str) -> None:
        """Another colour of the theme."""
        if role != self._role:
            self._role = role
            self.update()

    def setText(self, text: str) -> None:
        if self._elide:
            # QString has no trouble with line ends here, but one line is promised.
            text = " ".join(text.split("\n"))
        if text != self.text():
            self._heights.clear()
        super().setText(text)
        self._tell_tip()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        # Also called by Qt before our own attributes are there.
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.LayoutDirectionChange) and "_heights" in vars(
            self
        ):
            self._heights.clear()

    def setToolTip(self, tip: str) -> None:
        self._own_tip = bool(tip)
        super().setToolTip(plain_tip(tip))

    # --- sizes -----------------------------------------------------------------------------------

    def _line_height(self) -> int:
        height = fonts.metrics_of(self.font()).height()
        if self._line is not None:
            return max(height, self._line())
        if not self._wrap:
            return height
        # The line heights of the three reading sizes (DESIGN.md 3), told by the size of the font.
        if self.font().pixelSize() >= fonts.title_font().pixelSize():
            return metrics.title_line()
        if self.font().pixelSize() >= fonts.body_font().pixelSize():
            return metrics.body_line()
        return metrics.list_line()

    def _laid_out(self, width: int) -> QTextLayout:
        """The text in lines of ``width``, each ``_line_height`` high."""
        text = self.text()[:_MAX_WRAPPED].replace("\n", "\u2028")
        layout = QTextLayout(text, self.font())
        option = QTextOption(self.alignment() & Qt.AlignmentFlag.AlignHorizontal_Mask)
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto if text else self.layoutDirection())
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            option.setTextDirection(Qt.LayoutDirection.RightToLeft)
        layout.setTextOption(option)
        layout.beginLayout()
        height, y = self._line_height(), 0
        while True:
            line = layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(max(1, width))
            measure = fonts.metrics_of(self.font())
            # By the baseline of the interface font: a fallback font must not shift the line.
            line.setPosition(
                QPointF(0, y + (height - measure.height()) // 2 + measure.ascent() - line.ascent())
            )
            y += height
        layout.endLayout()
        return layout

    def hasHeightForWidth(self) -> bool:
        return self._wrap

    def heightForWidth(self, width: int) -> int:
        if not self._wrap:
            return super().heightForWidth(width)
        generation = theme().generation
        if generation != self._heights_of or len(self._heights) > _MOST_HEIGHTS:
            self._heights.clear()
            self._heights_of = generation
        height = self._heights.get(width)
        if height is None:
            margins = self.contentsMargins()
            lines = max(1, self._laid_out(width - margins.left() - margins.right()).lineCount())
            height = lines * self._line_height() + margins.top() + margins.bottom()
            self._heights[width] = height
        return height

    def setContentsMargins(self, *margins: Any) -> None:
        self._heights.clear()
        super().setContentsMargins(*margins)

    def sizeHint(self) -> QSize:
        if self._wrap:
            natural = fonts.metrics_of(self.font()).horizontalAdvance(self.text()[:_MAX_ELIDED]) + 2
            width = min(natural, metrics.icon_size(_USUAL_WIDTH))
            return QSize(width, self.heightForWidth(width))
        if not self._elide:
            return super().sizeHint()
        width = fonts.width_of(self.font(), self.text()[:_MAX_ELIDED])
        margins = self.contentsMargins()
        return QSize(width + margins.left() + margins.right() + 1, self._line_height())

    def minimumSizeHint(self) -> QSize:
        if self._wrap:
            return QSize(metrics.icon_size(80), self._line_height())
        if not self._elide:
            return super().minimumSizeHint()
        width = fonts.width_of(self.font(), "…")
        return QSize(min(width, self.sizeHint().width()), self._line_height())

    # --- painting --------------------------------------------------------------------------------

    def _shown(self, width: int) -> str:
        font, text = self.font(), self.text()[:_MAX_ELIDED]
        if fonts.width_of(font, text) <= width:
            return text
        return fonts.metrics_of(font).elidedText(text, Qt.TextElideMode.ElideRight, width)

    def _tell_tip(self) -> None:
        if not self._elide or self._own_tip:
            return
        wanted = fonts.width_of(self.font(), self.text()[:_MAX_ELIDED])
        cut = wanted > self.contentsRect().width() + 1 and self.width() > 0
        if cut != self._elided or cut:
            self._elided = cut
            super().setToolTip(plain_tip(self.text()[:2000]) if cut else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._tell_tip()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            font = self.font()
            painter.setFont(font)
            painter.setPen(theme().ink(self._role if self.isEnabled() else "text-off"))
            rect: QRect = self.contentsRect()
            flags = self.alignment()
            if self.isRightToLeft() and flags & Qt.AlignmentFlag.AlignLeft:
                flags = (flags & ~Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignRight
            if self._elide:
                metrics = fonts.metrics_of(font)
                text = self._shown(rect.width())
                width = fonts.width_of(font, text)
                if flags & Qt.AlignmentFlag.AlignRight:
                    x = rect.right() + 1 - width
                elif flags & Qt.AlignmentFlag.AlignHCenter:
                    x = rect.left() + (rect.width() - width) // 2
                else:
                    x = rect.left()
                # By the baseline of the interface font: a fallback font must not shift the line.
                y = rect.top() + (rect.height() - metrics.height()) // 2 + metrics.ascent()
                painter.drawText(x, y, text)
            elif self._wrap:
                self._laid_out(rect.width()).draw(painter, QPointF(rect.topLeft()))
            else:
                painter.drawText(rect, flags, self.text())

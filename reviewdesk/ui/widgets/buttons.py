"""Buttons, painted from the tokens: kinds, an icon, a key cap, and "off with a reason" (DESIGN.md 7)."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QPushButton, QSizePolicy, QToolButton, QWidget

from reviewdesk.ui.theme import fonts, icons, metrics, theme
from reviewdesk.ui.widgets.badge import cap_width, draw_cap
from reviewdesk.ui.widgets.label import plain_tip

__all__ = ["PushButton", "ToolButton", "key_text", "off_reason", "set_off"]

_KINDS = ("plain", "primary", "private", "ghost", "link", "toast")


def key_text(sequence: str) -> str:
    """``Ctrl+Return`` as a key cap shows it: ``Ctrl ↵`` (``⌘↵`` on macOS)."""
    native = QKeySequence(sequence).toString(QKeySequence.SequenceFormat.NativeText) or sequence
    return native.replace("Return", "↵").replace("Enter", "↵").replace("+", " ")


class _Refusal(QObject):
    """Swallows what would press an off button, and says why instead."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        press = kind in (QEvent.Type.MouseButtonRelease, QEvent.Type.MouseButtonDblClick)
        if kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            press = event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if press and isinstance(watched, QWidget):
            say = getattr(watched.window(), "say", None)
            reason = off_reason(watched)
            if callable(say) and reason:
                say(reason)
            if isinstance(watched, QAbstractButton):
                watched.setDown(False)
            return True
        return kind in (QEvent.Type.MouseButtonPress,)


def off_reason(widget: QWidget) -> str | None:
    """Why a control is off, or None when it is on."""
    reason = widget.property("off_reason")
    return str(reason) if reason else None


def set_off(button: QAbstractButton, reason: str | None) -> None:
    """Take the effect of a button away and say why, or with None give it back.

    The button stays visible and focusable; the reason is its tooltip, its accessible description, and what the
    window says when somebody tries it.
    """
    if off_reason(button) == (reason or None):
        return
    was_off = off_reason(button) is not None
    button.setProperty("off_reason", reason or "")
    button.setProperty("off", bool(reason))
    if reason:
        if not was_off:
            button.setProperty("on_tip", button.toolTip())
            refusal = _Refusal(button)
            button.installEventFilter(refusal)
            button.setProperty("refusal", refusal)
        button.setToolTip(plain_tip(reason))
        button.setAccessibleDescription(reason)
        # Whatever presses it (a screen reader does so without an event), nobody hears of it.
        button.blockSignals(True)
    else:
        refusal = button.property("refusal")
        if isinstance(refusal, QObject):
            button.removeEventFilter(refusal)
            refusal.deleteLater()
        button.setProperty("refusal", None)
        button.setToolTip(str(button.property("on_tip") or ""))
        button.setAccessibleDescription("")
        button.blockSignals(False)
    button.style().unpolish(button)
    button.style().polish(button)
    button.update()


class _Look:
    """Sizes and painting shared by both kinds of button."""

    def __init__(self, kind: str, icon: str, cap: str, small: bool, icon_px: int) -> None:
        if kind not in _KINDS:
            raise ValueError(f"no such kind of button: {kind}")
        self.kind, self.icon, self.cap, self.small, self.icon_px = kind, icon, cap, small, icon_px
        self.icon_role = ""
        self.text_role = ""
        self.caret = False
        self.words = True
        self.padding = 11

    def _padding(self) -> int:
        if self.kind in ("ghost", "toast"):
            return 8
        if self.kind == "link":
            return 0
        return self.padding - (2 if self.small else 0)

    def height(self) -> int:
        return metrics.small_height() if self.small else metrics.control_height()

    def width(self, text: str, font: QFont) -> int:
        words = text if self.words or not self.icon else ""
        parts: list[int] = []
        if self.icon:
            parts.append(metrics.icon_size(self.icon_px))
        if words:
            parts.append(fonts.metrics_of(font).horizontalAdvance(words))
        if self.cap and words:
            parts.append(cap_width(self.cap))
        if self.caret:
            parts.append(metrics.icon_size(12))
        if not words and len(parts) <= 1:
            # A lone icon is as wide as it is high, plus a little (DESIGN.md: 34 by 30 in the rail).
            return self.height() + 2
        gaps = 7 * max(0, len(parts) - 1)
        padding = self._padding()
        return sum(parts) + gaps + 2 * padding + 1

    def colours(self, button: QAbstractButton) -> tuple[QColor | None, QColor | None, QColor]:
        """(fill, outline, text)."""
        colour = theme().colour
        off = bool(button.property("off")) or not button.isEnabled()
        filled = self.kind in ("primary", "private")
        if off:
            return (colour("press") if filled else None, None if filled or self.kind in ("ghost", "link", "toast")
                    else colour("line"), colour("text-off"))  # fmt: skip
        hover, down = button.underMouse(), button.isDown()
        if self.kind == "primary":
            fill = colour("accent-hover" if hover or down else "accent")
            return fill, fill, colour("on-accent")
        if self.kind == "private":
            fill = colour("private-hover" if hover or down else "private-band")
            return fill, fill, colour("on-private")
        if self.kind == "toast":
            return None, None, colour("toast-link")
        if self.kind == "link":
            return None, None, colour(self.text_role or "link")
        if self.kind == "ghost":
            back = (
                "press" if down or (button.isCheckable() and button.isChecked()) else "hover" if hover else ""
            )
            role = self.text_role or ("text" if hover or down else "text-2")
            return (colour(back) if back else None), None, colour(role)
        fill = colour("press") if down else colour("sunken" if hover else "raised")
        return fill, colour("edge"), colour(self.text_role or "text")

    def paint(self, button: QAbstractButton, rect: QRect, text: str) -> None:
        with QPainter(button) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            fill, outline, ink = self.colours(button)
            if fill is not None or outline is not None:
                inset = 0.5 if outline is not None else 0.0
                painter.setPen(QPen(outline, 1) if outline is not None else Qt.PenStyle.NoPen)
                painter.setBrush(fill if fill is not None else Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(QRectF(rect).adjusted(inset, inset, -inset, -inset), 6, 6)
            self._content(button, painter, rect, text, ink)

    def _content(
        self, button: QAbstractButton, painter: QPainter, rect: QRect, text: str, ink: QColor
    ) -> None:
        words = text if self.words or not self.icon else ""
        off = bool(button.property("off")) or not button.isEnabled()
        width = self.width(text, button.font())
        bare = width - 1 - 2 * self._padding()
        lone = not words and not self.caret
        left = rect.left() + (rect.width() - bare) // 2
        right_to_left = button.layoutDirection() == Qt.LayoutDirection.RightToLeft

        def place(x: int, wide: int) -> int:
            return rect.right() + rect.left() + 1 - x - wide if right_to_left else x

        if self.icon:
            edge = metrics.icon_size(self.icon_px)
            x = rect.left() + (rect.width() - edge) // 2 if lone else place(left, edge)
            colour = ink
            if self.icon_role and not off:
                colour = theme().colour(self.icon_role)
            box = QRect(x, rect.top() + (rect.height() - edge) // 2, edge, edge)
            icons.paint(painter, box, self.icon, colour)
            left += edge + 7
        if words:
            font = button.font()
            measure = fonts.metrics_of(font)
            after = (cap_width(self.cap) + 7 if self.cap else 0) + (
                metrics.icon_size(12) + 7 if self.caret else 0
            )
            room = max(8, rect.right() + 2 - min(4, self._padding()) - after - left)
            shown = measure.elidedText(words, Qt.TextElideMode.ElideRight, room)
            wide = measure.horizontalAdvance(shown)
            painter.setFont(font)
            painter.setPen(ink)
            y = rect.top() + (rect.height() - measure.height()) // 2 + measure.ascent()
            painter.drawText(place(left, wide), y, shown)
            left += wide + 7
            if self.cap:
                wide = cap_width(self.cap)
                draw_cap(painter, place(left, wide), rect, self.cap, ink if self._on_fill(off) else None, off)
                left += wide + 7
        if self.caret:
            edge = metrics.icon_size(12)
            box = QRect(place(left, edge), rect.top() + (rect.height() - edge) // 2, edge, edge)
            icons.paint(painter, box, "caret-down", ink)

    def _on_fill(self, off: bool) -> bool:
        return self.kind in ("primary", "private", "toast") and not off


class PushButton(QPushButton):
    """A button with words. ``kind``: plain, primary, private, ghost or link; ``icon`` a Phosphor name; ``cap`` a
    key to show. ``small`` is for bars. The accessible name is the text."""

    def __init__(
        self,
        text: str = "",
        parent: QWidget | None = None,
        *,
        kind: str = "plain",
        icon: str = "",
        cap: str = "",
        small: bool = False,
    ) -> None:
        super().__init__(text, parent)
        self._look = _Look(kind, icon, cap, small, 16)
        self.setProperty("kind", kind)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        fonts.follow(self, _medium)

    def kind(self) -> str:
        return self._look.kind

    def set_kind(self, kind: str) -> None:
        """Another kind; a split between public and private needs it."""
        if kind not in _KINDS:
            raise ValueError(f"no such kind of button: {kind}")
        self._look.kind = kind
        self.setProperty("kind", kind)
        self.updateGeometry()
        self.update()

    def set_icon_name(self, name: str) -> None:
        self._look.icon = name
        self.updateGeometry()
        self.update()

    def set_cap(self, cap: str) -> None:
        self._look.cap = cap
        self.updateGeometry()
        self.update()

    def set_caret(self, shown: bool) -> None:
        """A small arrow at the end: a menu opens."""
        self._look.caret = shown
        self.updateGeometry()
        self.update()

    def set_words(self, shown: bool) -> None:
        """Without words only the icon remains; tooltip and accessible name keep them."""
        if self._look.words != shown:
            self._look.words = shown
            self.setAccessibleName(self.text())
            if not off_reason(self):
                self.setToolTip("" if shown else plain_tip(self.text()))
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._look.width(self.text(), self.font()), self._look.height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        self._look.paint(self, self.rect(), self.text())


class ToolButton(QToolButton):
    """A button that is an icon, or a ghost with icon, words and key. Its name is always there for screen readers
    and as the tooltip; ``cap`` is shown behind the words, or in the tooltip when there are none."""

    def __init__(
        self,
        icon: str,
        name: str,
        parent: QWidget | None = None,
        *,
        text: str = "",
        cap: str = "",
        small: bool = False,
        icon_px: int = 18,
        role: str = "",
    ) -> None:
        super().__init__(parent)
        self._look = _Look("ghost", icon, cap if text else "", small, 16 if text else icon_px)
        self._look.icon_role = role
        self.setText(text)
        self.setAccessibleName(name)
        self.setToolTip(plain_tip(f"{name} ({cap})" if cap else name))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        fonts.follow(self, _medium)

    def set_icon_name(self, name: str) -> None:
        if name != self._look.icon:
            self._look.icon = name
            self.update()

    def set_icon_role(self, role: str) -> None:
        """A colour with meaning for the icon; empty for the ordinary one."""
        self._look.icon_role = role
        self.update()

    def set_caret(self, shown: bool) -> None:
        self._look.caret = shown
        self.updateGeometry()
        self.update()

    def set_words(self, shown: bool) -> None:
        if self._look.words != shown:
            self._look.words = shown
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._look.width(self.text(), self.font()), self._look.height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        self._look.paint(self, self.rect(), self.text())


def _medium() -> QFont:
    return fonts.list_font(500)

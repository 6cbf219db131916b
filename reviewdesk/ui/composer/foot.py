"""The foot of the composer: what can be done with the text, how long it is, whether it is saved, and Publish."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QFont, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QWidget

from reviewdesk.ui.composer.safety import Destination
from reviewdesk.ui.theme import fonts, icons, metrics, theme
from reviewdesk.ui.widgets import KeyCap, PlainLabel, PushButton, ToolButton, plain_tip, set_off
from reviewdesk.ui.widgets.buttons import key_text
from reviewdesk.ui.widgets.pictogram import Pictogram

__all__ = ["Foot", "SplitButton"]


class _Half(PushButton):
    """One half of a split button: square at the joint."""

    def __init__(self, text: str, parent: QWidget, *, first: bool, cap: str = "") -> None:
        super().__init__(text, parent, kind="primary", cap=cap)
        self._first = first

    def sizeHint(self) -> QSize:
        natural = super().sizeHint()
        return QSize(natural.width() - 4, natural.height()) if self._first else QSize(28, natural.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        right_to_left = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        at_right = self._first != right_to_left
        over = 8
        if self._first:
            rect = self.rect().adjusted(0, 0, over, 0) if at_right else self.rect().adjusted(-over, 0, 0, 0)
            self._look.paint(self, rect, self.text())
            return
        rect = self.rect().adjusted(0, 0, over, 0) if at_right else self.rect().adjusted(-over, 0, 0, 0)
        self._look.paint(self, rect, "")
        _, _, ink = self._look.colours(self)
        with QPainter(self) as painter:
            edge = metrics.icon_size(13)
            box = QRect((self.width() - edge) // 2, (self.height() - edge) // 2, edge, edge)
            icons.paint(painter, box, "caret-down", ink)
            seam = QColor(ink)
            seam.setAlphaF(0.4)
            painter.fillRect(self.width() - 1 if right_to_left else 0, 0, 1, self.height(), seam)


class SplitButton(QWidget):
    """The main act, and a menu with its variants. ``pressed`` carries ``""``, ``done``, ``next``, ``later`` or
    ``approval``."""

    pressed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.main = _Half("", self, first=True, cap=key_text("Ctrl+Return"))
        self.more = _Half("", self, first=False)
        self.more.setAccessibleName(self.tr("More ways to send"))
        self.menu = QMenu(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.main)
        row.addWidget(self.more)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.main.clicked.connect(self._on_main)
        self.more.clicked.connect(self._on_more)

    def set_look(self, words: str, kind: str) -> None:
        self.main.setText(words)
        self.main.setAccessibleName(words)
        self.main.set_kind(kind)
        self.more.set_kind(kind)
        self.menu.clear()
        for name, text in (
            ("", words),
            ("done", self.tr("{publish} and mark done").format(publish=words)),
            ("next", self.tr("{publish} and go to the next review").format(publish=words)),
            ("later", self.tr("Schedule for later")),
            ("approval", self.tr("Ask for approval first")),
        ):
            action = self.menu.addAction(text)
            action.setData(name)
            action.triggered.connect(self._on_chosen)

    def set_reason(self, reason: str | None) -> None:
        set_off(self.main, reason)
        set_off(self.more, reason)

    def _on_main(self) -> None:
        self.pressed.emit("")

    def _on_chosen(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.pressed.emit(action.data())

    def _on_more(self) -> None:
        size = self.menu.sizeHint()
        corner = self.more.mapToGlobal(self.more.rect().topRight())
        corner.setX(corner.x() - size.width())
        corner.setY(corner.y() - size.height() - 4)
        self.menu.popup(corner)


class Foot(QWidget):
    """46 px. ``act`` carries ``saved``, ``versions``, ``discard`` or ``link``, ``publish`` what the split button says,
    ``copy`` its press."""

    act = Signal(str)
    publish = Signal(str)
    copy = Signal()

    def __init__(self, parent: QWidget | None = None, *, versions: bool) -> None:
        super().__init__(parent)
        self._private = self._detached = False
        self.saved_button = PushButton(self.tr("Saved replies"), self, kind="ghost", icon="quotes", cap="/")
        self.saved_button.setAccessibleName(self.tr("Saved replies"))
        self.saved_button.clicked.connect(self._on_saved_replies)
        self.gaps = PlainLabel(parent=self, role="link", elide=False)
        self._tab = KeyCap("Tab", self)
        self.versions = ToolButton("clock-counter-clockwise", self.tr("Earlier versions of this text"), self)
        self.versions.setVisible(versions)
        self.discard = ToolButton("trash-simple", self.tr("Discard draft"), self)
        self.link = ToolButton("link-simple", self.tr("Insert the link to edit the review"), self)
        self.link.clicked.connect(self._on_link)
        # A box of its own: while there is no link it takes no room at all.
        self._expiry_box = QWidget(self)
        self.expiry = PlainLabel(parent=self._expiry_box, role="text-2", font=_tabular)
        inside = QHBoxLayout(self._expiry_box)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(4)
        inside.addWidget(Pictogram("link-simple", 14, "text-3", parent=self._expiry_box))
        inside.addWidget(self.expiry)
        inside.addSpacing(16)
        self.language = PlainLabel(parent=self, role="text-2")
        self.count = PlainLabel(parent=self, role="text-2", font=_tabular)
        self._saved_icon = Pictogram("check", 14, "text-3", parent=self)
        self.saved = PlainLabel(parent=self, role="text-2", font=_tabular)
        self.split = SplitButton(self)
        self.copy_button = PushButton("", self, kind="primary", icon="copy")
        self.versions.clicked.connect(self._on_versions)
        self.discard.clicked.connect(self._on_discard)
        self.split.pressed.connect(self.publish)
        self.copy_button.clicked.connect(self.copy)
        row = QHBoxLayout(self)
        row.setContentsMargins(9, 8, 10, 8)
        row.setSpacing(0)
        row.addWidget(self.saved_button)
        row.addSpacing(2)
        row.addWidget(self.link)
        row.addWidget(self.versions)
        row.addWidget(self.discard)
        row.addStretch(1)
        row.addWidget(self.gaps)
        row.addSpacing(6)
        row.addWidget(self._tab)
        row.addSpacing(10)
        row.addWidget(self.language)
        row.addSpacing(16)
        row.addWidget(self._expiry_box)
        row.addWidget(self.count)
        row.addSpacing(16)
        row.addWidget(self._saved_icon)
        row.addSpacing(4)
        row.addWidget(self.saved)
        row.addSpacing(16)
        row.addWidget(self.split)
        row.addWidget(self.copy_button)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_saved("", failed=False)
        self._expiry_box.hide()
        self.set_gaps(0)
        theme().changed.connect(self._fit)

    def set_destination(self, destination: Destination, *, opens: bool) -> None:
        """``opens``: a source without replies has an address to open."""
        replies = destination.look != "none"
        self.split.setVisible(replies)
        self.copy_button.setVisible(not replies)
        self._private = destination.look == "private"
        if destination.comment_id:
            self.split.set_look(self.tr("Change reply"), "primary")
        elif destination.look == "private":
            self.split.set_look(self.tr("Send privately"), "private")
        else:
            self.split.set_look(self.tr("Publish reply"), "primary")
        words = self.tr("Copy and open") if opens else self.tr("Copy")
        self.copy_button.setText(words)
        self.copy_button.setAccessibleName(words)
        self.copy_button.updateGeometry()

    def set_count(self, words: str, *, over: bool) -> None:
        self.count.setText(words)
        self.count.set_role("fail" if over else "text-2")
        self.count.setAccessibleName(self.tr("{count} characters").format(count=words))

    def set_gaps(self, count: int) -> None:
        """How many gaps are still to be filled."""
        self.gaps.setText(self.tr("1 gap") if count == 1 else self.tr("{count} gaps").format(count=count))
        self.gaps.setVisible(count > 0)
        self._tab.setVisible(count > 0)

    def set_detached(self) -> None:
        """It stands in a window of its own: the link is asked for where the review is."""
        self._detached = True
        self._fit()

    def set_saved(self, words: str, *, failed: bool) -> None:
        """What is known about saving; empty hides it."""
        self.saved.setText(words)
        self.saved.set_role("fail" if failed else "text-2")
        self._saved_icon.set("warning-circle-fill" if failed else "check", "fail" if failed else "text-3")
        self._saved_icon.setVisible(bool(words))
        self._saved_icon.setToolTip(plain_tip(words))
        self.saved.setVisible(bool(words))
        self._fit()

    def set_expiry(self, words: str) -> None:
        """How long the link in the text works; empty when there is none."""
        if words == self.expiry.text():
            return
        self.expiry.setText(words)
        self._fit()

    def set_reason(self, reason: str | None) -> None:
        """Why nothing can be published just now, or None."""
        self.split.set_reason(reason)
        set_off(self.copy_button, reason)

    def sizeHint(self) -> QSize:
        return QSize(300, metrics.control_height() + 16)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.language.setVisible(self.width() >= metrics.breakpoint_px(560) and bool(self.language.text()))
        self.saved_button.set_words(self.width() >= metrics.breakpoint_px(520))
        # Other languages need more room: what can be read elsewhere goes before a button loses part of its words.
        self.link.setVisible(self._private and not self._detached)
        self._expiry_box.setVisible(bool(self.expiry.text()))
        row = self.layout()
        shorter: list[Callable[[], None]] = [partial(self.saved_button.set_words, False), self._hide_saved]
        if self.expiry.text():
            shorter.reverse()  # how long a link works is nowhere else; the mark says as well that it is saved
        for drop in (self.language.hide, *shorter, self._expiry_box.hide, self.link.hide):
            if row is None:
                break
            row.invalidate()
            if row.sizeHint().width() <= self.width():
                break
            drop()

    def _hide_saved(self) -> None:
        """The check mark says it as well; a failure keeps its words."""
        self.saved.setVisible(self.saved.role() == "fail")

    def set_language(self, name: str) -> None:
        self.language.setText(name)
        self._fit()

    def _on_saved_replies(self) -> None:
        self.act.emit("saved")

    def _on_versions(self) -> None:
        self.act.emit("versions")

    def _on_link(self) -> None:
        self.act.emit("link")

    def _on_discard(self) -> None:
        self.act.emit("discard")


def _tabular() -> QFont:
    return fonts.list_font(400, tabular=True)

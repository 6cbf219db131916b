"""The foot of the composer: what can be done with the text, how long it is, whether it is saved, and Publish."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from reviewdesk.ui.composer.safety import Destination
from reviewdesk.ui.composer.split import SplitButton
from reviewdesk.ui.theme import fonts, metrics, theme
from reviewdesk.ui.widgets import KeyCap, PlainLabel, PushButton, ToolButton, plain_tip, set_off
from reviewdesk.ui.widgets.pictogram import Pictogram

__all__ = ["Foot", "SplitButton"]

_LEFT, _RIGHT, _EDGE, _BETWEEN = 9, 10, 8, 4
_GAP = 16


class _Box(QWidget):
    """Parts in a row; what is hidden takes no room, nor does the gap beside it."""

    def __init__(self, parent: QWidget, spacing: int, parts: Iterable[QWidget]) -> None:
        super().__init__(parent)
        self._parts = tuple(parts)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(spacing)
        for part in self._parts:
            part.setParent(self)
            row.addWidget(part)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def wants(self) -> int:
        """The width in which nothing is cut."""
        # Added up here: what layouts remember is told of a part that was shown or hidden only later.
        seen = [part for part in self._parts if not part.isHidden()]
        wide = sum(part.wants() if isinstance(part, _Box) else part.sizeHint().width() for part in seen)
        layout = self.layout()
        return wide + max(0, len(seen) - 1) * (layout.spacing() if layout is not None else 0)


class Foot(QWidget):
    """46 px; where it is narrow two lines and more. ``act`` carries ``saved``, ``versions``, ``discard``, ``link`` or
    ``language``, ``publish`` what the split button says, ``copy`` its press."""

    act = Signal(str)
    publish = Signal(str)
    copy = Signal()

    def __init__(self, parent: QWidget | None = None, *, versions: bool) -> None:
        super().__init__(parent)
        self._private = self._detached = False
        self._fitting = False
        self._spelled = ("", "")
        self.saved_button = PushButton(self.tr("Saved replies"), self, kind="ghost", icon="quotes", cap="/")
        self.saved_button.setAccessibleName(self.tr("Saved replies"))
        self.saved_button.clicked.connect(partial(self.act.emit, "saved"))
        self.link = ToolButton("link-simple", self.tr("Insert the link to edit the review"), self)
        self.link.clicked.connect(partial(self.act.emit, "link"))
        self.versions = ToolButton("clock-counter-clockwise", self.tr("Earlier versions of this text"), self)
        self.versions.clicked.connect(partial(self.act.emit, "versions"))
        self.discard = ToolButton("trash-simple", self.tr("Discard draft"), self)
        self.discard.clicked.connect(partial(self.act.emit, "discard"))
        self._acts = _Box(self, 2, (self.saved_button, self.link, self.versions, self.discard))
        self.versions.setVisible(versions)
        self._build_states()
        self.split = SplitButton(self)
        self.copy_button = PushButton("", self, kind="primary", icon="copy")
        self.split.pressed.connect(self.publish)
        self.copy_button.clicked.connect(self.copy)
        self._main = _Box(self, 0, (self.split, self.copy_button))
        self._lines = [QHBoxLayout() for _ in range(4)]
        column = QVBoxLayout(self)
        column.setContentsMargins(_LEFT, _EDGE, _RIGHT, _EDGE)
        column.setSpacing(_BETWEEN)
        for line in self._lines:
            line.setSpacing(0)
            column.addLayout(line)
        self._ways: tuple[tuple[str, ...], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_saved("", failed=False)
        self._expiry_box.hide()
        self.set_gaps(0)
        theme().changed.connect(self._fit)

    def _build_states(self) -> None:
        self.gaps = PlainLabel(role="link", elide=False)
        self._gaps_box = _Box(self, 6, (self.gaps, KeyCap("Tab", self)))
        self.language = PushButton("", self, kind="ghost", icon="", small=True)
        self.language.set_caret(True)
        self.language.clicked.connect(partial(self.act.emit, "language"))
        self.language.hide()
        self.expiry = PlainLabel(role="text-2", font=_tabular)
        icon = Pictogram("link-simple", 14, "text-3", parent=self)
        self._expiry_box = _Box(self, 4, (icon, self.expiry))
        self.count = PlainLabel(parent=self, role="text-2", font=_tabular, elide=False)
        self._saved_icon = Pictogram("check", 14, "text-3", parent=self)
        self.saved = PlainLabel(role="text-2", font=_tabular)
        self._saved_box = _Box(self, 4, (self._saved_icon, self.saved))
        self._told = _Box(self, 10, (self._gaps_box, self.language))
        self._figures = _Box(self, _GAP, (self._expiry_box, self.count, self._saved_box))

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
        self._fit()

    def set_count(self, words: str, *, over: bool) -> None:
        wider = len(words) != len(self.count.text())
        self.count.setText(words)
        self.count.set_role("fail" if over else "text-2")
        self.count.setAccessibleName(self.tr("{count} characters").format(count=words))
        if wider:
            self._fit()

    def set_gaps(self, count: int) -> None:
        """How many gaps are still to be filled."""
        words = self.tr("1 gap") if count == 1 else self.tr("{count} gaps").format(count=count)
        if words == self.gaps.text():
            return
        self.gaps.setText(words)
        self.gaps.setVisible(count > 0)
        self._gaps_box.setVisible(count > 0)
        self._fit()

    def set_detached(self) -> None:
        """It stands in a window of its own: the link is asked for where the review is."""
        self._detached = True
        self._fit()

    def set_saved(self, words: str, *, failed: bool) -> None:
        """What is known about saving; empty hides it."""
        self.saved.setText(words)
        self.saved.set_role("fail" if failed else "text-2")
        self._saved_icon.set("warning-circle-fill" if failed else "check", "fail" if failed else "text-3")
        self._saved_icon.setToolTip(plain_tip(words))
        self._saved_box.setVisible(bool(words))
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

    def set_spelling(self, words: str, short: str, tip: str = "") -> None:
        """The state of the spelling in words, and in few of them; empty hides it."""
        if (words, short) != self._spelled:
            self._spelled = words, short
            self.language.setAccessibleName(words)
            self.language.setAccessibleDescription(tip)
            self._fit()
        self.language.setToolTip(plain_tip(tip or words))

    # --- lines -----------------------------------------------------------------------------------

    def lines(self) -> int:
        """How many lines it takes."""
        return max(1, len(self._ways))

    def sizeHint(self) -> QSize:
        lines, line = self.lines(), metrics.control_height()
        return QSize(300, lines * line + (lines - 1) * _BETWEEN + 2 * _EDGE)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Everything in one line, with fewer words where need be; else in as many lines as it takes, never cut."""
        if self._fitting:
            return
        self._fitting = True
        for _ in range(3):
            wide = self.width()
            self._fit_into(wide - _LEFT - _RIGHT)
            if self.width() == wide:
                break  # else what was shown or hidden made the layout around it go on, to another width
        self._fitting = False

    def _fit_into(self, room: int) -> None:
        self.link.setVisible(self._private and not self._detached)
        self._expiry_box.setVisible(bool(self.expiry.text()))
        self.split.set_cap(True)
        steps: list[Callable[[], object]] = [
            self._say_all,
            self._say_language,
            partial(self.saved_button.set_words, False),
            self._hide_saved,
        ]
        if self.expiry.text():
            steps[2:] = reversed(steps[2:])
        wide = self._main.wants()
        # How long a link works wants a line of its own sooner than the words of a button.
        for step in steps:
            step()
            if self._acts.wants() + self._states() + 2 * _GAP + wide <= room:
                self._place(("acts", "", "told", "figures", "main"))
                break
        else:
            self._in_lines(room, wide)

    def _states(self) -> int:
        return self._told.wants() + _GAP + self._figures.wants()

    def _in_lines(self, room: int, wide: int) -> None:
        for step in (self._say_all, self._say_language, self._hide_saved, self._say_no_language):
            step()
            if self._states() <= room:
                break
        # The expiry may end in an ellipsis, it has a tooltip then; the count never.
        least = self._states() - self.expiry.sizeHint().width() + self.expiry.minimumSizeHint().width()
        states: tuple[tuple[str, ...], ...] = (("told", "", "figures"),)
        if min(least, self._states()) > room:
            states = ("told", ""), ("", "figures")
        for words in (True, False):
            self.saved_button.set_words(words)
            if self._acts.wants() + _GAP + wide <= room:
                self._place(*states, ("acts", "", "main"))
                return
        if wide > room:
            self.split.set_cap(False)
        self._place(*states, ("acts", ""), ("", "main"))

    def _place(self, *ways: tuple[str, ...]) -> None:
        if ways == self._ways:
            return
        boxes = {"acts": self._acts, "told": self._told, "figures": self._figures, "main": self._main}
        for line in self._lines:
            while (item := line.takeAt(0)) is not None:
                del item
        self._ways = ways
        for line, names in zip(self._lines, ways, strict=False):
            for before, name in zip(("", *names), names, strict=False):
                if name == "":
                    line.addStretch(1)
                    continue
                if before:
                    line.addSpacing(_GAP)
                line.addWidget(boxes[name])
        self.updateGeometry()

    # --- fewer words -----------------------------------------------------------------------------

    def _say_all(self) -> None:
        self.saved_button.set_words(True)
        self.saved.show()
        self._show_language(self._spelled[0])

    def _say_language(self) -> None:
        self._show_language(self._spelled[1])

    def _say_no_language(self) -> None:
        """An icon; its tooltip has the words."""
        self._show_language(self._spelled[1], icon="text-aa")

    def _show_language(self, words: str, *, icon: str = "") -> None:
        self.language.setText("" if icon else words)
        self.language.set_icon_name(icon)
        self.language.setVisible(bool(words))

    def _hide_saved(self) -> None:
        """The check mark says it as well; a failure keeps its words."""
        self.saved.setVisible(self.saved.role() == "fail")


def _tabular() -> QFont:
    return fonts.list_font(400, tabular=True)

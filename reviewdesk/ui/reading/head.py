"""The head of the reading pane: what can be done with the review, and the way to its neighbours."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from reviewdesk.domain.models import ReviewRow, WorkState
from reviewdesk.domain.text import isolate
from reviewdesk.ui.theme import fonts, metrics, theme
from reviewdesk.ui.widgets import PlainLabel, Separator, ToolButton, set_off

__all__ = ["ReadingHead"]

_WORDS_FROM = 600


class ReadingHead(QWidget):
    """44 px. ``act`` carries the name of an action (``done``, ``snooze``, ``star`` ...), ``step`` +1 or -1.

    ``flag_wanted`` and ``more_wanted`` are answered by the window, which knows what may be reported and what else
    there is to do.
    """

    act = Signal(str)
    step = Signal(int)
    flag_wanted = Signal()
    more_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panehead")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._star_act = "star"
        self.done = ToolButton("check", self.tr("Done"), self, text=self.tr("Done"), cap="E")
        self.reopen = ToolButton(
            "arrow-counter-clockwise", self.tr("Reopen"), self, text=self.tr("Reopen"), cap="Shift E"
        )
        self.reopen.hide()
        self.snooze = ToolButton("moon", self.tr("Snooze"), self, text=self.tr("Snooze"), cap="B")
        self._rule = Separator(self, vertical=True)
        self.star = ToolButton("star", self.tr("Star"), self, cap="S")
        self.flag = ToolButton("flag", self.tr("Report to the provider"), self, cap="!")
        self.tag = ToolButton("tag-simple", self.tr("Tag"), self, cap="L")
        self.owner = ToolButton("user-plus", self.tr("Owner"), self, cap="A")
        self.note = ToolButton("note", self.tr("Note"), self, cap="Shift N")
        self.provider = ToolButton("arrow-square-out", self.tr("Open at the provider"), self, cap="V")
        self.more = ToolButton("dots-three", self.tr("More"), self)
        self._place = PlainLabel(parent=self, role="text-2", font=_tabular, elide=False)
        self.up = ToolButton("caret-up", self.tr("Previous review"), self, cap="K")
        self.down = ToolButton("caret-down", self.tr("Next review"), self, cap="J")
        row = QHBoxLayout(self)
        # Spacings are mirrored in a right-to-left window, margins are not.
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addSpacing(14)
        row.addWidget(self.done)
        row.addWidget(self.reopen)
        row.addSpacing(6)
        row.addWidget(self.snooze)
        row.addSpacing(10)
        row.addWidget(self._rule)
        row.addSpacing(8)
        self._icons = (self.tag, self.owner, self.note, self.flag, self.star, self.provider)
        for button in (*self._icons, self.more):
            row.addWidget(button)
            row.addSpacing(4)
        row.addStretch(1)
        row.addWidget(self._place)
        row.addSpacing(6)
        row.addWidget(self.up)
        row.addWidget(self.down)
        row.addSpacing(8)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.done.clicked.connect(self._on_done)
        self.reopen.clicked.connect(self._on_reopen)
        self.snooze.clicked.connect(self._on_snooze)
        self.star.clicked.connect(self._on_star)
        self.flag.clicked.connect(self.flag_wanted)
        self.tag.clicked.connect(self._on_tag)
        self.owner.clicked.connect(self._on_owner)
        self.note.clicked.connect(self._on_note)
        self.more.clicked.connect(self.more_wanted)
        self.provider.clicked.connect(self._on_provider)
        self.up.clicked.connect(self._on_up)
        self.down.clicked.connect(self._on_down)
        theme().changed.connect(self._fit)

    def set_row(self, row: ReviewRow, *, has_address: bool, provider: str) -> None:
        """What the buttons would do to this review."""
        done = row.work_state is WorkState.DONE
        self.done.setVisible(not done)
        self.reopen.setVisible(done)
        self._star_act = "unstar" if row.starred else "star"
        self._name(self.star, self.tr("Take the star away") if row.starred else self.tr("Star"), "S")
        self.star.set_icon_name("star-fill" if row.starred else "star")
        reason = None
        if not has_address:
            reason = self.tr("{provider} gives no address for this review.").format(provider=provider)
        set_off(self.provider, reason)

    def set_place(self, at: int, count: int) -> None:
        """``1 of 18``; 0 hides it. The buttons at the ends are switched off with a reason."""
        words = ""
        if at > 0 and count > 0:
            words = self.tr("{at} of {count}").format(
                at=self.locale().toString(at), count=self.locale().toString(count)
            )
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        self._place.setText(isolate(words) if mirrored else words)
        set_off(self.up, self.tr("This is the first review of the list.") if at == 1 else None)
        set_off(self.down, self.tr("This is the last review of the list.") if at and at == count else None)
        self._fit()

    def place_words(self) -> str:
        return self._place.text()

    def _name(self, button: ToolButton, name: str, cap: str) -> None:
        button.setAccessibleName(name)
        button.setToolTip(f"{name} ({cap})")

    def sizeHint(self) -> QSize:
        return QSize(400, metrics.pane_head_height())

    def minimumSizeHint(self) -> QSize:
        return QSize(240, metrics.pane_head_height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Words go first, then what the menu at the end reaches as well, the last first; then the place."""
        width = self.width()
        wide = width >= metrics.breakpoint_px(_WORDS_FROM)
        self.done.set_words(wide)
        self.reopen.set_words(wide)
        self.snooze.set_words(wide)
        self._rule.setVisible(wide)
        self._place.setVisible(bool(self._place.text()))
        for button in self._icons:
            button.show()
        row = self.layout()
        less = [self._wordless, *(button.hide for button in reversed(self._icons[1:])), self._place.hide]
        for drop in (*less, self.tag.hide):
            if row is None:
                break
            # Words of another language may be longer than those the widths were made for.
            row.invalidate()
            if row.minimumSize().width() <= width:
                break
            drop()

    def _wordless(self) -> None:
        for button in (self.done, self.reopen, self.snooze):
            button.set_words(False)

    def _on_done(self) -> None:
        self.act.emit("done")

    def _on_reopen(self) -> None:
        self.act.emit("reopen")

    def _on_snooze(self) -> None:
        self.act.emit("snooze")

    def _on_star(self) -> None:
        self.act.emit(self._star_act)

    def _on_tag(self) -> None:
        self.act.emit("tag")

    def _on_owner(self) -> None:
        self.act.emit("owner")

    def _on_note(self) -> None:
        self.act.emit("note")

    def _on_provider(self) -> None:
        self.act.emit("open_provider")

    def _on_up(self) -> None:
        self.step.emit(-1)

    def _on_down(self) -> None:
        self.step.emit(1)


def _tabular() -> QFont:
    return fonts.list_font(400, tabular=True)

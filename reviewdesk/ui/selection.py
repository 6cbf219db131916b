"""What stands in place of the review while several are selected: how many, from where, and what can be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from reviewdesk.domain.capabilities import Capability
from reviewdesk.ui.inbox import words
from reviewdesk.ui.theme import fonts
from reviewdesk.ui.widgets import KeyCap, PlainLabel, Separator
from reviewdesk.ui.widgets.pictogram import Pictogram

if TYPE_CHECKING:
    from reviewdesk.services.core import Core
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["SelectionCard", "Summary", "summary_of"]

_LOOKED_AT = 1_000
"""Of more than these the first are looked at; the words say so."""
_SOON_MS = 80


@dataclass(frozen=True, slots=True)
class Summary:
    """``looked_at`` reviews of the selection: their sources and languages, the oldest, and what they allow."""

    looked_at: int
    sources: int
    languages: int
    oldest_s: float
    answerable: int
    private: int


def summary_of(core: Core, ids: Sequence[int]) -> Summary:
    """Reads; on a pool thread."""
    rows = list(core.inbox.rows(ids[:_LOOKED_AT]).values())
    accounts = {account.id: account for account in core.accounts.list()}
    can = {number: core.accounts.capabilities(account) for number, account in accounts.items()}

    def allowed(account_id: int, *wanted: Capability) -> bool:
        found = can.get(account_id, {})
        return any(kind in found and found[kind].available for kind in wanted)

    now = core.clock.now()
    return Summary(
        looked_at=len(rows),
        sources=len({row.account_id for row in rows}),
        languages=len({row.language for row in rows if row.language}),
        oldest_s=max((now - row.created_at for row in rows), default=0.0),
        answerable=sum(allowed(row.account_id, Capability.REPLY) for row in rows),
        private=sum(
            allowed(row.account_id, Capability.PRIVATE_MESSAGE, Capability.RESOLUTION) for row in rows
        ),
    )


class SelectionCard(QWidget):
    """Follows the selection of one window's list."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._title = PlainLabel(parent=self, font=fonts.title_font)
        self._line = PlainLabel(parent=self, role="text-2", wrap=True)
        self._public = PlainLabel(parent=self)
        self._private = PlainLabel(parent=self)
        column = QVBoxLayout(self)
        column.setContentsMargins(36, 48, 36, 24)
        column.setSpacing(6)
        column.addWidget(Pictogram("selection-all", 20, "text-2", parent=self))
        column.addSpacing(6)
        column.addWidget(self._title)
        column.addWidget(self._line)
        column.addSpacing(8)
        for icon, role, label in (
            ("globe-simple", "public", self._public),
            ("lock-key-fill", "private", self._private),
        ):
            column.addWidget(Separator(self))
            row = QHBoxLayout()
            row.setContentsMargins(0, 8, 0, 8)
            row.setSpacing(12)
            row.addWidget(Pictogram(icon, 16, role, parent=self))
            row.addWidget(label, 1)
            column.addLayout(row)
        column.addWidget(Separator(self))
        foot = QHBoxLayout()
        foot.setContentsMargins(0, 8, 0, 0)
        foot.setSpacing(8)
        for cap, text in (
            ("Esc", self.tr("clears the selection")),
            ("Ctrl Z", self.tr("takes a bulk step back")),
        ):
            foot.addWidget(KeyCap(cap, self))
            foot.addWidget(PlainLabel(text, self, role="text-2"))
            foot.addSpacing(12)
        foot.addStretch(1)
        column.addLayout(foot)
        column.addStretch(1)
        # A selection that grows row by row is read once.
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SOON_MS)
        self._soon.timeout.connect(self._read)
        window.inbox.selection_changed.connect(self._on_selection)
        self.hide()

    def _on_selection(self, count: int) -> None:
        several = count > 1 and self._window.inbox.view.is_several()
        if several:
            self._title.setText(self.tr("{n} reviews selected").format(n=words.figure(count)))
            self.setAccessibleName(self._title.text())
            self._soon.start()
        else:
            self._soon.stop()
        if several == self.isHidden():
            self.setVisible(several)
            self._window.reading.setVisible(not several)

    def _read(self) -> None:
        window = self._window
        ids = window.inbox.selected_ids()
        window.bridge.run(summary_of, window.core, ids, done=self._tell, owner=self, key="selection")

    def _tell(self, found: Summary) -> None:
        parts = [
            self.tr("%n sources", "", found.sources),
            self.tr("%n languages", "", found.languages),
            self.tr("oldest {age}").format(age=words.age(found.oldest_s)),
        ]
        total = len(self._window.inbox.selected_ids())
        if found.looked_at < total:
            parts.append(self.tr("of the first {n}").format(n=words.figure(found.looked_at)))
        self._line.setText(" · ".join(parts))
        self._public.setText(self.tr("%n can be answered here", "", found.answerable))
        self._private.setText(self.tr("%n can get a private message", "", found.private))

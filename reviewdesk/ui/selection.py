"""What stands in place of the review while several are selected: how many, from where, and what can be done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from reviewdesk.domain.capabilities import Capability
from reviewdesk.domain.models import OutboxItem, Target
from reviewdesk.ui.inbox import words
from reviewdesk.ui.theme import fonts
from reviewdesk.ui.widgets import KeyCap, PlainLabel, PushButton, Separator, set_off
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
    """``looked_at`` reviews of the selection: their sources and languages, the oldest, and which allow what."""

    looked_at: int
    sources: int
    languages: int
    oldest_s: float
    answerable: tuple[int, ...]
    elsewhere: tuple[int, ...]
    """Whose source takes no replies from a program."""
    private: tuple[int, ...]
    providers: dict[int, str]
    """The name of each review's source."""

    def by_source(self, ids: Sequence[int]) -> str:
        """``Trustpilot 2, Sitejabber 1``: the most first."""
        found = Counter(self.providers[review_id] for review_id in ids)
        return ", ".join(f"{name} {words.figure(count)}" for name, count in found.most_common())


def summary_of(core: Core, ids: Sequence[int]) -> Summary:
    """Reads; on a pool thread."""
    by_id = core.inbox.rows(ids[:_LOOKED_AT])
    rows = list(by_id.values())
    accounts = {account.id: account for account in core.accounts.list()}
    can = {number: core.accounts.capabilities(account) for number, account in accounts.items()}
    titles = {spec.id: spec.title for spec in core.accounts.specs()}

    def allowed(account_id: int, *wanted: Capability) -> bool:
        found = can.get(account_id, {})
        return any(kind in found and found[kind].available for kind in wanted)

    now = core.clock.now()
    ordered = [by_id[review_id] for review_id in ids[:_LOOKED_AT] if review_id in by_id]
    answerable = tuple(row.id for row in ordered if allowed(row.account_id, Capability.REPLY))
    return Summary(
        looked_at=len(rows),
        sources=len({row.account_id for row in rows}),
        languages=len({row.language for row in rows if row.language}),
        oldest_s=max((now - row.created_at for row in rows), default=0.0),
        answerable=answerable,
        elsewhere=tuple(row.id for row in ordered if row.id not in set(answerable)),
        private=tuple(
            row.id
            for row in ordered
            if allowed(row.account_id, Capability.PRIVATE_MESSAGE, Capability.RESOLUTION)
        ),
        providers={
            row.id: titles.get(account.provider, account.provider)
            for row in rows
            if (account := accounts.get(row.account_id)) is not None
        },
    )


class Turn(QObject):
    """Answers several reviews one after the other: as soon as one is written the next is open."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._left: list[int] = []
        self._all = 0
        self._at = 0
        self._target = Target.PUBLIC
        window.composer.published.connect(self._on_published)
        window.composer.answered.connect(self._on_answered)

    def start(self, ids: Sequence[int], target: Target) -> None:
        """Begin with the first; whoever goes elsewhere meanwhile comes back by writing the reply that is due."""
        self._left, self._all, self._target = list(ids), len(ids), target
        self._next()

    def _next(self) -> None:
        window = self._window
        if not self._left:
            self._at = 0
            window.status.set_hint("")
            return
        self._at = self._left.pop(0)
        window.open_review(self._at)
        window.composer.open(self._at, self._target)
        window.status.set_hint(
            self.tr("Reply {at} of {all}").format(
                at=words.figure(self._all - len(self._left)), all=words.figure(self._all)
            )
        )

    def _on_published(self, item: OutboxItem) -> None:
        if self._at and item.review_id == self._at:
            # After everybody else has heard of it: the composer closes, the list goes on.
            QTimer.singleShot(0, self, self._next)

    def _on_answered(self, *_which: object) -> None:
        if self._at:
            QTimer.singleShot(0, self, self._next)


class _Way(QWidget):
    """One thing that can be done with a part of the selection: icon, words, sources, button."""

    def __init__(self, icon: str, role: str, button: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.title = PlainLabel(parent=self, font=_strong)
        self.line = PlainLabel(parent=self, role="text-2", wrap=True)
        self.button = PushButton(button, self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 10, 0, 10)
        row.setSpacing(12)
        row.addWidget(Pictogram(icon, 16, role, parent=self), 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self.title)
        column.addWidget(self.line)
        row.addLayout(column, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)

    def tell(self, title: str, line: str) -> None:
        self.title.setText(title)
        self.line.setText(line)
        self.button.setAccessibleDescription(f"{title}: {line}")


def _strong() -> QFont:
    return fonts.list_font(500)


class SelectionCard(QWidget):
    """Follows the selection of one window's list."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._title = PlainLabel(parent=self, font=fonts.title_font)
        self._line = PlainLabel(parent=self, role="text-2", wrap=True)
        self.turn = Turn(window)
        self._found: Summary | None = None
        self.public = _Way("globe-simple", "public", self.tr("Reply in turn"), self)
        self.saved = _Way("quotes", "public", self.tr("Choose…"), self)
        self.elsewhere = _Way("arrow-square-out", "text-2", self.tr("Copy and open"), self)
        self.private = _Way("lock-key-fill", "private", self.tr("Write"), self)
        self.flag = _Way("flag", "text-2", self.tr("Report"), self)
        reason = self.tr("Off: every source has its own reasons, so report one review at a time")
        self.flag.tell(self.tr("Report to the source"), reason)
        set_off(self.flag.button, reason)
        self.public.button.clicked.connect(partial(self._take, "answerable", Target.PUBLIC))
        self.saved.button.clicked.connect(partial(window.actions_.trigger, "bulk-reply"))
        self.elsewhere.button.clicked.connect(partial(self._take, "elsewhere", Target.PUBLIC))
        self.private.button.clicked.connect(partial(self._take, "private", Target.PRIVATE))
        column = QVBoxLayout(self)
        column.setContentsMargins(36, 48, 36, 24)
        column.setSpacing(6)
        column.addWidget(Pictogram("selection-all", 20, "text-2", parent=self))
        column.addSpacing(6)
        column.addWidget(self._title)
        column.addWidget(self._line)
        column.addSpacing(8)
        for way in (self.public, self.saved, self.elsewhere, self.private, self.flag):
            column.addWidget(Separator(self))
            column.addWidget(way)
        column.addWidget(Separator(self))
        foot = QVBoxLayout()
        foot.setContentsMargins(0, 8, 0, 0)
        foot.setSpacing(6)
        for cap, text in (
            ("Esc", self.tr("clears the selection")),
            ("Ctrl Z", self.tr("takes a bulk step back")),
        ):
            line = QHBoxLayout()
            line.setSpacing(8)
            line.addWidget(KeyCap(cap, self))
            line.addWidget(PlainLabel(text, self, role="text-2"), 1)
            foot.addLayout(line)
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
        self._found = found
        for way, ids, title in (
            (self.public, found.answerable, self.tr("%n can be answered here", "", len(found.answerable))),
            (
                self.elsewhere,
                found.elsewhere,
                self.tr("%n are answered at the source", "", len(found.elsewhere)),
            ),
            (self.private, found.private, self.tr("%n can get a private message", "", len(found.private))),
        ):
            way.tell(title, found.by_source(ids))
            way.setVisible(bool(ids))
        saved = self.tr("%n with one saved reply", "", len(found.answerable))
        self.saved.tell(saved, self.tr("Each text is shown before anything is published"))
        self.saved.setVisible(bool(found.answerable))

    def _take(self, which: str, target: Target) -> None:
        if self._found is not None:
            self.turn.start(getattr(self._found, which), target)

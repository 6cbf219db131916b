"""The activity panel: everything that was noticed, newest first, searchable, with what to do about it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QDateTime, QLocale, QObject, Signal
from PySide6.QtWidgets import QApplication

from reviewdesk.services.events import Notice, NoticeLevel, SyncPhase, SyncStatus
from reviewdesk.ui.picker import Choice, Picker

if TYPE_CHECKING:
    from reviewdesk.ui.bridge import Bridge

__all__ = ["Activity"]

KEPT = 500
_ICONS = {
    NoticeLevel.INFO: ("info", "text-2"),
    NoticeLevel.WARNING: ("warning-fill", "warn"),
    NoticeLevel.ERROR: ("warning-circle-fill", "fail"),
}


@dataclass(frozen=True, slots=True)
class _Entry:
    number: int
    notice: Notice
    door: tuple[str, Callable[[], object]] | None = None


class Activity(QObject):
    """Keeps the last ``KEPT`` notices of this run. ``unseen_changed``: how many warnings nobody looked at yet."""

    unseen_changed = Signal(int)

    def __init__(
        self,
        bridge: Bridge,
        picker: Picker,
        names: Callable[[], dict[int, str]],
        remedies: Callable[[Notice], Sequence[tuple[str, Callable[[], object]]]],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._bridge, self._picker, self._names, self._remedies = bridge, picker, names, remedies
        self._entries: deque[_Entry] = deque(maxlen=KEPT)
        self._phases: dict[int, SyncPhase] = {}
        self._offline: dict[int, int] = {}
        self._number = 0
        self._unseen = 0
        bridge.notice.connect(self._on_notice)
        bridge.status.connect(self._on_status)

    def entries(self) -> list[Notice]:
        """Newest first."""
        return [entry.notice for entry in reversed(self._entries)]

    def unseen(self) -> int:
        return self._unseen

    def _on_notice(self, notice: Notice) -> None:
        # What came into views is said with a door to them (ui/arrivals.py).
        if not notice.arrived:
            self.add(notice)

    def add(self, notice: Notice, *, door: tuple[str, Callable[[], object]] | None = None) -> None:
        """Write a notice down; the same one again only moves its time. ``door``: words, and where Enter leads.

        What tells why an account is offline takes the place of the line that it is.
        """
        self._number += 1
        at = notice.at or self._bridge.core.clock.now()
        noted = Notice(notice.level, notice.message, notice.remedy, notice.account_id, at)
        last = self._entries[-1].notice if self._entries else None
        if (
            door is None
            and last is not None
            and (last.level, last.message, last.account_id)
            == (
                noted.level,
                noted.message,
                noted.account_id,
            )
        ):
            self._entries.pop()
        elif noted.level is not NoticeLevel.INFO:
            self._unseen += 1
            self.unseen_changed.emit(self._unseen)
        if noted.account_id is not None and noted.level is not NoticeLevel.INFO:
            bare = self._offline.pop(noted.account_id, 0)
            self._entries = deque((e for e in self._entries if e.number != bare), KEPT)
        self._entries.append(_Entry(self._number, noted, door))
        if self._picker.isVisible() and self._picker.name == "activity":
            self._picker.refresh()

    def open(self) -> None:
        """Show the panel; what is in it counts as seen."""
        self._unseen = 0
        self.unseen_changed.emit(0)
        self._picker.ask(
            "activity",
            self._offer,
            title=self.tr("Activity"),
            placeholder=self.tr("Search in activity"),
            corner=True,
        )

    def _offer(self, _typed: str) -> list[Choice]:
        names = self._names()
        found = []
        for entry in reversed(self._entries):
            notice = entry.notice
            icon, role = _ICONS[notice.level]
            when = QLocale().toString(
                QDateTime.fromSecsSinceEpoch(int(notice.at)).time(), QLocale.FormatType.ShortFormat
            )
            account = names.get(notice.account_id or 0, "")
            more = "  ".join(part for part in (when, account, notice.remedy) if part)
            remedies = self._remedies(notice) if notice.level is not NoticeLevel.INFO else ()
            # What mends it stands at its end and is what Enter does; else its words go to the clipboard.
            doors = (entry.door,) if entry.door is not None else remedies
            hint, run = doors[0] if doors else (self.tr("Copy"), partial(self._copy, notice))
            found.append(
                Choice(
                    str(entry.number), notice.message, run, icon=icon, icon_role=role, more=more, hint=hint
                )
            )
        if not found:
            found.append(Choice("none", self.tr("Nothing has happened yet"), _nothing, icon="check"))
        return found

    @staticmethod
    def _copy(notice: Notice) -> None:
        QApplication.clipboard().setText(f"{notice.message} {notice.remedy}".strip())

    def _on_status(self, status: SyncStatus) -> None:
        before = self._phases.get(status.account_id)
        self._phases[status.account_id] = status.phase
        if before is status.phase:
            return
        name = self._names().get(status.account_id, "")
        if status.phase is SyncPhase.OFFLINE:
            message = status.message or self.tr("{account} cannot be reached").format(account=name)
            self.add(Notice(NoticeLevel.INFO, message, "", status.account_id))
            self._offline[status.account_id] = self._number
        elif status.phase is SyncPhase.IDLE and before is SyncPhase.RUNNING:
            message = self.tr("{account} is up to date").format(account=name)
            self.add(Notice(NoticeLevel.INFO, message, "", status.account_id))


def _nothing() -> None:
    """An entry that only says something."""

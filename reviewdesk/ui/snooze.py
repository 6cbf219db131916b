"""Until when to snooze: a few moments that people mean, in the machine's own time zone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, QObject, QTime

from reviewdesk.ui.when import moment_words

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["Moment", "Woken", "add_to", "moments"]


@dataclass(frozen=True, slots=True)
class Moment:
    """``until_s`` UTC seconds; ``shown`` the time as the menu shows it."""

    title: str
    until_s: int
    shown: str


def moments(now: float) -> tuple[Moment, ...]:
    """Later today (while there is a later), tomorrow, Monday, in a week; all in working hours."""
    translate = QCoreApplication.translate
    here = QDateTime.fromSecsSinceEpoch(int(now))
    today = here.date()
    morning = QTime(9, 0)
    found: list[tuple[str, QDateTime]] = []
    if here.time() < QTime(16, 0):
        found.append((translate("snooze", "Later today"), QDateTime(today, QTime(17, 0))))
    found.append((translate("snooze", "Tomorrow"), QDateTime(today.addDays(1), morning)))
    to_monday = 8 - today.dayOfWeek()
    if to_monday > 1:
        found.append((translate("snooze", "Monday"), QDateTime(today.addDays(to_monday), morning)))
    found.append((translate("snooze", "In a week"), QDateTime(today.addDays(7), morning)))
    return tuple(
        Moment(title, when.toSecsSinceEpoch(), _shown(when, when.date() == today)) for title, when in found
    )


def _shown(when: QDateTime, today: bool) -> str:
    time = when.time().toString("HH:mm")
    if today:
        return time
    return f"{QLocale().standaloneDayName(when.date().dayOfWeek(), QLocale.FormatType.ShortFormat)} {time}"


def add_to(window: MainWindow) -> None:
    """The offer to put back to sleep what a customer woke early; the pane that is there now learns of the targets."""
    Woken(window)
    window.read_targets()


class Woken(QObject):
    """A bar over the review that woke before its time: until when it was to sleep, and the way back there."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._closed: set[tuple[int, int]] = set()
        self._offered = (0, 0)
        window.reading.filled.connect(self._on_filled)
        window.reading.bar.closed.connect(self._on_closed)

    def _on_filled(self) -> None:
        window = self._window
        detail, bar = window.reading.detail(), window.reading.bar
        row = detail.row if detail is not None else None
        until = window.choosing.woken_early(row) if row is not None else 0
        offer = (row.id, until) if row is not None and until else (0, 0)
        if offer == self._offered and not bar.isHidden():
            return
        if self._offered[1] and not offer[1]:
            bar.hide()
        self._offered = offer
        if not offer[1] or offer in self._closed:
            return
        when = moment_words(until, window.core.clock.now())
        bar.show_message(
            "info",
            self.tr("The customer was faster: this was snoozed until {time}").format(time=when),
            icon="moon",
            buttons=(
                (self.tr("Snooze again until then"), partial(window.choosing.snooze_again, [offer[0]])),
            ),
        )

    def _on_closed(self) -> None:
        if self._offered[1]:
            self._closed.add(self._offered)

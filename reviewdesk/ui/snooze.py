"""Until when to snooze: a few moments that people mean, in the machine's own time zone."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, QTime

__all__ = ["Moment", "moments"]


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
